"""Incidents over the years: the incident register, honest statistics about them, and what may be published."""
