"""Django's backend for SQLite, with the one difference that ``base`` tells."""
