"""Discovery: folders, archives, buckets and databases are walked, and what lies in them lands in the register.

- ``targets``: what a target names, item by item.
- ``buckets``, ``databases``: objects of S3 and tables of databases as items.
- ``running``: a walk that can be broken off, taken up again, and passes over what has not changed.
- ``telling``: what was found as findings, for SARIF and other programs.
"""
