from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0005_counters")]

    operations = [
        migrations.AddField("permit", "max_kilograms", models.DecimalField(decimal_places=6, max_digits=18, null=True)),
        migrations.AddField("permit", "end_use", models.CharField(blank=True, default="", max_length=400)),
        migrations.AddField("permit", "suspended_from", models.DateTimeField(null=True)),
        migrations.AddField("permit", "suspended_until", models.DateTimeField(null=True)),
    ]
