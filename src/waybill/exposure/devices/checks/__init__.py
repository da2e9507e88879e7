"""Checks of disks and sticks: a folder each."""
