"""The commands. They ask ``flow`` and decide nothing."""
