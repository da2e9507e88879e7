"""Django's backend for SQLite, without checks of JSON in the schema.

With ``trusted_schema`` off, SQLite up to 3.40 refuses a table whose checks call ``JSON_VALID``. Django writes such
columns by ``json.dumps`` alone, so the check would find nothing.
"""

from __future__ import annotations

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection."""

    data_type_check_constraints = {  # noqa: RUF012  as in the class above
        kind: check for kind, check in base.DatabaseWrapper.data_type_check_constraints.items() if kind != "JSONField"
    }
