"""Processes in which hostile bytes may meet complicated code: few rights, bounded means, and a pipe to talk over.

- ``framing``: parts behind their lengths, over any stream.
- ``confining``: what a process gives up before it reads what somebody else wrote, and what it may know of ours.
- ``lean``: what it does not load.
- ``filtering``: the system calls that are refused to it from then on.
"""
