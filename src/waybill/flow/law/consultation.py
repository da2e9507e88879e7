"""The file with which an authority is consulted on work with a partner: a permit, its asset, partner, and the rules.

It files nothing with anybody: a person reads it, completes it, and takes it there. People stand in it by pseudonym.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from waybill.flow.installation import Installation
from waybill.flow.law.grading import facts_of
from waybill.flow.law.rule_set import facts_everywhere
from waybill.model.errors import UsageError
from waybill.model.findings import GRADES, Text
from waybill.model.register import Asset, Permit, RegisterSnapshot
from waybill.model.words import PartyKind
from waybill.rulebook import Outcome, assess
from waybill.rulebook.facts import Value
from waybill.rulebook.screening import Match
from waybill.rulebook.telling import NOTICE, OUTCOMES, REGIMES, ToldAnswer, told

Say = Callable[[str, str], str]
"""Returns the text of the reader's language, of two."""


def consultation(installation: Installation, permit_id: str, day: date, say: Say) -> str:
    """Return the file for a permit as Markdown. Raises UsageError if there is no such permit."""
    register = installation.register()
    permit = next((one for one in register.permits if one.id == permit_id), None)
    if permit is None:
        raise UsageError("there is no such permit", where=permit_id, advice="`waybill permits list` lists them")
    asset = next(one for one in register.assets if one.id == permit.asset)
    sections = [
        _terms(permit, asset, say),
        _screened(installation, register, permit, say),
        *_law(installation, facts(installation, register, permit, asset), day, say),
    ]
    title = say("Consultation", "咨询材料")
    notice = say(NOTICE.en, NOTICE.zh)
    return f"# {title}: {_plain(permit.id)}, {day}\n\n> {notice}\n\n" + "\n\n".join(sections) + "\n"


def matches(installation: Installation, register: RegisterSnapshot, permit: Permit) -> list[Match] | None:
    """Return what lists say of the partner of a permit; None where it names no organisation, or there is no list."""
    partner = register.party(permit.party)
    is_person = partner is not None and partner.kind is PartyKind.PERSON
    if not permit.party or is_person or not installation.screening.size:
        return None
    country = partner.jurisdiction if partner is not None else permit.jurisdiction
    return installation.screening.matches(permit.party, country=country)


def facts(installation: Installation, register: RegisterSnapshot, permit: Permit, asset: Asset) -> dict[str, Value]:
    """Return what is known of the transfers that a permit is for."""
    from waybill.register import profiles

    profile = profiles.every().get(asset.id)
    known = facts_everywhere(installation) | facts_of(asset, profile.facts if profile else {})
    partner, place = register.party(permit.party), register.place(permit.place)
    home = register.place(asset.home)
    to = permit.jurisdiction or (place.jurisdiction if place else "") or (partner.jurisdiction if partner else "")
    went = {"from_country": home.jurisdiction if home else "", "to_country": to}
    return known | {name: at for name, at in went.items() if at}


def _terms(permit: Permit, asset: Asset, say: Say) -> str:
    grade = GRADES[asset.grade]
    rows = [
        (say("asset", "资产"), f"{asset.name} ({asset.id})"),
        (say("kind and grade", "类别与级别"), f"{asset.kind}, {say(grade.en, grade.zh)}"),
        (say("partner", "合作方"), permit.party),
        (say("place", "地点"), " ".join(part for part in (permit.place, permit.jurisdiction) if part)),
        (say("channel", "途径"), permit.channel),
        (say("from", "自"), f"{permit.valid_from:%Y-%m-%d}" if permit.valid_from else ""),
        (say("until", "至"), f"{permit.valid_until:%Y-%m-%d}" if permit.valid_until else ""),
        (say("at most", "上限"), _limits(permit)),
        (say("end use", "最终用途"), permit.end_use),
        (say("basis", "依据"), permit.basis),
    ]
    head = f"## {say('What is asked for', '申请事项')}\n\n| | |\n|---|---|\n"
    return head + "\n".join(f"| {name} | {_plain(value)} |" for name, value in rows if value)


def _limits(permit: Permit) -> str:
    limits = ((permit.max_bytes, "bytes"), (permit.max_records, "records"), (permit.max_kilograms, "kg"))
    return ", ".join(f"{limit:,} {unit}" for limit, unit in limits if limit is not None)


def _screened(installation: Installation, register: RegisterSnapshot, permit: Permit, say: Say) -> str:
    found = matches(installation, register, permit)
    head = f"## {say('Screening of the partner', '合作方筛查')}\n\n"
    if found is None:
        none = Text(
            "Not screened: no organisation is named, or no list is loaded.", "未筛查：未指明组织，或未加载名单。"
        )
        return head + say(none.en, none.zh)
    size = installation.screening.size
    if not found:
        return head + say(f"No match on {size:,} listed parties.", f"在{size:,}个名单主体中无匹配。")
    rows = (
        f"| {_plain(one.name)} | {one.score:.0f} | {_plain(one.party.list)} | {_plain(', '.join(one.party.topics))} |"
        f" {_plain(', '.join(one.party.countries))} | {_plain(', '.join(one.owners))} |"
        for one in found
    )
    columns = say("name|likeness|list|why|countries|owned by", "名称|相似度|名单|原因|国家|所有者")
    return head + f"| {columns.replace('|', ' | ')} |\n|---|---|---|---|---|---|\n" + "\n".join(rows)


def _law(installation: Installation, known: dict[str, Value], day: date, say: Say) -> Iterator[str]:
    book = installation.law.current()
    made = told(book, assess(book, known, day, day))
    yield f"## {say('What the rules say', '规则结论')}\n\n{say('Rule set', '规则集')} `{made.rulebook}`"
    for answer in made.answers:
        if Outcome.OUTSIDE not in (answer.outcome, *answer.possible):
            yield _answer(answer, say)


def _answer(answer: ToldAnswer, say: Say) -> str:
    name = REGIMES.get(answer.regime) or Text(answer.regime, answer.regime)
    outcomes = [OUTCOMES[one] for one in ((answer.outcome,) if answer.outcome else answer.possible)]
    lines = [f"### {say(name.en, name.zh)}: {' / '.join(say(one.en, one.zh) for one in outcomes)}", ""]
    for rule in answer.rules if answer.outcome is None else answer.rules[-1:]:
        doubt = "" if rule.verified else say(" (unverified)", "（未核实）")
        where = f"{say(rule.instrument.en, rule.instrument.zh)}, {rule.article}{doubt}"
        lines.append(f"- {_plain(where)}: {_plain(say(rule.says.en, rule.says.zh))}")
        if rule.quote:
            lines.append(f"  > {_plain(rule.quote)}")
    if answer.questions:
        lines += ["", say("To be answered:", "待回答：")]
        lines += [f"- {say(ask.en, ask.zh)} (`{name}`)" for name, ask in answer.questions.items()]
    if answer.duties:
        lines += ["", say("To be done:", "须履行：")]
        lines += [f"- {say(duty.what.en, duty.what.zh)} ({duty.rule})" for duty in answer.duties]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is, in one line."""
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
