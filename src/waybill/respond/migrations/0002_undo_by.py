"""Runs say by when they are to be undone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column."""

    dependencies = [("respond", "0001_tables")]

    operations = [
        migrations.AddField(model_name="run", name="undo_by", field=models.DateTimeField(null=True)),
    ]
