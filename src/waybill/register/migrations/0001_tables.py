"""The first tables."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Asset",
            fields=[
                ("id", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=400)),
                ("kind", models.CharField(max_length=20)),
                ("grade", models.CharField(max_length=20)),
                ("owner", models.CharField(blank=True, default="", max_length=200)),
                ("public_interest", models.BooleanField(default=False)),
                ("patterns", models.TextField(blank=True, default="")),
            ],
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("pseudonym", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pseudonym", ""), _negated=True), name="identity_has_pseudonym"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("org", models.CharField(blank=True, db_index=True, default="", max_length=200)),
                ("jurisdiction", models.CharField(blank=True, default="", max_length=2)),
                ("roles", models.TextField(blank=True, default="")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", ""), _negated=True), name="party_has_id"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["person", "service", "organisation", "site"])),
                        name="party_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, default="", max_length=400)),
                ("jurisdiction", models.CharField(blank=True, default="", max_length=2)),
                ("patterns", models.TextField(blank=True, default="")),
                ("approved_egress", models.BooleanField(default=False)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="register.place",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Permit",
            fields=[
                ("id", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("party", models.CharField(blank=True, db_index=True, default="", max_length=200)),
                ("jurisdiction", models.CharField(blank=True, default="", max_length=2)),
                ("channel", models.CharField(blank=True, default="", max_length=20)),
                ("valid_from", models.DateTimeField(null=True)),
                ("valid_until", models.DateTimeField(null=True)),
                ("max_bytes", models.BigIntegerField(null=True)),
                ("max_records", models.BigIntegerField(null=True)),
                ("basis", models.TextField(blank=True, default="")),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="permits", to="register.asset"
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="permits",
                        to="register.place",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="asset",
            name="home",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="assets", to="register.place"
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(condition=models.Q(("id", ""), _negated=True), name="place_has_id"),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent__isnull", True), models.Q(("parent", models.F("id")), _negated=True), _connector="OR"
                ),
                name="place_not_in_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="permit",
            constraint=models.CheckConstraint(condition=models.Q(("id", ""), _negated=True), name="permit_has_id"),
        ),
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
                            "host",
                            "other",
                            "",
                        ],
                    )
                ),
                name="permit_channel_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="permit",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_bytes__isnull", True), ("max_bytes__gte", 0), _connector="OR"),
                name="permit_bytes_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="permit",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_records__isnull", True), ("max_records__gte", 0), _connector="OR"),
                name="permit_records_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="permit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_from__isnull", True),
                    ("valid_until__isnull", True),
                    ("valid_until__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="permit_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(condition=models.Q(("id", ""), _negated=True), name="asset_has_id"),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["data", "document", "code", "material", "device", "credential", "know-how"])
                ),
                name="asset_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(("grade__in", ["general", "sensitive", "important", "core"])),
                name="asset_grade_known",
            ),
        ),
    ]
