"""Checks of endpoints, configurations, certificates, keys and systems: a folder each."""
