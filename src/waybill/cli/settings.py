"""``waybill settings``: every setting, its value and its meaning."""

from __future__ import annotations

from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import write_json, write_table


def command(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """Show every setting with its value and meaning. Set them in waybill.toml or as WAYBILL_* variables."""
    from waybill.flow.settings import Settings, load_settings

    settings = load_settings(data)
    if json:
        write_json(settings.model_dump(mode="json"))
        return
    rows = ([name, getattr(settings, name), field.description] for name, field in Settings.model_fields.items())
    write_table(say("setting|value|meaning", "设置|值|含义").split("|"), rows)
