"""``longmai rules new, check, schema``: policy files."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from longmai.kernel.errors import Conflict, InvalidMany, NotFound
from longmai.kernel.regions import RegionPack, find_pack
from longmai.rules.checks.checking import check_library
from longmai.rules.checks.finding import SEVERITIES, Finding, Severity
from longmai.rules.checks.places import counties_of, differs_by_place
from longmai.rules.policy.library import Library, beside, policy_files, text_of_file
from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import try_policy
from longmai.rules.policy.schema import schema as policy_schema
from longmai.rules.policy.template import template

Language = Annotated[Literal["zh", "en"], typer.Option("--lang", help="Language of what is said.")]


def new(
    own: Annotated[str, typer.Argument(metavar="ID", help="Like livelihood.old-age.")],
    title: Annotated[str, typer.Option(help="Name of the policy.")] = "新政策",
    start: Annotated[str, typer.Option("--from", help="First day it holds: 2026-01-01.")] = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write.")] = None,
) -> None:
    """Write a template: a policy that is right as it stands, to be written over.

    Example: `longmai rules new livelihood.old-age --title 高龄津贴`
    """
    day = date.fromisoformat(start) if start else datetime.now(UTC).date()
    file = out or Path(f"{own}.yaml")
    if file.exists():
        raise Conflict(
            "the file is there already", code="policy.file", value=str(file), mend="choose another"
        )
    text = template(own, title, day, own.partition(".")[0])
    _, findings = try_policy(text, str(file))
    if findings:
        raise InvalidMany("these do not make a policy", findings, code="policy")
    file.write_text(text, encoding="utf-8")
    typer.echo(f"wrote {file}; next: longmai rules check {file}")


def check(
    paths: Annotated[list[Path], typer.Argument(help="Policy files, or folders of them.")],
    lang: Language = "zh",
    *,
    reading_only: Annotated[
        bool, typer.Option("--reading-only", help="Leave out what takes the solver.")
    ] = False,
) -> None:
    """Check policy files: form, names, kinds, dates, examples; then what the rules do to people.

    Gaps and overlaps of tables, conditions nobody can meet, cliffs, exclusions in a circle, days
    and regions left out: each with somebody to whom it happens.
    Exits with 1 if anything is wrong; warnings and advice alone are no error.
    Example: `longmai rules check regions/62/policies`
    """
    files = list(policy_files(paths))
    wrong = examples = 0
    policies = []
    for file in files:
        policy, findings = try_policy(text_of_file(file), str(file), beside(file.parent))
        for each in findings:
            mend = each.told("mend", lang)
            typer.echo(
                f"{each.spot}: {each.told('what', lang)}" + (f"\n    → {mend}" if mend else "")
            )
        wrong += len(findings)
        if policy is not None and not findings:
            policies.append(policy)
            examples += len(policy.examples)
    Library(tuple(policies))
    found = () if reading_only else check_library(policies, _places(policies))
    for finding in found:
        _tell(finding, lang)
    counts = Counter(each.severity for each in found)
    told = ", ".join(f"{counts[each]} {each}" for each in Severity if counts[each])
    wrong += counts[Severity.ERROR]
    typer.echo(f"{len(files)} files, {examples} examples, {wrong} findings" + _after(told))
    if wrong:
        raise typer.Exit(1)


def _after(told: str) -> str:
    return f" (checks: {told})" if told else ""


def _tell(found: Finding, language: str) -> None:
    clauses = f" [{', '.join(found.clauses)}]" if found.clauses else ""
    word = SEVERITIES[found.severity][0 if language == "zh" else 1]
    typer.echo(f"{word} {found.spot}: {found.told('what', language)}{clauses}")
    for person in found.people(language):
        typer.echo(f"    {'例' if language == 'zh' else 'e.g.'} {person}")
    typer.echo(f"    → {found.told('mend', language)}")


def _places(policies: Sequence[Policy]) -> tuple[str, ...]:
    """Return the counties of the packs in which some policies have parameters by region."""
    varied = [each for each in policies if differs_by_place(each)]
    codes = {region[:2] for each in varied for region in each.regions if region}
    found: list[str] = []
    for code in sorted(codes):
        try:
            found += counties_of(RegionPack.load(find_pack(code)))
        except NotFound:
            continue  # no pack of this province here: only the regions the policy names
    return tuple(found)


def schema() -> None:
    """Print the JSON Schema of policy files.

    Example: `longmai rules schema > policy.schema.json`
    """
    typer.echo(json.dumps(policy_schema(), ensure_ascii=False, indent=2))
