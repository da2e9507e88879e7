"""``waybill rules``: which rules there are, and what is wrong with those that are not evaluated."""

from __future__ import annotations

import typer

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import out, write_json, write_table
from waybill.model.errors import RuleError

app = typer.Typer(help="The Sigma rules: the built-in leak rules and your own.", no_args_is_help=True)


@app.command("list")
def list_(*, rules: options.Rules = None, json: options.Json = False) -> None:
    """List the rules that are evaluated."""
    from waybill.detect.sigma import SigmaDetector

    loaded = SigmaDetector(rules=tuple(rules or ())).rules
    good = [rule for rule in loaded.rules if rule.is_evaluable]
    if json:
        write_json(
            [
                {
                    "id": rule.id,
                    "title": rule.title,
                    "level": rule.level,
                    "logsource": str(rule.logsource),
                    "tags": rule.tags,
                    "file": rule.path,
                }
                for rule in good
            ]
        )
        return
    write_table(
        say("level|rule|log source|id", "级别|规则|日志源|编号").split("|"),
        ([rule.level, read(rule.title), rule.logsource, rule.id] for rule in good),
    )


@app.command()
def check(*, rules: options.Rules = None, json: options.Json = False) -> None:
    """Load all rules and tell what is wrong: file, line, what to do. Exits 2 if a file is wrong."""
    from waybill.detect.sigma import SigmaDetector

    loaded = SigmaDetector(rules=tuple(rules or ())).rules
    undecided = [rule for rule in loaded.rules if not rule.is_evaluable]
    if json:
        write_json(
            {
                "loaded": len(loaded.rules),
                "problems": loaded.problems,
                "not_evaluable": [
                    {"id": r.id, "file": r.path, "line": r.line, "why": r.not_evaluable} for r in undecided
                ],
            }
        )
    else:
        for problem in loaded.problems:
            out.print(str(problem), markup=False)
        for rule in undecided:
            out.print(f"{rule.path}:{rule.line}: {rule.not_evaluable}", markup=False)
        out.print(
            say(
                f"{len(loaded.rules) - len(undecided)} rules are evaluated, {len(undecided)} cannot be decided here, "
                f"{len(loaded.problems)} files are wrong",
                f"{len(loaded.rules) - len(undecided)} 条规则生效，{len(undecided)} 条无法判定，"
                f"{len(loaded.problems)} 个文件有误",
            )
        )
    if loaded.problems:
        raise typer.Exit(RuleError.exit_code)
