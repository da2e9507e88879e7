"""Benchmarks: every figure of docs/benchmarks.md, with the command that reproduces it. ``python -m bench --help``."""
