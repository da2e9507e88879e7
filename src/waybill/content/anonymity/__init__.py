"""How well the persons of a table hide among each other, and what would hide them better.

- ``roles``: which columns name a person, which tell persons apart together, and which are sensitive.
- ``classes``: rows that share their quasi-identifiers: k-anonymity (Sweeney, 2002), l-diversity (Machanavajjhala and
  others, 2007), t-closeness (Li and others, 2007).
- ``coarsening``: coarser and coarser ways to write a column.
- ``proposing``: which columns to write how coarsely, so that what is asked for is reached.
- ``assessing``: all of that of one table, without a value of it.
"""

from waybill.content.anonymity.assessing import Assessment, Driver, Smallest, Spread, assess
from waybill.content.anonymity.classes import Wanted
from waybill.content.anonymity.proposing import Proposal
from waybill.content.anonymity.roles import Roles, roles_of

__all__ = ["Assessment", "Driver", "Proposal", "Roles", "Smallest", "Spread", "Wanted", "assess", "roles_of"]
