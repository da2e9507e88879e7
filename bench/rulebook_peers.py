"""Run by an environment of its own, which has four engines and none of our code: decides cases by the same rules.

Arguments: a JSON file of ``rules`` (conditions as ``[fact, operator, value, negated]``, and a result) and of
``cases``, whose facts are all known. Prints for each engine the processor seconds and what it decided, as JSON.
"""

import json
import sys
import time
from pathlib import Path

import cedarpy
import cel
import regopy
import zen

whole = json.loads(Path(sys.argv[1]).read_text())
rules, cases = whole["rules"], whole["cases"]


def literal(value):
    """Return a value as all four languages write it."""
    return json.dumps(value)


def condition(rule, *, every, member, scope="", negation="!"):
    """Return the conditions of a rule in one language."""
    parts = []
    for fact, operator, value, negated in rule["when"]:
        name = scope + fact
        if operator == "is":
            parts.append(name if value else f"{negation}{name}")
        elif operator == "in":
            among = member(name, value)
            parts.append(f"{negation}({among})" if negated else among)
        else:
            parts.append(f"{name} {operator} {literal(value)}")
    return every.join(parts) or "true"


def by_cel():
    """Common Expression Language: one nested choice, compiled once."""
    text = "'none'"
    for rule in reversed(rules):
        held = condition(rule, every=" && ", member=lambda name, values: f"{name} in {literal(values)}")
        text = f"(({held}) ? {literal(rule['result'])} : {text})"
    program = cel.compile(text)
    return program.execute


def by_zen():
    """ZEN: one nested choice in an expression node, in a decision made once."""
    text = '"none"'
    for rule in reversed(rules):
        held = condition(
            rule, every=" and ", member=lambda name, values: f"{name} in {literal(values)}", negation="not "
        )
        text = f"(({held}) ? {literal(rule['result'])} : {text})"
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {"id": "do", "type": "expressionNode", "name": "do", "position": {"x": 0, "y": 0},
         "content": {"expressions": [{"id": "1", "key": "result", "value": text}]}},
        {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 0, "y": 0}},
    ]  # fmt: skip
    edges = [
        {"id": "a", "sourceId": "in", "targetId": "do", "type": "edge"},
        {"id": "b", "sourceId": "do", "targetId": "out", "type": "edge"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    return lambda case: decision.evaluate(case)["result"]["result"]


def by_cedar():
    """Cedar: one action for each result, since it only permits or forbids; asked for all of them."""
    results = sorted({rule["result"] for rule in rules})
    text = []
    for result in results:
        held = "false"
        for rule in reversed(rules):
            when = condition(
                rule,
                every=" && ",
                member=lambda name, values: f"[{', '.join(map(literal, values))}].contains({name})",
                scope="context.",
            )
            held = f"(if {when} then {literal(rule['result'] == result)} else {held})"
        text.append(f'permit(principal, action == Action::"{result}", resource) when {{ {held} }};')
    policies = cedarpy.PolicySet.from_str("\n".join(text))
    entities = cedarpy.Entities.from_json_str("[]") if hasattr(cedarpy.Entities, "from_json_str") else []

    def decide(case):
        asked = [
            {"principal": 'User::"x"', "action": f'Action::"{result}"', "resource": 'Data::"d"', "context": case}
            for result in results
        ]
        answers = cedarpy.is_authorized_batch(asked, policies, entities)
        return next(result for result, answer in zip(results, answers, strict=True) if answer.allowed)

    return decide


def by_rego():
    """Rego: an else-chain, in a module made once."""
    lines = ["package waybill", "import rego.v1", ""]
    for number, rule in enumerate(rules):
        held = condition(
            rule,
            every="\n    ",
            member=lambda name, values: f"{name} in {{{', '.join(map(literal, values))}}}",
            scope="input.",
            negation="not ",
        )
        head = "decision" if number == 0 else "else"
        lines.append(f"{head} := {literal(rule['result'])} if {{\n    {held}\n}}")
    interpreter = regopy.Interpreter()
    interpreter.add_module("waybill", "\n".join(lines))

    def decide(case):
        interpreter.set_input(regopy.Input(case))
        return json.loads(str(interpreter.query("x := data.waybill.decision")))["bindings"]["x"]

    return decide


found = {}
for name, make, share in (("CEL", by_cel, 1), ("ZEN", by_zen, 4), ("Cedar", by_cedar, 4), ("Rego", by_rego, 20)):
    some = cases[: max(len(cases) // share, 1)]
    try:
        decide = make()
        decide(some[0])
        begun = time.process_time()
        decided = [decide(case) for case in some]
        found[name] = {"seconds": time.process_time() - begun, "decided": decided}
    except Exception as error:  # noqa: BLE001 - what an engine cannot express is told as such
        found[name] = {"fault": f"{type(error).__name__}: {error}"[:300]}
print(json.dumps(found))
