"""Connectors to the organisation's own systems, one module a system; each action can be looked at and undone.

Nothing here reaches beyond: no notices to others, no takedowns. ``setting_up`` makes those that a file names.
"""
