"""Changes of the findings' tables, in order."""
