from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_epochs"),
    ]

    operations = [
        migrations.AddField(
            model_name="token",
            name="organisations",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="token",
            name="grade",
            field=models.CharField(default="core", max_length=20),
        ),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(("grade__in", ["general", "sensitive", "important", "core"])),
                name="token_grade_known",
            ),
        ),
    ]
