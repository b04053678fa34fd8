"""``longmai rules what-if``: a reform over a table or over made-up people, from a terminal."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.parquet as pq
import typer

from longmai.cli.rules.files import Language
from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.money import fen_to_yuan, yuan_to_fen
from longmai.kernel.region_codes import prefix
from longmai.rules.policy.library import Library, read_file, text_of_file
from longmai.rules.policy.model import Policy
from longmai.rules.simulate.applying import apply_reform
from longmai.rules.simulate.comparing import Line
from longmai.rules.simulate.estimating import Estimate
from longmai.rules.simulate.files import read_csv
from longmai.rules.simulate.population import Population, population_of
from longmai.rules.simulate.reform import Reform, read_reform
from longmai.rules.simulate.sample import Recipe, sample_population
from longmai.rules.simulate.searching import Search
from longmai.rules.simulate.simulation import Report, Simulation
from longmai.store.columns.duckdb import DuckDB

_WORDS = {
    "zh": {
        "before": "改前", "after": "改后", "met": "符合", "winners": "受益", "losers": "受损",
        "newly": "新符合", "gone": "不再符合", "gain": "增加", "loss": "减少", "unknown": "不知道",
        "change": "变化", "near": "门槛上下一成以内", "by_case": "逐个计算",
        "made_up": "示例人口，不是真实的人", "found": "平衡的值", "none": "没有这样的值",
    },
    "en": {
        "before": "before", "after": "after", "met": "eligible", "winners": "winners",
        "losers": "losers", "newly": "newly eligible", "gone": "no longer eligible",
        "gain": "more", "loss": "less", "unknown": "not known", "change": "change",
        "near": "within a tenth of the threshold", "by_case": "case by case",
        "made_up": "made-up people", "found": "the value that meets it", "none": "no such value",
    },
}  # fmt: skip


def what_if(  # noqa: PLR0913, PLR0917 - the options of a command
    policy: Annotated[Path, typer.Argument(help="Policy file, or a folder of them.")],
    reform: Annotated[Path, typer.Argument(help="Reform file.")],
    population: Annotated[
        Path | None, typer.Option(help="CSV or Parquet with the policy's data; else made up.")
    ] = None,
    households: Annotated[int, typer.Option(help="Of made-up people.", min=1)] = 1000,
    seed: Annotated[int, typer.Option(help="Of made-up people.")] = 1,
    place: Annotated[list[str] | None, typer.Option(help="Region codes of made-up people.")] = None,
    stands_for: Annotated[
        int | None, typer.Option(help="They are a sample of so many; else the whole.", min=1)
    ] = None,
    by_county: Annotated[bool, typer.Option(help="The sample was drawn within counties.")] = False,
    group: Annotated[str, typer.Option(help="Column to group by.")] = "",
    search: Annotated[str, typer.Option(help="Parameter to meet a cost with.")] = "",
    target: Annotated[str, typer.Option(help="Cost in yuan; else what it costs before.")] = "",
    step: Annotated[str, typer.Option(help="Between values of that parameter.")] = "1",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the policy with the reform here.")
    ] = None,
    lang: Language = "zh",
) -> None:
    """Say who gains and who loses by a reform, and what it costs.

    Example: `longmai rules what-if regions/62/policies reform.yaml --households 2000`
    """
    read = read_reform(text_of_file(reform), str(reform))
    day = read.day or datetime.now(UTC).date()
    found = _policy(policy, read)
    if out is not None:
        out.write_text(apply_reform(found, read).text, encoding="utf-8")
    if population is None:
        recipe = Recipe(households, seed, places={prefix(each): 1.0 for each in place or ()})
        people = sample_population(found, recipe, day)
    else:
        people = population_of(found, _table(population))
    if stands_for is not None or not people.design.whole:
        people = people.sampled(stands_for, by_county=by_county)
    with DuckDB() as duck:
        run = Simulation(found, read, people, day, duck)
        _say(run.report(group), people, lang)
        if search:
            goal = yuan_to_fen(target) if target else None
            _say_search(search, run.neutral(search, goal, step=Decimal(step)), lang)


def _policy(path: Path, reform: Reform) -> Policy:
    if path.is_file():
        return read_file(path)
    library = Library.load([path])
    if reform.version:
        return library.version(reform.policy, reform.version)
    return library.versions(reform.policy)[0]


def _table(file: Path) -> pa.Table:
    try:
        if file.suffix == ".parquet":
            return pq.read_table(file)
        return read_csv(file.read_bytes())
    except FileNotFoundError:
        raise NotFound("no such file", code="population.file", value=str(file)) from None
    except (pa.ArrowException, OSError) as error:
        raise Invalid(
            "the table cannot be read", code="population.file", place=str(file),
            value=str(error)[:200], mend="give CSV with a row of headings, or Parquet",
        ) from None  # fmt: skip


def _say(report: Report, people: Population, lang: str) -> None:
    t, total = _WORDS[lang], report.total
    if people.made_up:
        typer.echo(f"  ({t['made_up']})")
    if report.after.amount is not None or report.before.amount is not None:
        money = (total.cost_before, total.cost_after, total.change_fen)
        before, after, change = (_money(each) for each in money)
        typer.echo(f"{before} → {after}  ({t['change']} {change})")
    typer.echo(f"{t['met']}: {_count(total.met_before)} → {_count(total.met_after)}")
    names = ("winners", "losers", "newly", "gone", "gain", "loss", "unknown")
    typer.echo("  ".join(f"{t[name]} {_count(getattr(total, name))}" for name in names))
    for line in (*report.regions, *report.groups):
        _say_line(line, t)
    for each in report.crowding:
        near = [None if one is None else _count(one.count) for one in each.near]
        typer.echo(f"  {each.condition} · {t['near']}: {near[0] or '—'} → {near[1] or '—'}")
    for why in dict.fromkeys(each for each in report.refusals if each):
        typer.echo(f"  {t['by_case']}: {why}")


def _say_line(line: Line, t: Any) -> None:
    change = f"{t['winners']} {_count(line.winners)}, {t['losers']} {_count(line.losers)}"
    typer.echo(f"  {line.key}: {change}, {_money(line.change_fen)}")


def _say_search(parameter: str, found: Search, lang: str) -> None:
    t = _WORDS[lang]
    if found.value is None or found.cost_fen is None:
        typer.echo(f"{parameter}: {t['none']} ({found.outcome})")
        return
    cost, target = fen_to_yuan(found.cost_fen), fen_to_yuan(found.target_fen)
    typer.echo(f"{parameter}: {t['found']} {found.value:f} ({cost:,} / {target:,})")


def _count(found: Estimate) -> str:
    return f"{found.value:,}" + ("" if found.margin is None else f" ± {found.margin:,}")


def _money(found: Estimate) -> str:
    text = f"{fen_to_yuan(found.value):,}"
    return text if found.margin is None else f"{text} ± {fen_to_yuan(found.margin):,}"
