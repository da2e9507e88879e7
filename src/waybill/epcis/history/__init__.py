"""Custody as arrays, for checks and accounts that look at all of it at once.

::

    arrays      words as numbers
    places      sites, their countries and coordinates
    history     events in the order of time, what each was about, what was stated and measured
    contents    how much of an element each lot holds
    movements   shipments and what became of them
"""
