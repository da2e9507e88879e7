"""Surveys at work: when, of what, held against before, and how exposures stand."""
