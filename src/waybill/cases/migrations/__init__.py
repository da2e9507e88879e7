"""Changes of the tables of cases, in order."""
