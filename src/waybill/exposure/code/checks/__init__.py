"""Checks of code: a folder each."""
