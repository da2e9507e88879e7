"""Tests of the room ``epcis``."""
