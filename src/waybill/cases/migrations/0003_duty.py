"""Who is on call: shifts, swaps, hand-overs."""

import django.db.models.deletion
from django.db import migrations, models

NAME = 200


class Migration(migrations.Migration):
    """Three tables."""

    dependencies = [("cases", "0002_protected_transfers")]

    operations = [
        migrations.CreateModel(
            name="Shift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person", models.CharField(max_length=NAME)),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["ends_at"], name="duty_shift_by_end")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(ends_at__gt=models.F("begins_at")), name="duty_shift_lasts"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ShiftSwap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "shift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="swaps", to="cases.shift"
                    ),
                ),
                ("asked_by", models.CharField(max_length=NAME)),
                ("to", models.CharField(max_length=NAME)),
                ("reason", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("taken", models.BooleanField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "shift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="handovers", to="cases.shift"
                    ),
                ),
                ("by", models.CharField(max_length=NAME)),
                ("to", models.CharField(max_length=NAME)),
                ("note", models.TextField()),
                ("at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
