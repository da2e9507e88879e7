"""Runs rest without names: what was told exactly is sealed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column in each table."""

    dependencies = [("respond", "0002_undo_by")]

    operations = [
        migrations.AddField(model_name="run", name="sealed", field=models.BinaryField(default=b"")),
        migrations.AddField(model_name="runact", name="sealed", field=models.BinaryField(default=b"")),
    ]
