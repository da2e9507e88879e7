import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("register", "0006_licences"),
    ]

    operations = [
        migrations.CreateModel(
            name="AssetProfile",
            fields=[
                ("asset", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("facts", models.TextField(blank=True, default="{}")),
                ("said_by", models.CharField(blank=True, default="", max_length=200)),
                ("said_at", models.DateTimeField(null=True)),
                ("grade", models.CharField(blank=True, default="", max_length=20)),
                ("graded_by", models.CharField(blank=True, default="", max_length=200)),
                ("graded_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True, default="")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("grade", ""),
                            models.Q(
                                models.Q(("graded_by", ""), _negated=True), models.Q(("reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="asset_grade_confirmed_by_somebody",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=400)),
                ("org", models.CharField(blank=True, default="", max_length=200)),
                ("secrecy_class", models.CharField(default="none", max_length=20)),
                ("assets", models.TextField(blank=True, default="")),
                ("approver", models.CharField(blank=True, default="", max_length=200)),
                ("rotation_months", models.IntegerField(null=True)),
                ("vetting_months", models.IntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", ""), _negated=True), name="post_has_id"),
                    models.CheckConstraint(
                        condition=models.Q(("approver", models.F("id")), _negated=True),
                        name="post_not_its_own_approver",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provision", models.CharField(db_index=True, max_length=200)),
                ("quote", models.TextField()),
                ("quote_sha256", models.CharField(max_length=64)),
                ("source", models.TextField()),
                ("by", models.CharField(max_length=200)),
                ("on", models.DateField()),
                ("review_on", models.DateField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quote", ""), _negated=True), models.Q(("source", ""), _negated=True)
                        ),
                        name="verification_has_text",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("review_on__gt", models.F("on"))), name="verification_ends"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Holding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person", models.CharField(db_index=True, max_length=200)),
                ("since", models.DateField()),
                ("vetted_on", models.DateField(null=True)),
                ("left_on", models.DateField(null=True)),
                ("secret_until", models.DateField(null=True)),
                ("compete_until", models.DateField(null=True)),
                ("goes_to", models.CharField(blank=True, default="", max_length=200)),
                ("goes_to_country", models.CharField(blank=True, default="", max_length=2)),
                ("done", models.TextField(blank=True, default="{}")),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="holdings", to="register.post"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_on__isnull", True)), fields=("post", "person"), name="post_held_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left_on__isnull", True), ("left_on__gte", models.F("since")), _connector="OR"
                        ),
                        name="post_left_after_it_was_taken",
                    ),
                ],
            },
        ),
    ]
