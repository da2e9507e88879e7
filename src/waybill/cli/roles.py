"""``waybill roles``: sensitive posts, who holds them, and what must be done before somebody comes or goes."""

from __future__ import annotations

import getpass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from waybill.cli import options
from waybill.cli.assess import is_permitted, print_answer, words
from waybill.cli.language import say
from waybill.cli.output import out, write_json, write_table
from waybill.cli.sequel import sequence_now

if TYPE_CHECKING:
    from waybill.flow.installation import Installation
    from waybill.flow.law import roles
    from waybill.register.posts import Holding

app = typer.Typer(help="Sensitive posts: who holds them, comes and goes, and what rules ask.", no_args_is_help=True)

PostId = Annotated[str, typer.Argument(help="Id of the post.", metavar="POST")]
Person = Annotated[str, typer.Argument(help="The person, as logs or the register name him or her.", metavar="PERSON")]
Day = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day.", metavar="DAY")]
MaybeDay = datetime | None
_FORMATS = ["%Y-%m-%d"]


@app.command()
def define(
    post: PostId,
    title: Annotated[str, typer.Option(help="What it is called.")],
    *,
    org: Annotated[str, typer.Option(help="Organisation it belongs to.")] = "",
    secrecy: Annotated[str, typer.Option(help="Access to state secrets: none, general, important, core.")] = "none",
    asset: Annotated[list[str] | None, typer.Option(help="An asset its holder knows; may be repeated.")] = None,
    approver: Annotated[str, typer.Option(help="Post whose holder approves journeys and moves.")] = "",
    rotation: Annotated[int | None, typer.Option(min=1, help="Months after which it changes hands.")] = None,
    vetting: Annotated[int | None, typer.Option(min=1, help="Months that a vetting counts.")] = None,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Keep a sensitive post, new or changed.

    Example: waybill roles define furnace-lead --title "Head of sintering" --secrecy important --asset recipes
    """
    from waybill.flow.installation import Installation
    from waybill.register import posts

    installation = Installation.open(data, create=True)
    one = posts.Post(
        id=post,
        title=title,
        org=org,
        secrecy_class=secrecy,
        assets=tuple(asset or ()),
        approver=approver,
        rotation_months=rotation,
        vetting_months=vetting,
    )
    posts.define(one, who=getpass.getuser())
    sequence_now(installation)


@app.command()
def take(
    post: PostId,
    person: Person,
    on: Day,
    *,
    vetted: Annotated[MaybeDay, typer.Option(formats=_FORMATS, help="When the person was vetted.")] = None,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Put a person on a post; what must be done first is told. It is kept as a transfer of know-how.

    Example: waybill roles take furnace-lead li.na --on 2026-11-01 --vetted 2026-10-20
    """
    from waybill.flow.installation import Installation
    from waybill.flow.law import roles

    installation = Installation.open(data)
    known = roles.person_of(installation, person)
    held = roles.take(installation, post, known, on.date(), vetted.date() if vetted else None, who=getpass.getuser())
    _print_checklist(installation, held)
    sequence_now(installation)


@app.command()
def leave(
    post: PostId,
    person: Person,
    on: Day,
    *,
    to: Annotated[str, typer.Option(help="The next employer, as far as it is known.")] = "",
    country: Annotated[str, typer.Option(help="The country of it (ISO 3166-1), such as DE.")] = "",
    secret_until: Annotated[MaybeDay, typer.Option(formats=_FORMATS, help="Last day of the de-secrecy period.")] = None,
    compete_until: Annotated[MaybeDay, typer.Option(formats=_FORMATS, help="Last day of a non-compete.")] = None,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Keep that a person leaves a post; the checklist is told. What the person knows moves: detectors judge that.

    Example: waybill roles leave furnace-lead li.na --on 2026-11-30 --to "Nordic Magnets" --country SE
    """
    from waybill.flow import people
    from waybill.flow.installation import Installation
    from waybill.flow.law import roles
    from waybill.register.posts import Leaving
    from waybill.rulebook.facts import read_facts

    installation = Installation.open(data)
    told = Leaving(
        on=on.date(),
        goes_to=people.without_names(installation, to),
        goes_to_country=str(read_facts({"to_country": country}).get("to_country", "")),
        secret_until=secret_until.date() if secret_until else None,
        compete_until=compete_until.date() if compete_until else None,
    )
    known = roles.person_of(installation, person)
    _print_checklist(installation, roles.leave(installation, post, known, told, who=getpass.getuser()))
    sequence_now(installation)


@app.command()
def done(
    post: PostId,
    person: Person,
    step: Annotated[str, typer.Argument(help="A step of the checklist, such as access_revoked.", metavar="STEP")],
    *,
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Say that a step is done: who and when go into the ledger.

    Example: waybill roles done furnace-lead li.na access_revoked
    """
    from waybill.flow.installation import Installation
    from waybill.flow.law import roles
    from waybill.register import posts

    installation = Installation.open(data)
    known = roles.person_of(installation, person)
    _print_checklist(installation, posts.do(post, known, step, who=getpass.getuser()))
    sequence_now(installation)


@app.command()
def journey(
    post: PostId,
    person: Person,
    country: Annotated[str, typer.Argument(help="Where to (ISO 3166-1), such as SE.", metavar="COUNTRY")],
    *,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Tell what the rules say of a journey abroad, and who approves it. Exits 1 if anything is to be had first.

    Example: waybill roles journey furnace-lead li.na SE
    """
    from waybill.flow.installation import Installation
    from waybill.flow.law import roles
    from waybill.rulebook.facts import read_facts

    to = str(read_facts({"to_country": country})["to_country"])
    installation = Installation.open(data)
    held = _holding(post, roles.person_of(installation, person))
    answers, approve = roles.journey(installation, held, to, _today()), roles.approvers(held)
    if json:
        write_json({"answers": answers, "approvers": approve})
    else:
        for answer in answers:
            print_answer(answer)
        out.print(say("approved by ", "审批人 ") + (", ".join(approve) or say("nobody named", "未指定")))
    if not is_permitted(answers):
        raise typer.Exit(1)


@app.command("list")
def list_(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List the posts, who holds or held each, and how many steps are undone."""
    from waybill.flow.installation import Installation
    from waybill.flow.law import roles
    from waybill.register import posts

    installation = Installation.open(data)
    held, today = posts.holdings(), _today()
    if json:
        write_json({"posts": posts.every(), "holdings": held})
        return
    book, rows = installation.law.current(), []
    for post in posts.every():
        of_post = [one for one in held if one.post.id == post.id]
        rows += [_cells(one, roles.checklist(book, one, today)) for one in of_post] or [[post.id, post.title]]
    columns = say(
        "post|title|person|since|vetted|left|secret until|undone", "岗位|名称|人员|上岗|审查|离岗|脱密期至|未完成"
    )
    write_table(columns.split("|"), ([*row, *[""] * (8 - len(row))] for row in rows))


@app.command()
def checklist(
    post: PostId, person: Person, *, data: options.Data = options.DEFAULT_DATA, json: options.Json = False
) -> None:
    """Show what the rules ask for before this person takes or leaves the post, with the rule and its quote."""
    from waybill.flow.installation import Installation
    from waybill.flow.law import roles

    installation = Installation.open(data)
    held = _holding(post, roles.person_of(installation, person))
    if json:
        write_json(roles.checklist(installation.law.current(), held, _today()))
    else:
        _print_checklist(installation, held)


def _holding(post: str, person: str) -> Holding:
    from waybill.model.errors import UsageError
    from waybill.register import posts

    found = next((one for one in posts.holdings() if one.post.id == post and one.person == person), None)
    if found is None:
        raise UsageError("this person does not hold the post", where=f"{post}: {person}")
    return found


def _cells(one: Holding, steps: list[roles.ChecklistStep]) -> list[object]:
    undone = ", ".join(step.fact for step in steps if step.fact and not step.done)
    days = [one.since, one.vetted_on or "", one.left_on or "", one.secret_until or ""]
    return [one.post.id, one.post.title, one.person, *days, undone]


def _print_checklist(installation: Installation, held: Holding) -> None:
    from waybill.flow.law import roles

    for step in roles.checklist(installation.law.current(), held, _today()):
        mark = "[green]✓[/]" if step.done else "[yellow]○[/]" if step.fact else "•"
        doubt = "" if step.verified else say(" (unverified)", "（未核实）")
        out.print(f"{mark} {words(step.what)} [dim]{step.fact} {step.rule}[/]{doubt} {step.done}")


def _today() -> date:
    return datetime.now(UTC).date()
