"""Lots and devices: custody events come in, become transfers, are proved, and are followed and asked for."""
