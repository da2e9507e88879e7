"""Back-ups of a whole installation, made while it runs, and what is restored from them.

A back-up is a folder, or one tar file of the same::

    control.sqlite3      the control database, also where it rests on a server
    lake/… ledger/…      as in the data folder, at one moment
    quarantine/… mappings/… documents/… FORMAT
    sealed               keys, settings and protected channels, and the hashes of all that is above
    MANIFEST.json        every part with its size and SHA-256; written last, so that half a back-up has none

``archive`` reads and writes it, ``sealing`` seals what is secret, ``rows`` copies the control database, ``making`` and
``restoring`` do the whole.
"""
