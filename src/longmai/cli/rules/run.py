"""``longmai rules run, explain, certificate``: a whole province by a library of policies."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from longmai.cli.rules.cases import say
from longmai.cli.rules.files import Language
from longmai.kernel.errors import Invalid
from longmai.rules.policy.library import Library
from longmai.store.columns.checking import check_files
from longmai.store.columns.manifest import Certificate, read_certificate, read_manifest
from longmai.store.columns.people import People
from longmai.store.columns.province import CPU, Job, in_force
from longmai.store.columns.province import run as judge
from longmai.store.columns.row import row_of

_SHOWN_S = 0.05


def run(  # noqa: PLR0913, PLR0917 - the options of a command
    policies: Annotated[list[Path], typer.Argument(help="Policy files, or folders of them.")],
    population: Annotated[Path, typer.Option(help="Parquet file, one row a person.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.")],
    members: Annotated[
        Path | None, typer.Option(help="Parquet file of the members of households.")
    ] = None,
    opinions: Annotated[
        Path | None,
        typer.Option(help="CSV or Parquet of reviews: key, policy, clause, opinion, by, date."),
    ] = None,
    day: Annotated[str, typer.Option(help="By the law of which day: 2026-01-01; today.")] = "",
    key: Annotated[str, typer.Option(help="Column that names a person.")] = "id",
    region: Annotated[str, typer.Option(help="Column of the region codes.")] = "region",
    members_key: Annotated[
        str, typer.Option(help="Column in both files that joins members to people; the key.")
    ] = "",
    incremental: Annotated[
        Path | None, typer.Option(help="Run before: what did not change is taken over.")
    ] = None,
    changed: Annotated[
        Path | None, typer.Option(help="Parquet file of the keys and regions that changed.")
    ] = None,
    absent_unknown: Annotated[
        bool, typer.Option("--absent-unknown", help="Data without a column are unknown.")
    ] = False,
    recheck: Annotated[
        int,
        typer.Option(min=0, help="People on each policy's borders judged twice; 0: all of them."),
    ] = 200,
    keep_people: Annotated[
        bool, typer.Option("--keep-people", help="Keep a copy, in which changes are found sooner.")
    ] = False,
    threads: Annotated[int, typer.Option(min=1)] = 2,
    memory: Annotated[int, typer.Option(min=200, help="Megabytes for data.")] = 1200,
) -> None:
    """Judge everybody by every policy; write a table, a manifest and a certificate.

    Example: `longmai rules run regions/62/policies --population people.parquet --out tonight`
    """
    if changed is not None and incremental is None:
        raise Invalid(
            "a list of changes needs a run before",
            code="run.changed",
            mend="name its folder with --incremental",
        )
    on = day_of(day)
    chosen = in_force(Library.load(policies), on)
    people = People(population, key, region, members, members_key, absent_unknown, opinions)
    started = time.monotonic()
    with progress() as told:
        job = Job(
            chosen,
            people,
            on,
            out,
            incremental,
            changed,
            recheck,
            threads,
            memory,
            told,
            keeps_people=keep_people,
        )
        certificate = judge(job)
    tell(certificate)
    _tell_opinions(out)
    tell_time(out, time.monotonic() - started, job.took)


def day_of(text: str) -> date:
    """Return the day that is asked for, or today."""
    try:
        return date.fromisoformat(text) if text else datetime.now(UTC).date()
    except ValueError:
        raise Invalid(
            "not a day", code="run.day", value=text, mend="write it like 2026-01-01"
        ) from None


def tell_time(out: Path, whole: float, took: Mapping[str, float]) -> None:
    """Say what was written and how long each step took."""
    steps = ", ".join(
        f"{name} {each:.1f}"
        for name, each in took.items()
        if each >= _SHOWN_S and not name.endswith(CPU)
    )
    typer.echo(f"wrote {out} in {whole:.1f} s" + (f" ({steps})" if steps else ""))


@contextmanager
def progress() -> Iterator[Callable[[int], None]]:
    """Show how many are judged."""
    columns = (TextColumn("judged"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("judged", total=None)
        yield lambda done: progress.update(task, advance=done)


def tell(certificate: Certificate) -> None:
    """Say what a run came to, and that nobody was left out."""
    total, look = certificate.total(), certificate.second
    typer.echo(
        f"{total['people']:,} people × {certificate.policies} policies: {total['met']:,} met, "
        f"{total['not_met']:,} not met, {total['unknown']:,} unknown, {total['manual']:,} manual"
    )
    typer.echo(
        f"nobody left out in {len(certificate.counties)} counties; judged twice: "
        f"{look.near_judged:,} of {look.near:,} on a border, {look.random_judged:,} at random, "
        f"{len(look.differences)} differences"
    )


def _tell_opinions(folder: Path) -> None:
    """Say which opinions did not count."""
    aside = read_manifest(folder).set_aside
    words = {
        "later": "dated after the day",
        "other": "on a policy or version that judges nobody here",
        "nobody": "people with opinions are not in the file",
    }
    told = [f"{aside[name]:,} {what}" for name, what in words.items() if aside.get(name)]
    if told:
        typer.echo(f"opinions that do not count: {'; '.join(told)}")


def explain(
    folder: Annotated[Path, typer.Argument(help="Folder of a run.")],
    key: Annotated[str, typer.Option(help="Of the person.")],
    policy: Annotated[str, typer.Option(help="Id of the policy.")],
    population: Annotated[
        Path | None, typer.Option(help="The people's file, where it moved.")
    ] = None,
    members: Annotated[Path | None, typer.Option(help="The members' file, where it moved.")] = None,
    opinions: Annotated[
        Path | None, typer.Option(help="The file of opinions, where it moved.")
    ] = None,
    lang: Language = "zh",
) -> None:
    """Explain one row of a run, clause by clause, and hold it to what is written.

    Example: `longmai rules explain tonight --key 620102000000001 --policy livelihood.old-age`
    """
    row = row_of(folder, key, policy, population, members, opinions)
    told = [f"{name}: {value}" for name, value in row.written.items() if value not in (None, "")]
    typer.echo("  ".join(told))
    if row.outer:
        typer.echo(_OUTER[row.outer][lang])
    else:
        say(row.decision, lang)
    for each in row.opinions:
        found = {"zh": ("通过", "不通过"), "en": ("yes", "no")}[lang][not each.is_met]
        name = row.decision.policy.rules[each.clause].name
        typer.echo(f"  ☑ {name}: {found} ({each.by}, {each.day})")


_OUTER = {
    "region": {"zh": "该政策不适用于此人所在地区", "en": "the policy does not apply there"},
    "day": {
        "zh": "这一版政策已经到期，过渡规定也不适用于此人",
        "en": "this version has ended, and does not hold on for this person",
    },
}


def certificate(
    folder: Annotated[Path, typer.Argument(help="Folder of a run.")],
    files: Annotated[
        bool, typer.Option("--files", help="Read every file: digests, rows, counts.")
    ] = False,
) -> None:
    """Hold a run to its certificate: nobody left out, nobody twice.

    Exits with 2 or 4 if it does not hold.
    Example: `longmai rules certificate tonight --files`
    """
    found = read_certificate(folder)
    if files:
        typer.echo(f"{check_files(folder):,} files are as the manifest says")
    tell(found)
