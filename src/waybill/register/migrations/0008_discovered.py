from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0007_law")]

    operations = [
        migrations.CreateModel(
            name="Discovered",
            fields=[
                ("id", models.CharField(max_length=24, primary_key=True, serialize=False)),
                ("place", models.TextField(db_index=True)),
                ("name", models.TextField()),
                ("version", models.CharField(blank=True, default="", max_length=200)),
                ("basis", models.CharField(blank=True, default="", max_length=64)),
                ("grade", models.CharField(max_length=20)),
                ("partial", models.BooleanField(default=False)),
                ("telling", models.BooleanField(default=False)),
                ("inspected_at", models.DateTimeField()),
                ("gone_at", models.DateTimeField(null=True)),
                ("body", models.TextField()),
                ("asset", models.CharField(blank=True, default="", max_length=200)),
                ("confirmed", models.CharField(blank=True, default="", max_length=20)),
                ("confirmed_by", models.CharField(blank=True, default="", max_length=200)),
                ("confirmed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["grade", "place"], name="discovered_by_grade")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(grade__in=["general", "sensitive", "important", "core"]),
                        name="discovered_grade_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(confirmed="") | ~models.Q(confirmed_by=""),
                        name="discovered_confirmed_by_somebody",
                    ),
                ],
            },
        ),
    ]
