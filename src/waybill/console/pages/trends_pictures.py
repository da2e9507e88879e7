"""Pictures of trends in the reader's language, each with the table of its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from waybill.console.pages.writing import said
from waybill.flow.trends.pages import TILES, TRADES, Tested, Trends, shown, table_csv
from waybill.report.markup import Markup
from waybill.trends import plots
from waybill.trends.effects import Effect
from waybill.trends.figures import Share
from waybill.trends.plots import Basis, Dot, Grid
from waybill.trends.suppression import K, Suppressed
from waybill.trends.tables import as_csv
from waybill.trends.wording import SHARES, table_title, word

EFFECTS = "effects"
"""Name of the picture of calendars."""

MOST_RATIO = 2.0
"""Ratios are drawn up to this."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, what it is called, and its figures as CSV."""

    name: str
    title: str
    picture: Markup
    csv: str


def pictures(found: Trends) -> list[Picture]:
    """Return the pictures of a slice; those without figures are left out."""
    basis = Basis(found.version, found.command)
    made = [_shares(found.shares, basis)] if found.incidents else []
    for name, draw in ((TILES, plots.tiles), (TRADES, plots.multiples)):
        table = found.tables.get(name)
        if table is not None:
            title = said(table_title(name))
            made.append(Picture(name, title, draw(name, title, _grid(table), basis), table_csv(table)))
    if found.newest is not None and len(found.newest.weeks):
        title = _("Incidents by week; weeks that are not complete are grey")
        rows = zip(found.newest.weeks.mondays, found.newest.weeks.counts, found.newest.complete, strict=True)
        text = as_csv(("week_of", "incidents", "complete"), rows)
        made.append(Picture("weeks", title, plots.weeks("weeks", title, found.newest, basis), text))
    return made


def effects(found: Tested) -> Picture:
    """Return how incidents went with calendars, as ratios with their intervals."""
    title = _("Weekly incidents inside the calendar over those outside: 1 is no difference")
    basis = Basis(found.version, found.command)
    drawn = plots.dots(
        EFFECTS,
        title,
        [_dot(one) for one in found.effects],
        basis,
        most=MOST_RATIO,
        unit=lambda value: f"× {value:.1f}",
    )
    head = (
        "calendar",
        "incidents",
        "weeks",
        "ratio",
        "low",
        "high",
        "p",
        "q",
        "visible_below",
        "visible_above",
        "verdict",
    )
    return Picture(EFFECTS, title, drawn, as_csv(head, map(_row, found.effects)))


def _row(one: Effect) -> tuple[object, ...]:
    found = one.found
    rounded = (found.ratio, found.low, found.high, found.p, one.q, 1 / found.smallest, found.smallest)
    told = (round(value, 4) for value in rounded)
    return one.calendar.name, found.incidents, len(found.weeks), *told, one.verdict


def _dot(one: Effect) -> Dot:
    note = f"n = {one.found.incidents:,}, q = {one.q:.3f}"
    return Dot(said(one.calendar.title), min(one.found.ratio, MOST_RATIO), one.found.low, one.found.high, note)


def _shares(shares: Sequence[Share], basis: Basis) -> Picture:
    title = _("Shares of what is known, with intervals of 95 %, and of how much it is known")
    rows = [_share(one) for one in shares]
    drawn = plots.dots("shares", title, rows, basis, most=1.0, unit=lambda value: f"{value:.0%}")
    lines = ((one.name, *_figures(one), one.known, one.total) for one in shares)
    return Picture("shares", title, drawn, as_csv(("share_of", "share", "low", "high", "known", "total"), lines))


def _share(one: Share) -> Dot:
    if not one.known:
        return Dot(said(SHARES[one.name]), None, 0, 0, _("unknown"), 0.0)
    if one.is_small:
        return Dot(said(SHARES[one.name]), None, 0, 0, _("fewer than %(count)s") % {"count": K}, one.share_known)
    low, high = one.interval
    return Dot(said(SHARES[one.name]), one.value, low, high, f"n = {one.known:,}", one.share_known)


def _figures(one: Share) -> tuple[object, object, object]:
    if one.is_small or not one.known:
        return "", "", ""
    low, high = one.interval
    return round(one.value, 4), round(low, 4), round(high, 4)


def _grid(found: Suppressed) -> Grid:
    rows, columns = ([said(word(one)) for one in words] for words in (found.table.rows, found.table.columns))
    return Grid(rows, columns, shown(found))
