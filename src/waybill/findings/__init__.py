"""Stored findings: de-duplication, state, exceptions, the alert budget, queries and exports."""
