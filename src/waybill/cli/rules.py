"""``waybill rules``: the Sigma rules; whether they are right, what they would find, and what they cover."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from waybill.cli import options
from waybill.cli.language import read, say
from waybill.cli.output import out, progress_count, write_json, write_table
from waybill.cli.rules_printing import print_backtest, print_coverage, print_tests, print_update
from waybill.model.errors import RuleError

app = typer.Typer(help="The Sigma rules: the built-in leak rules and your own.", no_args_is_help=True)

RuleFiles = Annotated[list[Path], typer.Argument(help="Files or folders of Sigma rules.", metavar="RULES...")]


@app.command("list")
def list_(*, rules: options.Rules = None, json: options.Json = False) -> None:
    """List the rules that are evaluated.

    Example:

    \b
      waybill rules list --rules ~/sigma/rules
    """
    from waybill.flow.rules.in_use import loaded_rules

    good = [rule for rule in loaded_rules(rules or ()).rules if rule.is_evaluable]
    if json:
        write_json(
            [
                {
                    "id": rule.id,
                    "title": rule.title,
                    "level": rule.level,
                    "logsource": str(rule.logsource),
                    "correlation": rule.correlation is not None,
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
    """Load all rules and tell what is wrong: file, line, what to do. Exits 2 if a file is wrong.

    Example:

    \b
      waybill rules check --rules ~/sigma/rules
    """
    from waybill.flow.rules.in_use import loaded_rules

    loaded = loaded_rules(rules or ())
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


@app.command()
def test(files: RuleFiles, *, json: options.Json = False) -> None:
    """Run the tests that rules bring under `tests`: records on which they fire and on which they must not.

    Exits 1 if a rule does not do what its tests say, 2 if a file is wrong.

    Example:

    \b
      waybill rules test rules/etch_recipe_to_stick.yml
    """
    from waybill.flow.rules.in_use import run_rule_tests

    report = run_rule_tests(files)
    if json:
        write_json(report)
    else:
        print_tests(report)
    if report.problems:
        raise typer.Exit(RuleError.exit_code)
    raise typer.Exit(1 if report.failed else 0)


@app.command()
def backtest(
    files: RuleFiles,
    *,
    since: Annotated[datetime | None, typer.Option(help="The first day (UTC) to look at.")] = None,
    until: Annotated[datetime | None, typer.Option(help="The first day that is not looked at any more.")] = None,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Tell what new or changed rules would have found in what is stored, by day and with examples. Stores nothing.

    Examples:

    \b
      waybill rules backtest rules/new_rule.yml
      waybill rules backtest ~/sigma/rules --since 2026-01-01 --json
    """
    from waybill.flow.installation import Installation
    from waybill.flow.rules.backtest import backtest as run

    installation = Installation.open(data)
    with progress_count() as progress:
        report = run(
            installation, files, since=options.utc(since), until=options.utc(until), workers=0, progress=progress
        )
    if json:
        write_json(report)
    else:
        print_backtest(report)


@app.command()
def coverage(
    *, rules: options.Rules = None, data: options.Data = options.DEFAULT_DATA, json: options.Json = False
) -> None:
    """Tell which techniques and channels have a rule, have data and were ever tested; and what nobody watches.

    Example:

    \b
      waybill rules coverage
    """
    from waybill.flow.installation import Installation
    from waybill.flow.rules.coverage import rule_coverage

    found = rule_coverage(Installation.open(data), more=rules or ())
    if json:
        write_json(found)
    else:
        print_coverage(found)


@app.command()
def standing(
    *, rules: options.Rules = None, data: options.Data = options.DEFAULT_DATA, json: options.Json = False
) -> None:
    """Tell for each rule whether it fired, did not fire, or could not: because records or fields it needs are missing.

    Example:

    \b
      waybill rules standing --json
    """
    from waybill.flow.installation import Installation
    from waybill.flow.rules.in_use import rules_in_use

    found = rules_in_use(Installation.open(data), more=rules or (), with_data=True)
    if json:
        write_json(found)
        return
    write_table(
        say("rule|state|findings|why", "规则|状态|发现|原因").split("|"),
        ([read(rule.title), rule.state, rule.findings or "", rule.why] for rule in found.rules),
        right=(2,),
    )


@app.command()
def update(
    folder: Annotated[Path, typer.Argument(help="A folder of Sigma rules, such as a checkout of the public ones.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would change, and change nothing.")] = False,
    data: options.Data = options.DEFAULT_DATA,
    json: options.Json = False,
) -> None:
    """Take over all rules of a folder that are right, instead of those taken over before. Exceptions stay.

    Example:

    \b
      waybill rules update ~/sigma/rules --dry-run
    """
    from waybill.flow.installation import Installation
    from waybill.flow.rules.update import update_rules

    report = update_rules(Installation.open(data).folder, folder, dry_run=dry_run)
    if json:
        write_json(report)
    else:
        print_update(report)
