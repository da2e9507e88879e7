"""Runs a worker's module without what it never uses: ``python -m waybill.sandbox.lean waybill.collect.worker``.

pyarrow looks for pandas when it makes its first array, and takes half as long to load it as all else that a worker
needs. Where it finds none, it does without.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

UNUSED = frozenset({"pandas"})
"""Modules that are not found."""


class _Without:
    """Finds none of these modules, before anybody else looks for them (``importlib.abc.MetaPathFinder``)."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> None:
        """Raise ModuleNotFoundError for a module that is not to be found; leave others to who comes next."""
        if name in UNUSED:
            raise ModuleNotFoundError(name, name=name)


def main() -> None:
    """Run the module named."""
    sys.meta_path.insert(0, _Without())
    importlib.import_module(sys.argv[1]).main()


if __name__ == "__main__":
    main()
