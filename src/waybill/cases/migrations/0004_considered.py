"""Which findings were looked at for cases, so that none is looked at twice."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """One table."""

    dependencies = [("cases", "0003_duty"), ("findings", "0002_alerts")]

    operations = [
        migrations.CreateModel(
            name="Considered",
            fields=[
                (
                    "finding",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="considered",
                        serialize=False,
                        to="findings.finding",
                    ),
                ),
                ("until", models.DateTimeField()),
            ],
        ),
    ]
