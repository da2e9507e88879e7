"""Checks of buckets, web roots and shares: a folder each."""
