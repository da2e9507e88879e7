"""Words of cases, duty and response that pages show as they are: named here so that they are translated."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

FAULTS = (
    _("nobody is named who is to be on call"),
    _("these shifts cannot be planned"),
    _("somebody is on call then already"),
    _("this shift has begun"),
    _("this shift cannot be given away so"),
    _("nothing is asked of you here"),
    _("you are not on call now"),
    _("nobody follows"),
    _("nothing is handed to you here"),
    _("there is no such shift"),
    _("no reason is given"),
    _("ask somebody to take it"),
    _("plan who is on call next"),
    _("a few words"),
    _("a shift of your own that is not over, and somebody else"),
    _("this is no variable that can be given"),
    _("a variable has no value"),
    _("give it with --set"),
    _("give it when the playbook is run"),
    _("no act of this number waits"),
    _("nobody approves what they have begun"),
    _("another person approves it"),
    _("why it is approved or refused"),
    _("another process has this run in hand"),
    _("try again in a moment"),
    _("there is no such run"),
    _("There is no such playbook."),
    _("There is no such case."),
    _("A decision on a case needs a reason."),
    _("The case has this file already."),
    _("This case is protected already."),
    _("A clock still runs."),
    _("Say that the report was made, or why the clock does not apply."),
    _("No such clock runs for this case."),
    _("it answered yes, and nothing happened"),
    _("it is no longer in force"),
    _("undoing it changed nothing"),
    _("no such connector is set up here"),
    _("the register has no such permit"),
)
"""What is wrong, what was expected, what to do; and what is noted of acts."""
