"""``longmai rules update, compact``: a night in which only some people changed."""

import time
from pathlib import Path
from typing import Annotated

import typer

from longmai.cli.rules.run import day_of, progress, tell, tell_time
from longmai.store.columns.changes import Update
from longmai.store.columns.changes import update as judge
from longmai.store.columns.overlay import compact as work_in


def update(
    before: Annotated[Path, typer.Argument(help="Folder of the run before.")],
    changes: Annotated[
        Path, typer.Option(help="Parquet file of who changed: whole rows; gone: without a region.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.")],
    day: Annotated[str, typer.Option(help="By the law of which day: 2026-01-01; today.")] = "",
    recheck: Annotated[
        int,
        typer.Option(min=0, help="People on each policy's borders judged twice; 0: all of them."),
    ] = 200,
    threads: Annotated[int, typer.Option(min=1)] = 2,
    memory: Annotated[int, typer.Option(min=200, help="Megabytes for data.")] = 1200,
) -> None:
    """Judge who changed, and who lives with them; write what became of them over the run before.

    Example: `longmai rules update tonight --changes changed.parquet --out tomorrow`
    """
    started = time.monotonic()
    with progress() as told:
        job = Update(
            before,
            changes,
            out,
            day_of(day),
            recheck=recheck,
            threads=threads,
            memory_mb=memory,
            told=told,
        )
        certificate = judge(job)
    tell(certificate)
    tell_time(out, time.monotonic() - started, job.took)


def compact(
    folder: Annotated[Path, typer.Argument(help="Folder of a run with updates.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write.")],
    threads: Annotated[int, typer.Option(min=1)] = 2,
    memory: Annotated[int, typer.Option(min=200, help="Megabytes for data.")] = 1200,
) -> None:
    """Work updates into the files; they are then, byte for byte, those of a whole run.

    Example: `longmai rules compact tomorrow --out whole`
    """
    started = time.monotonic()
    tell(work_in(folder, out, threads=threads, memory_mb=memory))
    tell_time(out, time.monotonic() - started, {})
