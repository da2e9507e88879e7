"""Materials and devices: custody events captured in the open standard (EPCIS 2.0, CBV 2.0), and what follows from them.

::

    document     JSON, JSON-LD and XML (2.0, 1.2) in one form, with bounded cost
    validation   our own JSON Schema (``schema``) and the rules that a schema cannot hold (``semantics``)
    hashing      hash ids, CBV 2.0 and 2.1; ``identifiers`` makes EPC URNs and Digital Links one
    store        what was captured, in one SQLite file; ``state`` marks what contradicts the state of items
    lineage      where a lot came from and went to, with quantities; ``graph`` the same for all lots at once
    querying     the queries of the standard, with units converted
    tables       what detectors read (``model.custody``)
"""
