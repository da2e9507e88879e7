"""What was filed against what was reported inside, and prices paid with public money against the market."""

from waybill.detect.disclosure.accounts import Account, Fault, reconcile
from waybill.detect.disclosure.detector import DisclosureDetector
from waybill.detect.disclosure.duties import Duties
from waybill.detect.disclosure.reading import LOGSOURCE, read
from waybill.detect.disclosure.wording import FAULTS, sentence

__all__ = ["FAULTS", "LOGSOURCE", "Account", "DisclosureDetector", "Duties", "Fault", "read", "reconcile", "sentence"]
