"""Check digits and other rules that a number or code of a kind keeps: one small function each.

Each takes the characters of a candidate without its separators (codes of ASCII) and how many there are; shapes
(``patterns``) have made sure of their number and classes. Each returns whether the rule holds. Those of ``around`` look
at what stands around a candidate too, and may widen it.
"""
