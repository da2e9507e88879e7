"""The control database: Django's settings for it, opening it from a command, and its faults as our errors.

``open_database`` must have been called before a module that holds Django models is imported
(``register.models``, ``register.records``, ``register.identities``, ``findings.models``, ``findings.store``).
"""

from waybill.control.database import SETTINGS, close_database, damage, open_database, prepare, scrub
from waybill.control.faults import storage_faults

__all__ = ["SETTINGS", "close_database", "damage", "open_database", "prepare", "scrub", "storage_faults"]
