"""Work that is done by schedule, each piece by one process at a time, kept and shown with its result.

``jobs`` says what there is to do and when it is due, ``queue`` what became of it, ``worker`` does it. Where seconds
matter (detection, commits, sequencing) ``flow.upkeep`` does the work instead.
"""
