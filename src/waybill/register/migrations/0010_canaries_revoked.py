from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0009_canaries")]

    operations = [
        migrations.AddField("canary", "revoked_at", models.DateTimeField(null=True)),
        migrations.AddField("canary", "revoked_by", models.CharField(blank=True, default="", max_length=200)),
        migrations.AddField("canary", "revoked_because", models.TextField(blank=True, default="")),
    ]
