"""Waybill: every leak is a transfer of a controlled asset that nobody authorised.

The rooms, top to bottom; a room imports only rooms below it:

- ``cli``: the commands.
- ``flow``: the wiring; the one place that composes rooms.
- ``findings``, ``register``: what is kept in the control database (Django), over ``control``, its settings.
- ``detect``: detectors; they read tables and return findings.
- ``lake``: the durable store of transfers.
- ``collect``: source formats to batches of transfers.
- ``simulate``: sample logs with known truth.
- ``durable``: writing files so that they are still there after the power fails.
- ``model``: the words all of them share; no input or output.
"""

__version__ = "0.1.0"
