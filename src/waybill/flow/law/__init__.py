"""Dated rules of law at work: assessments, counters, posts, grades, and what is to be minded."""
