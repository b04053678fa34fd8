"""The charts of an answer, as options of ECharts; each stands beside its table."""

from dataclasses import dataclass
from typing import Any

from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.money import FEN_PER_YUAN
from longmai.portal.rendering import Words
from longmai.portal.simulation.models import Answer, Bin, Crowding, Line

MOST_BARS = 15
_LABEL_PX = 92


@dataclass(frozen=True)
class Charts:
    """The options; None where there is nothing to draw."""

    regions: dict[str, Any] | None
    groups: dict[str, Any] | None
    distribution: dict[str, Any] | None
    crowding: tuple[dict[str, Any], ...]
    search: dict[str, Any] | None


def charts_of(t: Words, found: Answer) -> Charts:
    """Return the charts of an answer."""
    return Charts(
        _lines(t, found.regions, [_short(t, each.key) for each in found.regions]),
        _lines(t, found.groups, [each.key or t("what_if.no_value") for each in found.groups]),
        _distribution(t, found) if found.distribution else None,
        tuple(_crowding(t, each) for each in found.crowding),
        _search(t, found) if found.search else None,
    )


def _lines(t: Words, lines: list[Line], names: list[str]) -> dict[str, Any] | None:
    """Return winners to the right and losers to the left, the most changed places first."""
    both = [
        (each, name)
        for each, name in zip(lines, names, strict=True)
        if each.winners.value or each.losers.value
    ]
    both.sort(key=lambda pair: -(pair[0].winners.value + pair[0].losers.value))
    both = both[:MOST_BARS][::-1]
    if not both:
        return None
    series = [("winners", 1), ("losers", -1)]
    return {
        "legend": {"top": 0},
        "xAxis": {"type": "value"},
        "yAxis": {
            "type": "category",
            "data": [name for _, name in both],
            "axisLabel": {"interval": 0, "width": _LABEL_PX, "overflow": "truncate"},
        },
        "grid": {"left": _LABEL_PX + 12, "right": 16, "top": 32, "bottom": 28},
        "series": [
            {
                "name": t(f"what_if.line.{name}"),
                "type": "bar",
                "stack": "all",
                "data": [sign * getattr(each, name).value for each, _ in both],
            }
            for name, sign in series
        ],
    }


def _short(t: Words, code: str) -> str:
    """Return a county's name without what is around it."""
    try:
        found = t.house.regions.get(code)
    except (Invalid, NotFound):
        return code
    return found.name if t.language == "zh" else found.name_en


def _distribution(t: Words, found: Answer) -> dict[str, Any]:
    edges = [f"{_yuan(each.low)} – {_yuan(each.high)}" for each in found.distribution]
    return {
        "xAxis": {"type": "category", "data": edges, "axisLabel": {"rotate": 30}},
        "yAxis": {"type": "value"},
        "series": [
            {
                "name": t("what_if.line.people"),
                "type": "bar",
                "data": [each.count.value for each in found.distribution],
            }
        ],
    }


def _crowding(t: Words, found: Crowding) -> dict[str, Any]:
    edges = found.bins_after or found.bins_before
    return {
        "legend": {"top": 0},
        "xAxis": {"type": "category", "data": [f"{hundredths(e.low)}" for e in edges]},
        "yAxis": {"type": "value"},
        "series": [
            {"name": t(f"what_if.{side}"), "type": "bar", "barGap": "0%", "data": _counts(bins)}
            for side, bins in (("before", found.bins_before), ("after", found.bins_after))
            if bins
        ],
    }


def _counts(bins: list[Bin]) -> list[int]:
    return [each.count.value for each in bins]


def _search(t: Words, found: Answer) -> dict[str, Any]:
    search = found.search
    points = [] if search is None else search.tried
    target = 0 if search is None else search.target_fen
    cost = [[float(each.value), each.cost_fen / FEN_PER_YUAN] for each in points]
    level = [[each[0], target / FEN_PER_YUAN] for each in cost]
    return {
        "legend": {"top": 0},
        "xAxis": {"type": "value", "scale": True},
        "yAxis": {"type": "value"},
        "series": [
            {"name": t("what_if.line.cost_after"), "type": "line", "data": cost},
            {"name": t("what_if.target"), "type": "line", "data": level, "showSymbol": False},
        ],
    }


def _yuan(fen: int) -> str:
    return hundredths(fen)


def hundredths(value: int) -> str:
    """Return hundredths as a number people read.

    >>> hundredths(123450), hundredths(-1000)
    ('1,234.5', '-10')
    """
    text = f"{value / FEN_PER_YUAN:,.2f}"
    return text.rstrip("0").rstrip(".")
