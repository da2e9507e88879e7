"""Detectors, one folder per family. They read tables and return findings; they write nowhere."""
