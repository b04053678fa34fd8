"""The long ones: a what-if over many made-up people, as a job of the queue."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from longmai.portal.house import House
from longmai.portal.simulation.asking import Asked, Whom, Wish, answer, population_for
from longmai.rules.simulate.reform import read_reform
from longmai.store.worker import Task

KIND = "rules.what_if"


def arguments_of(asked: Asked) -> dict[str, Any]:
    """Return a what-if as a job keeps it; tables that people send are never kept."""
    if asked.whom.table is not None:
        raise ValueError("a table that somebody sent is not kept")
    wish = None
    if asked.wish is not None:
        wish = {k: None if v is None else str(v) for k, v in asdict(asked.wish).items()}
    whom = {k: v for k, v in asdict(asked.whom).items() if k != "table"}
    return {
        "policy": asked.policy.id,
        "version": asked.policy.version,
        "reform": asked.reform.text,
        "day": asked.day.isoformat(),
        "whom": whom,
        "group": asked.group,
        "wish": wish,
    }


def what_if(house: House, task: Task) -> Mapping[str, Any]:
    """Run it; the job's result is the answer, with the page that shows it."""
    told = task.job.arguments
    wish = told["wish"]
    asked = Asked(
        house.policies.version(told["policy"], told["version"]),
        read_reform(told["reform"]),
        date.fromisoformat(told["day"]),
        Whom(**told["whom"]),
        told["group"],
        None if wish is None else _wish(wish),
    )
    task.progress(0, 4)
    population = population_for(house, asked)
    found = answer(asked, population, lambda done, every: task.progress(done + 1, every + 1))
    return {
        "note": "job.note.what_if",
        "page": f"/rules/{asked.policy.id}/what-if/{task.job.id}",
        "answer": found.model_dump(mode="json"),
    }


def _wish(told: Mapping[str, str | None]) -> Wish:
    numbers = {
        name: None if told[name] is None else Decimal(str(told[name]))
        for name in ("low", "high", "step")
    }
    target = told["target_fen"]
    return Wish(
        str(told["parameter"]),
        None if target is None else int(target),
        numbers["low"],
        numbers["high"],
        numbers["step"] or Decimal(1),
    )
