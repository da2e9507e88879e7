"""Changes of the tables of trends, in order."""
