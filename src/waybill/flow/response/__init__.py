"""Playbooks at hand and at work: set up, begun, approved, undone, and what they hold or send."""
