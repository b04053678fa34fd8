"""``longmai livelihood find, explain, changes``: who is entitled, why, and what has changed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from longmai.domains.livelihood.finding.finding import (
    HORIZON_DAYS,
    NEAR_MOST,
    Search,
    find,
    policies_of,
)
from longmai.domains.livelihood.finding.reading import Finding, FoundRow, Reasons
from longmai.domains.livelihood.finding.verdict import STATES
from longmai.domains.livelihood.province.commands import day_of
from longmai.kernel.errors import NotFound
from longmai.kernel.money import fen_to_yuan
from longmai.kernel.regions import RegionPack, find_pack
from longmai.kernel.settings import load_settings
from longmai.rules.policy.evaluation import State
from longmai.rules.policy.explanation import Reason
from longmai.rules.policy.library import Library
from longmai.store.columns.people import People

app = typer.Typer()
_SHOWN_S = 0.05
_MARKS = {State.MET: "✓", State.NOT_MET: "✗", State.UNKNOWN: "?", State.MANUAL: "☐"}
_WORDS = {
    "eligible": ("符合", "eligible"),
    "near": ("差一点", "near miss"),
    "unknown": ("缺数据", "unknown"),
    "manual": ("需人工审核", "for a person to decide"),
    "not": ("不符合", "not eligible"),
}
_Language = Annotated[Literal["zh", "en"], typer.Option("--lang", help="Language.")]


@app.command("find")
def find_people(  # noqa: PLR0913, PLR0917 - the options of a command
    population: Annotated[Path, typer.Option(help="Parquet file, one row a person.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.")],
    day: Annotated[str, typer.Option("--date", help="By the law of which day; today.")] = "",
    policies: Annotated[
        list[Path] | None, typer.Option(help="Policy files or folders; the region's, if none.")
    ] = None,
    since: Annotated[Path | None, typer.Option(help="The finding before.")] = None,
    horizon: Annotated[int, typer.Option(min=0, help="Days looked ahead.")] = HORIZON_DAYS,
    sampled: Annotated[int, typer.Option(min=0, help="Judged twice, off the borders.")] = 100_000,
    near_most: Annotated[
        int, typer.Option(min=0, help="Cases judged twice on each policy's borders; 0: all.")
    ] = NEAR_MOST,
    threads: Annotated[int, typer.Option(min=1)] = 2,
    memory: Annotated[int, typer.Option(min=200, help="Megabytes for data.")] = 1200,
) -> None:
    """Find who is entitled to what: everybody by all policies in force on a day.

    Example: `longmai livelihood find --population sample/population.parquet --date 2026-09-01
    --out tonight`
    """
    on = day_of(day)
    folders = policies or [RegionPack.load(find_pack(load_settings().region)).policies]
    chosen = policies_of(Library.load(folders), on)
    people = People(population, members=population, parent="household", absent_unknown=True)
    started = time.monotonic()
    with _progress() as told:
        search = Search(
            chosen,
            people,
            on,
            out,
            since,
            horizon,
            sampled,
            near_most or None,
            threads,
            memory,
            told,
        )
        found = find(search)
    _tell(Finding.load(out), found["twice"])
    typer.echo(f"wrote {out} in {time.monotonic() - started:.1f} s")


@contextmanager
def _progress() -> Iterator[Any]:
    columns = (TextColumn("judged"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("judged", total=None)
        yield lambda done: progress.update(task, advance=done)


def _tell(finding: Finding, twice: dict[str, int]) -> None:
    people = finding.certificate.people
    for own, policy in finding.policies.items():
        counts = policy.total()
        said = ", ".join(f"{counts[state]:,} {_WORDS[state][1]}" for state in STATES)
        typer.echo(f"{own}: {said}")
    typer.echo(
        f"nobody left out: {people:,} people × {len(finding.policies)} policies; judged twice: "
        f"{twice['near_judged']:,} of {twice['near']:,} on a border, as {twice['near_cases']:,}"
        f" cases, {twice['sampled']:,} others, {twice['differences']} differences"
    )


@app.command()
def explain(
    person: Annotated[str, typer.Argument(help="Key of the person.")],
    finding: Annotated[Path, typer.Option(help="Folder of a finding.")],
    policy: Annotated[str, typer.Option(help="Id of one policy; empty: all.")] = "",
    lang: _Language = "zh",
) -> None:
    """Say what each policy means for a person, and why, clause by clause.

    Example: `longmai livelihood explain 620102000000001 --finding tonight`
    """
    found = Finding.load(finding)
    rows, _ = found.rows(policy=policy, person=person)
    if not rows:
        raise NotFound("no such person", code="finding.person", place=str(finding), value=person)
    for row in rows:
        _say(found, row, lang)


def _say(found: Finding, row: FoundRow, lang: Literal["zh", "en"]) -> None:
    policy = found.policy(row.policy)
    title = policy.en if lang == "en" and policy.en else policy.title
    amount = "" if row.amount_fen is None else f"  {fen_to_yuan(row.amount_fen)}"
    typer.echo(f"{title}: {_WORDS[row.state][lang == 'en']}{amount}")
    reasons = found.reasons(row.person, row.policy, lang)
    if not reasons.holds:
        typer.echo({"zh": "  不适用于此人所在地区", "en": "  does not apply there"}[lang])
        return
    _print(reasons.explanation.reasons, 1)
    _print_ahead(row, reasons, lang)


def _print(reasons: tuple[Reason, ...], level: int) -> None:
    for each in reasons:
        told = "；".join((*each.sentences, *each.missing))
        line = f"{'  ' * level}{_MARKS[each.state]} {each.name}"
        typer.echo(f"{line}: {told}" if told else line)
        _print(each.parts, level + 1)


def _print_ahead(row: FoundRow, reasons: Reasons, lang: Literal["zh", "en"]) -> None:
    for gap in reasons.plan.gaps:
        typer.echo(f"  → {gap.sentence}")
    if row.gain_on:
        typer.echo({"zh": f"  → {row.gain_on} 起符合", "en": f"  → from {row.gain_on} on"}[lang])
    if row.lose_on:
        typer.echo({"zh": f"  → {row.lose_on} 起不再符合", "en": f"  → ends {row.lose_on}"}[lang])


@app.command()
def changes(
    finding: Annotated[Path, typer.Argument(help="Folder of a finding made with --since.")],
    kind: Annotated[
        list[str] | None, typer.Option(help="gained, lost, amount, unknown, other, arrived, left.")
    ] = None,
    policy: Annotated[str, typer.Option(help="Id of one policy; empty: all.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
) -> None:
    """Say what has changed since the finding before.

    Example: `longmai livelihood changes tonight --kind gained --kind lost`
    """
    found, total = Finding.load(finding).changes(kinds=kind or (), policy=policy, limit=limit)
    for each in found:
        typer.echo(f"{each.person}  {each.policy}  {each.before or '-'} → {each.after or '-'}")
    typer.echo(f"{len(found):,} of {total:,}")
