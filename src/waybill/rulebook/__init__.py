"""Whether a transfer may happen: dated law and company rules as data, and the decisions they give.

``instruments/*.toml`` holds the rules, one file a law, order or company rule, and ``facts.toml`` the facts they ask
about. ``reading`` reads them, ``standing`` says which hold on a day as known on another, ``deciding`` makes a decision
of the rules of one regime, ``asking`` what is possible while facts are missing and what to ask, ``changes`` what would
change the answer, ``columns`` decides millions at once, and ``assessing`` puts the regimes side by side. Regimes are
never netted: what one permits another may forbid, and both are told.

The same files say until when an incident must be reported (``clocks``), and by which rules it, or an asset, is graded
(``grading``).

It says what the rules on file say. It is no legal advice and files nothing.
"""

from waybill.rulebook.assessing import Answer, Assessment, assess
from waybill.rulebook.book import Rulebook, load_rulebook
from waybill.rulebook.instruments import Instrument, Rule
from waybill.rulebook.words import Outcome

__all__ = ["Answer", "Assessment", "Instrument", "Outcome", "Rule", "Rulebook", "assess", "load_rulebook"]
