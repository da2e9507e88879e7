"""The way in: sessions, sign-in by password and second factor or passkey, invitations, and who may enter what.

``permitting`` is the one place that lets a request through to a view: every view says by one of its decorators whom it
is for, and a view that says nothing is refused.
"""
