"""The commands. They ask ``flow`` and decide nothing; ``app`` puts them together, ``main`` runs them.

Exit codes: 0 done, and nothing found; 1 done, and there are findings; 2 the command or a rule is wrong; 3 input could
not be read (with ``--strict`` also single records); 4 the data folder cannot be used; 130 interrupted.
"""

from __future__ import annotations

import os
import sys

from waybill.model.errors import WaybillError


def main() -> None:
    """Run the command line and exit; what a user can mend is told without a stack trace."""
    from waybill.cli.app import app

    try:
        app(prog_name="waybill")
    except WaybillError as error:
        print(f"waybill: {error.diagnostics()}", file=sys.stderr)  # noqa: T201  # the one place errors are told
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read our output has enough of it; keep Python from complaining at its own flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
