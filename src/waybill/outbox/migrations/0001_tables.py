"""The first tables."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Row",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record", models.CharField(max_length=32, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("reference", models.CharField(blank=True, default="", max_length=200)),
                ("subject", models.CharField(blank=True, default="", max_length=200)),
                ("content", models.TextField()),
                ("recorded_at", models.DateTimeField()),
                ("log", models.CharField(blank=True, default="", max_length=255)),
                ("index", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Gap",
            fields=[
                (
                    "batch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="gap",
                        serialize=False,
                        to="outbox.row",
                    ),
                ),
                ("members", models.BinaryField()),
            ],
        ),
        migrations.AddIndex(
            model_name="row",
            index=models.Index(condition=models.Q(("index__isnull", True)), fields=["id"], name="row_waiting"),
        ),
        migrations.AddIndex(
            model_name="row",
            index=models.Index(fields=["kind", "reference", "id"], name="row_by_reference"),
        ),
        migrations.AddIndex(
            model_name="row",
            index=models.Index(
                condition=models.Q(("subject", ""), _negated=True), fields=["subject"], name="row_by_subject"
            ),
        ),
        migrations.AddConstraint(
            model_name="row",
            constraint=models.UniqueConstraint(
                condition=models.Q(("index__isnull", False)), fields=("log", "index"), name="row_once_per_index"
            ),
        ),
    ]
