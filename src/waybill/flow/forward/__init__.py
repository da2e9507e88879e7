"""Sends what is written here to a service: ``forwarder`` reads files into the ``spool``, ``courier`` sends from it.

What is read and how far each file was read are kept in one transaction, and a batch keeps its number until the service
has acknowledged it: so each record arrives exactly once, whoever is killed and however often the network fails.
"""

from waybill.flow.forward.courier import Courier, Progress, Service
from waybill.flow.forward.forwarder import Forwarder, Reading, Round, standing
from waybill.flow.forward.spool import Standing

__all__ = ["Courier", "Forwarder", "Progress", "Reading", "Round", "Service", "Standing", "standing"]
