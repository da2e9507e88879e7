"""Further names of people, and permits for the channel ``employment``."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table of sealed aliases, and a word to those a permit's channel may hold."""

    dependencies: ClassVar = [("register", "0001_tables")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Alias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pseudonym", models.CharField(db_index=True, max_length=200)),
                ("sealed", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pseudonym", ""), _negated=True), name="alias_has_pseudonym"
                    )
                ],
            },
        ),
        migrations.RemoveConstraint(model_name="permit", name="permit_channel_known"),
        migrations.AddConstraint(
            model_name="permit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "channel__in",
                        [
                            "email",
                            "usb",
                            "cloud-storage",
                            "cloud-api",
                            "web",
                            "file",
                            "database",
                            "network",
                            "code",
                            "print",
                            "freight",
                            "chat",
                            "employment",
                            "host",
                            "other",
                            "",
                        ],
                    )
                ),
                name="permit_channel_known",
            ),
        ),
    ]
