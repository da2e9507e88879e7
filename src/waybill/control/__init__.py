"""The control database: Django's settings for it, and opening it from a command."""
