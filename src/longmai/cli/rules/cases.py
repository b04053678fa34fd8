"""``longmai rules evaluate, replay``: one case, explained; a recorded decision, judged again."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from longmai.cli.rules.files import Language
from longmai.kernel.errors import Invalid
from longmai.kernel.region_codes import prefix
from longmai.rules.policy.evaluation import Decision, State, case_of
from longmai.rules.policy.evaluation import evaluate as judge
from longmai.rules.policy.explanation import Reason, explain
from longmai.rules.policy.gaps import plan
from longmai.rules.policy.keys import STATES, shown
from longmai.rules.policy.library import Library, read_file, text_of_file
from longmai.rules.policy.record import canonical, record_of
from longmai.rules.policy.record import replay as judge_again

_MARKS = {State.MET: "✓", State.NOT_MET: "✗", State.UNKNOWN: "?", State.MANUAL: "☐"}


def evaluate(  # noqa: PLR0913, PLR0917 - the options of a command
    file: Annotated[Path, typer.Argument(help="Policy file, or a folder of them with --id.")],
    given: Annotated[Path, typer.Argument(help="The case: a YAML or JSON file of names, values.")],
    own: Annotated[str, typer.Option("--id", help="Of the policy, where a folder is given.")] = "",
    day: Annotated[str, typer.Option(help="By the law of which day: 2026-01-01; today.")] = "",
    region: Annotated[str, typer.Option(help="Region code.")] = "",
    confirm: Annotated[
        list[str] | None, typer.Option(help="What a person found: NAME=yes or NAME=no.")
    ] = None,
    lang: Language = "zh",
    record: Annotated[Path | None, typer.Option(help="Write the decision's record here.")] = None,
) -> None:
    """Judge one case, and say why, clause by clause.

    Of a folder, the version in force on the day counts.
    Example: `longmai rules evaluate policy.yaml case.yaml --day 2026-05-01 --region 62`
    """
    on = date.fromisoformat(day) if day else datetime.now(UTC).date()
    more = (_values(given), on, prefix(region) if region else "", _opinions(confirm or []))
    if file.is_dir():
        policy, case = Library.load([file]).case(own, *more)
    else:
        policy = read_file(file)
        case = case_of(policy, *more)
    decision = judge(policy, case)
    _say(decision, lang)
    if record is not None:
        record.write_bytes(canonical(record_of(decision)) + b"\n")
        typer.echo(f"  record: {record}, rule version {policy.digest[:16]}…")


def _say(decision: Decision, lang: str) -> None:
    policy, said = decision.policy, explain(decision, lang)
    title = policy.en if lang == "en" and policy.en else policy.title
    state = shown(STATES, said.state.value, lang)
    typer.echo(f"{title} · {policy.version} · {decision.case.day}: {state}")
    for _, sentence in said.steps:
        typer.echo(f"  · {sentence}")
    _print(said.reasons, 1)
    if said.amount:
        typer.echo(f"  = {said.amount}")
    for gap in plan(decision, lang).gaps:
        alternative = {"zh": "（任一即可）", "en": " (one of these is enough)"}[lang]
        typer.echo(f"  → {gap.sentence}{alternative if gap.alternative else ''}")


def _opinions(texts: Sequence[str]) -> dict[str, bool]:
    found = {}
    for text in texts:
        name, _, opinion = text.rpartition("=")
        if not name or opinion not in {"yes", "no"}:
            raise Invalid(
                "not an opinion",
                code="policy.opinion",
                value=text,
                mend="write NAME=yes or NAME=no",
            )
        found[name] = opinion == "yes"
    return found


def replay(
    record: Annotated[Path, typer.Argument(help="Record of a decision.")],
    policies: Annotated[list[Path], typer.Argument(help="Folders of policy files.")],
) -> None:
    """Judge a recorded case again by the version of the rule it was judged by.

    Exits with 4 if something else comes out.
    Example: `longmai rules replay decision.json regions/62/policies`
    """
    try:
        kept = json.loads(text_of_file(record))
    except ValueError as error:
        raise Invalid("not a JSON file", code="policy.record", value=str(error)) from None
    decision = judge_again(kept, Library.load(policies))
    typer.echo(f"the same, byte for byte: {decision.state.value}, {decision.policy.digest[:16]}…")


def _print(reasons: Sequence[Reason], level: int) -> None:
    for each in reasons:
        clause = f" [{each.clause}]" if each.clause else ""
        told = "；".join((*each.sentences, *each.missing))
        line = f"{'  ' * level}{_MARKS[each.state]} {each.name}{clause}"
        typer.echo(f"{line}: {told}" if told else line)
        _print(each.parts, level + 1)


def _values(file: Path) -> dict[str, Any]:
    try:
        # Every scalar stays the text it is: the policy says what type it has.
        values = yaml.load(text_of_file(file), Loader=yaml.BaseLoader)  # noqa: S506 - texts alone
    except yaml.YAMLError as error:
        raise Invalid("not a YAML file", code="policy.case", value=str(error)[:200]) from None
    if not isinstance(values, dict):
        raise Invalid("a case is names and values", code="policy.case", place=str(file))
    return values
