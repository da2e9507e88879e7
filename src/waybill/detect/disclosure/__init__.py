"""What was filed against what was reported inside, and prices paid with public money against the market."""

from waybill.detect.disclosure.accounts import Account, reconcile
from waybill.detect.disclosure.detector import DisclosureDetector
from waybill.detect.disclosure.duties import Duties
from waybill.detect.disclosure.prices import DEFAULT_EXCESS
from waybill.detect.disclosure.reading import LOGSOURCE, read

__all__ = ["DEFAULT_EXCESS", "LOGSOURCE", "Account", "DisclosureDetector", "Duties", "read", "reconcile"]
