"""Messages of playbooks on their way."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One table."""

    dependencies = [("respond", "0003_sealed")]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("receiver", models.CharField(max_length=200)),
                ("message", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
            ],
            options={"indexes": [models.Index(fields=["sent_at", "next_at"], name="notice_due")]},
        ),
    ]
