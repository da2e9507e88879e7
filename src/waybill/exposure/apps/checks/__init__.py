"""Checks of apps and tokens that were let in: a folder each."""
