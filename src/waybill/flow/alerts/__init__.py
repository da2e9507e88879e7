"""Telling people outside of new findings, by mail or to a web address: late rather than never, once, and without names.

``message`` composes, ``receivers`` sends, ``telling`` decides who is told what and when.
"""
