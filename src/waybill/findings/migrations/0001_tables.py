"""The first tables."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DetectorState",
            fields=[
                ("detector", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("cursor", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="ExceptionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.CharField(max_length=200)),
                ("reason", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("rule_id", models.CharField(blank=True, default="", max_length=200)),
                ("subject", models.TextField(blank=True, default="")),
                ("asset", models.TextField(blank=True, default="")),
                ("channel", models.CharField(blank=True, default="", max_length=20)),
                ("source", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("owner", ""), _negated=True), models.Q(("reason", ""), _negated=True)
                        ),
                        name="exception_is_owned",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="exception_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("asset", ""),
                            ("channel", ""),
                            ("rule_id", ""),
                            ("source", ""),
                            ("subject", ""),
                            _negated=True,
                        ),
                        name="exception_restricts_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("detector", models.CharField(max_length=100)),
                ("rule_id", models.CharField(max_length=200)),
                ("severity", models.PositiveSmallIntegerField()),
                ("score", models.FloatField()),
                ("time", models.DateTimeField()),
                ("last_time", models.DateTimeField()),
                ("subject", models.TextField(blank=True, default="")),
                ("asset", models.TextField(blank=True, default="")),
                ("channel", models.CharField(blank=True, default="", max_length=20)),
                ("source", models.CharField(max_length=200)),
                ("statement", models.TextField()),
                ("state", models.CharField(default="new", max_length=20)),
                ("first_seen", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                (
                    "exception",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="findings",
                        to="findings.exceptionrule",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FindingHistory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("who", models.CharField(max_length=200)),
                ("before", models.CharField(max_length=20)),
                ("after", models.CharField(max_length=20)),
                ("reason", models.TextField()),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="history", to="findings.finding"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FindingTransfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("transfer", models.BinaryField(db_index=True)),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="evidence", to="findings.finding"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DetectorMemory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.TextField()),
                ("value", models.TextField()),
                (
                    "detector",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memory", to="findings.detectorstate"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("detector", "key"), name="memory_once_per_key")],
            },
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["time", "id"], name="finding_by_time"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["state", "time", "id"], name="finding_by_state"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["source", "time", "id"], name="finding_by_source"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["rule_id", "time", "id"], name="finding_by_rule"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["subject", "time", "id"], name="finding_by_subject"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["asset", "time", "id"], name="finding_by_asset"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["new", "in_progress", "resolved", "false_positive", "excepted", "summarised"])
                ),
                name="finding_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("severity__range", (1, 5))), name="finding_severity_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="findingtransfer",
            constraint=models.UniqueConstraint(fields=("finding", "transfer"), name="evidence_once"),
        ),
    ]
