"""``waybill survey drift``: what a program can do since it was approved that it could not do before."""

from __future__ import annotations

from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.survey_options import Baseline, Keep, Register, Trusted, Written
from waybill.cli.survey_running import Wish, run


def drift(
    old: Annotated[
        str, typer.Argument(help="A folder, a manifest, or a revision of the repository of NEW.", metavar="OLD")
    ],
    new: Annotated[str, typer.Argument(help="The folder of the program as it is now.", metavar="NEW")],
    *,
    trusted: Trusted = None,
    register: Register = None,
    data: Keep = None,
    baseline: Baseline = None,
    form: Written = None,
    json: options.Json = False,
    output: options.Output = None,
) -> None:
    """Tell what code can do that it could not when it was approved: hosts, ways out, personal data, programs, ciphers.

    It is told module by module; personal data that newly meet a host the program did not know are critical. A manifest
    keeps hashes alone, so what was approved is those files that still are as it says. Exits 0 if nothing is new, 1 if
    something is.

    Examples:

    \b
      waybill survey drift v2.3 shop/
      waybill survey drift shop.json /srv/shop --trusted approver.pub
    """
    from waybill.exposure.drift import read

    keys = tuple(trusted or ())
    target = f"{new} since {old}"
    run(Wish("code", [target], register, data, form, json, output, None, baseline, lambda _: read(old, new, keys)))
