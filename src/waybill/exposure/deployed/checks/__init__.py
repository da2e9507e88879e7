"""Checks of deployed platforms: a folder each."""
