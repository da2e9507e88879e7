"""The optional second stage: names of persons, places and organisations that nothing but the sentence gives away.

Off unless somebody asks for it: it is some thousand times slower than the scanner, and it errs. What it rests on is
fetched by a person once, and converted here; nothing is fetched from a network and no code of a model is run.

- ``Finder``: what finds names in the text of one language; ``names_in`` asks some of them and returns hits.
- ``chinese``: the recogniser of the package LAC (Apache-2.0), computed in NumPy (``network``).
- ``english``: the small English model of spaCy (MIT), with the extra ``names``.
- ``models``: which are installed in a folder, and how they get there (``lac``, ``wheel``).
"""

from waybill.content.names.finding import Finder, Kind, Name, names_in

__all__ = ["Finder", "Kind", "Name", "names_in"]
