"""What a what-if answers: to programs as JSON, to pages, to files, and to a job's memory."""

from decimal import Decimal

from pydantic import BaseModel, Field

from longmai.rules.policy.literals import as_plain
from longmai.rules.simulate import bins, comparing, estimating, searching, thresholds


class Estimate(BaseModel):
    """A total; `margin` is half the 95 % interval, null where the population is whole."""

    value: int
    margin: int | None = None

    @classmethod
    def of(cls, found: estimating.Estimate) -> "Estimate":
        """Return an estimate of the engine."""
        return cls(value=found.value, margin=found.margin)


class Line(BaseModel):
    """What a change does to all, or to a part. Money in fen; what a person reviews counts as met.

    `cost_after − cost_before = gains_fen − losses_fen`, of those of whom both sides are known.
    """

    key: str
    people: Estimate
    met_before: Estimate
    met_after: Estimate
    newly: Estimate
    gone: Estimate
    gain: Estimate
    loss: Estimate
    same: Estimate
    unknown: Estimate
    reviewed: Estimate
    winners: Estimate
    losers: Estimate
    cost_before: Estimate
    cost_after: Estimate
    gains_fen: Estimate
    losses_fen: Estimate
    change_fen: Estimate

    @classmethod
    def of(cls, found: comparing.Line) -> "Line":
        """Return a line of the engine."""
        names = [name for name in cls.model_fields if name != "key"]
        return cls(key=found.key, **{name: Estimate.of(getattr(found, name)) for name in names})


class Bin(BaseModel):
    """How many are at `low` or above, and below `high`."""

    low: int
    high: int
    count: Estimate

    @classmethod
    def of(cls, found: bins.Bin) -> "Bin":
        """Return a bin of the engine."""
        return cls(low=found.low, high=found.high, count=Estimate.of(found.count))


class Crowding(BaseModel):
    """How many stand close to a threshold; all numbers in hundredths of `unit`.

    `limit_*` is the least and greatest threshold; `bins_*` are of the quantity less the threshold;
    `near_*` counts those within a tenth of it.
    """

    condition: str
    quantity: str
    unit: str
    limit_before: tuple[int, int] | None
    limit_after: tuple[int, int] | None
    bins_before: list[Bin]
    bins_after: list[Bin]
    near_before: Bin | None
    near_after: Bin | None

    @classmethod
    def of(cls, found: thresholds.Crowding) -> "Crowding":
        """Return what the engine found at a threshold."""
        near = [None if each is None else Bin.of(each) for each in found.near]
        return cls(
            condition=found.condition,
            quantity=found.quantity,
            unit=found.unit,
            limit_before=found.limits[0],
            limit_after=found.limits[1],
            bins_before=[Bin.of(each) for each in found.bins[0]],
            bins_after=[Bin.of(each) for each in found.bins[1]],
            near_before=near[0],
            near_after=near[1],
        )


class Tried(BaseModel):
    """A value of a parameter, and what the policy then costs."""

    value: str
    cost_fen: int


class Search(BaseModel):
    """The value of a parameter that meets a cost; `outcome` says why there is none."""

    parameter: str
    outcome: str
    target_fen: int
    value: str | None
    cost_fen: int | None
    tried: list[Tried]

    @classmethod
    def of(cls, parameter: str, found: searching.Search) -> "Search":
        """Return what the engine found."""
        return cls(
            parameter=parameter,
            outcome=found.outcome.value,
            target_fen=found.target_fen,
            value=None if found.value is None else plain(found.value),
            cost_fen=found.cost_fen,
            tried=[Tried(value=plain(v), cost_fen=cost) for v, cost in found.tried],
        )


class Answer(BaseModel):
    """What a what-if found. `exact` is false where the population is a sample.

    `refusals` says why a side ran case by case; both empty: as columns in the database.
    """

    policy: str
    version: str
    title: str
    unit: str
    pays: bool
    day: str
    reform: str
    digest_before: str
    digest_after: str
    rows: int
    exact: bool
    made_up: bool
    seed: int | None
    group: str
    total: Line
    regions: list[Line]
    groups: list[Line]
    distribution: list[Bin]
    crowding: list[Crowding]
    search: Search | None = None
    refusals: list[str] = Field(default_factory=list)


def plain(value: Decimal) -> str:
    """Return a number as text, without an exponent or idle zeros.

    >>> plain(Decimal("650.00")), plain(Decimal("1E+3"))
    ('650', '1000')
    """
    text = str(as_plain(value))
    return text.rstrip("0").rstrip(".") if "." in text else text
