"""Words of the rooms below that pages show as they are: named here so that they are translated."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

FAULTS = (
    _("A change of state needs somebody who makes it and a reason."),
    _("An exception needs an owner and a reason."),
    _("An exception for everything would hide everything."),
    _("The exception would have ended already."),
    _("There is no such finding."),
    _("There is no such exception."),
    _("Several findings begin so."),
    _("An export needs a purpose."),
    _("There is nothing to export."),
    _("No permit covers this export."),
    _("A view needs a name."),
    _("There are too many views."),
    _("there is no such transfer"),
    _("nothing was recorded under this id"),
    _("this record waits for its place in the ledger"),
    _("several records begin so"),
    _("the record was erased"),
    _("no page ended there"),
    _("This is not the mark of a page."),
    _("who and reason"),
    _("owner and reason"),
    _("a rule, subject, asset, …"),
    _("an end in the future"),
    _("what the file is for, and who gets it"),
    _("Leave a condition away."),
    _("List findings to see their ids."),
    _("List exceptions to see them."),
    _("Ask for a permit, or name another place; the attempt was kept."),
    _("give more of the id"),
    _("what an earlier page gave as `next`"),
    _("the mark given with the earlier page"),
    _("Remove one first."),
)
"""What is wrong, what was expected, and what to do."""

PARTS = (
    _("grade"),
    _("destination"),
    _("permit"),
    _("outcome"),
    _("a permit that covers the move"),
    _("records a day"),
    _("evenness"),
    _("days without a record"),
    _("silence"),
    _("weeks known"),
    _("above the market"),
    _("core"),
    _("important"),
    _("sensitive"),
    _("general"),
    _("success"),
    _("failure"),
    _("blocked"),
    _("none"),
)
"""Names and values of the parts of explanations."""
