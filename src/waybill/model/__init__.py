"""The words every room shares: typed records, Arrow schemas, enumerations, ids and protocols.

No input or output happens here, and nothing here imports another room. Each module says one thing:

- ``words``: enumerations (grades, actions, outcomes, …) with their OCSF numbers.
- ``transfers``: the one table, column by column, with the OCSF or EPCIS path of each column.
- ``custody``: events of lots and devices as tables: who had what where, what became of it, what was measured.
- ``register``: assets, parties, places and permits as records, and the snapshot detectors read.
- ``findings``: what a detector says, how two statements of the same thing merge, and the JSON Schema.
- ``ids``: how transfers and findings get identities that survive re-reading.
- ``protocols``: what a detector, a collector, a pseudonymiser, a channel filter and a store must offer.
- ``sizes``: numbers of bytes as people write them.
- ``errors``: everything that can go wrong, with what to do about it.
"""
