"""The report: plain data in, one HTML file out that stands alone. Knows no store, no command and no clock.

- ``data``: what a report is about, as records; ``flow.reporting`` fills them.
- ``lanes``: which of the three lanes a finding belongs to.
- ``figures``: shares, rates and counts, each with what it rests on, or unknown; ``exact`` has the intervals.
- ``page``: the whole page; ``summary``, ``rows`` and ``scope`` are its sections, ``charts`` and ``ways`` its pictures.
- ``markup``: elements whose text is escaped, always; ``wording``: what everything is called in both languages.
"""

from waybill.report.data import Control, Day, End, Flow, Ran, Rejection, Report, Row, Scope, Source
from waybill.report.figures import Figures, figures
from waybill.report.lanes import Lane, lane_of
from waybill.report.page import render
from waybill.report.summary import compared, told

__all__ = [
    "Control",
    "Day",
    "End",
    "Figures",
    "Flow",
    "Lane",
    "Ran",
    "Rejection",
    "Report",
    "Row",
    "Scope",
    "Source",
    "compared",
    "figures",
    "lane_of",
    "render",
    "told",
]
