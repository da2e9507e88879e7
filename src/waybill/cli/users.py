"""``waybill users``: who may sign in to the console, and as what."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from waybill.access.roles import Role
from waybill.cli import options
from waybill.cli.language import say
from waybill.cli.output import err, out, write_json, write_table
from waybill.cli.sequel import sequence_now
from waybill.model.words import Grade

if TYPE_CHECKING:
    from waybill.access.accounts import Assignment
    from waybill.flow.installation import Installation

app = typer.Typer(help="People who may sign in to the console, and their roles.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="The person's login, such as li.na.", metavar="LOGIN")]
Roles = Annotated[list[Role] | None, typer.Option("--role", help="A role; may be repeated.", show_default="none")]
Organisations = Annotated[
    list[str] | None,
    typer.Option("--organisation", help="An organisation whose records these roles cover; may be repeated."),
]
HighestGrade = Annotated[Grade, typer.Option("--grade", help="The highest grade of records they cover.")]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=["%Y-%m-%d"], metavar="DAY", help="First day they no longer hold."),
]
Address = Annotated[
    str,
    typer.Option("--address", help="Where the console is.", show_default="http://localhost:8080, or your proxy's name"),
]


@app.command("invite")
def invite_user(
    login: Login,
    *,
    role: Roles = None,
    organisation: Organisations = None,
    grade: HighestGrade = Grade.CORE,
    until: Until = None,
    address: Address = "",
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Make an account and print the link by which its person takes it into use: once, within 24 hours.

    Examples:

    \b
      waybill users invite li.na --role analyst --role responder
      waybill users invite wang.wei --role partner --organisation supplier-3 --grade sensitive --until 2027-01-01
    """
    from waybill.flow.installation import Installation

    installation = Installation.open(data, create=True)
    from waybill.access import accounts, invitations
    from waybill.flow import people

    given = _assignments(role, organisation, grade, until)
    user = accounts.open_for(people.introduce(installation, login), given, who=who or getpass.getuser())
    _tell_link(installation, login, invitations.invite(user), address, json=json)


@app.command("link")
def link_user(
    login: Login,
    *,
    address: Address = "",
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Print a new link for somebody who lost the password or the second factor; it replaces both.

    Examples:

    \b
      waybill users link li.na
    """
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.access import accounts, invitations
    from waybill.flow import people

    user = accounts.named(people.pseudonym_of(installation, login))
    _tell_link(installation, login, invitations.invite(user), address, json=json)


@app.command("list")
def list_users(*, data: options.Data = options.DEFAULT_DATA, json: options.Json = False) -> None:
    """List accounts with their roles.

    Examples:

    \b
      waybill users list
      waybill users list --json
    """
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.access import accounts
    from waybill.flow import people

    found = [(people.login_of(installation, account.pseudonym), account) for account in accounts.every()]
    if json:
        write_json([{"login": login, "account": account} for login, account in found])
        return
    write_table(
        say("login|pseudonym|roles|open", "登录名|假名|角色|启用").split("|"),
        (
            [
                login,
                account.pseudonym,
                "; ".join(map(_told, account.assignments)),
                say("yes", "是") if account.active else say("no", "否"),
            ]
            for login, account in found
        ),
    )


@app.command("roles")
def set_roles(
    login: Login,
    *,
    role: Roles = None,
    organisation: Organisations = None,
    grade: HighestGrade = Grade.CORE,
    until: Until = None,
    who: options.Who = "",
    data: options.Data = options.DEFAULT_DATA,
) -> None:
    """Give somebody these roles in place of those of before; without any, take all away.

    Examples:

    \b
      waybill users roles li.na --role auditor
      waybill users roles wang.wei
    """
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.access import accounts
    from waybill.flow import people

    user = accounts.named(people.pseudonym_of(installation, login))
    given = _assignments(role, organisation, grade, until)
    accounts.assign(user, given, who=who or getpass.getuser())
    told = "; ".join(map(_told, given)) or say("no role", "无角色")
    out.print(say(f"{login} has now: {told}", f"{login} 现有：{told}"))
    sequence_now(installation)


@app.command("disable")
def disable_user(login: Login, *, who: options.Who = "", data: options.Data = options.DEFAULT_DATA) -> None:
    """Shut an account: its sessions end at once, and nobody signs in to it.

    Examples:

    \b
      waybill users disable wang.wei
    """
    _set_active(login, False, who, data)
    out.print(say(f"the account of {login} is shut", f"{login} 的账户已停用"))


@app.command("enable")
def enable_user(login: Login, *, who: options.Who = "", data: options.Data = options.DEFAULT_DATA) -> None:
    """Open an account again that was shut.

    Examples:

    \b
      waybill users enable wang.wei
    """
    _set_active(login, True, who, data)
    out.print(say(f"the account of {login} is open", f"{login} 的账户已启用"))


def _set_active(login: str, active: bool, who: str, data: options.Data) -> None:
    from waybill.flow.installation import Installation

    installation = Installation.open(data)
    from waybill.access import accounts
    from waybill.flow import people

    user = accounts.named(people.pseudonym_of(installation, login))
    accounts.set_active(user, active, who=who or getpass.getuser())
    sequence_now(installation)


def _assignments(
    roles: list[Role] | None, organisations: list[str] | None, grade: Grade, until: datetime | None
) -> list[Assignment]:
    from waybill.access.accounts import Assignment

    end = until.replace(tzinfo=UTC) if until else None
    return [
        Assignment(role=one, organisations=tuple(organisations or ()), grade=grade, until=end) for one in roles or ()
    ]


def _told(assignment: Assignment) -> str:
    limits = [*assignment.organisations]
    if assignment.grade is not Grade.CORE:
        limits.append(say(f"up to {assignment.grade}", f"至 {assignment.grade}"))
    if assignment.until:
        limits.append(say(f"until {assignment.until:%Y-%m-%d}", f"至 {assignment.until:%Y-%m-%d}"))
    return f"{assignment.role} ({', '.join(limits)})" if limits else str(assignment.role)


def _tell_link(installation: Installation, login: str, secret: str, address: str, *, json: bool) -> None:
    from waybill.flow import people

    link = people.link(installation, secret, address)
    sequence_now(installation)
    if json:
        write_json({"login": login, "link": link})
        return
    err.print(say(f"{login} opens this link once, within 24 hours:", f"请 {login} 在 24 小时内打开此链接一次："))
    out.print(link, soft_wrap=True)
