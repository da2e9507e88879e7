"""Sigma rules over transfers and over the fields of their sources."""
