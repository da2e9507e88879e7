from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0008_discovered")]

    operations = [
        migrations.CreateModel(
            name="Canary",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("document", models.CharField(max_length=400)),
                ("asset", models.CharField(max_length=200)),
                ("recipient", models.CharField(max_length=200)),
                ("reason", models.TextField()),
                ("asked_by", models.CharField(max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("decided_by", models.CharField(blank=True, default="", max_length=200)),
                ("decided_at", models.DateTimeField(null=True)),
                ("approved", models.BooleanField(null=True)),
                ("answer", models.TextField(blank=True, default="")),
                ("made_at", models.DateTimeField(null=True)),
                ("values", models.TextField(blank=True, default="")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=~models.Q(reason=""), name="canary_has_reason"),
                    models.CheckConstraint(condition=~models.Q(asset=""), name="canary_has_asset"),
                    models.CheckConstraint(condition=~models.Q(asked_by=models.F("decided_by")), name="canary_by_two"),
                ],
            },
        ),
    ]
