"""Before and after, row by row: who gains, who loses, what it costs, by place and group."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from longmai.kernel.errors import Invalid
from longmai.rules.columns.rule import State
from longmai.rules.simulate.bins import Bin, bins_around_zero
from longmai.rules.simulate.estimating import ZERO, Estimate, totals
from longmai.rules.simulate.judging import Judgements
from longmai.rules.simulate.population import Design, Population

MOST_GROUPS = 100
COUNTY_DIGITS = 6
CLASSES = ("newly", "gone", "gain", "loss", "same", "unknown")


@dataclass(frozen=True)
class Line:
    """What a change does to all, or to a part.

    Costs are of those of whom both sides are known, so that ``cost_after − cost_before`` is
    ``gains_fen − losses_fen`` to the fen. What a person must review counts as met.

    Attributes:
        key: code of the place, or value of the group; empty: all.
        people: judged.
        met_before: eligible; ``met_after``: after.
        newly: eligible after and not before; ``gone``: the other way round.
        gain: eligible both times, for more; ``loss``: for less; ``same``: nothing changes.
        unknown: data or values are missing on one side or both.
        reviewed: eligible after only if a person finds so.
        gains_fen: what those who get more get more; ``losses_fen``: less.
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


@dataclass(frozen=True)
class Comparison:
    """Two judgements of the same rows.

    Attributes:
        pays: whether the policy pays money, before and after.
    """

    before: Judgements
    after: Judgements
    population: Population
    pays: tuple[bool, bool] = (True, True)

    @cached_property
    def classes(self) -> Mapping[str, pa.Array]:
        """Of each class whether a row is in it; each row is in one."""
        old, new, change = self._met(0), self._met(1), self.change_fen
        unknown = pc.or_(self._unknown(0), self._unknown(1))
        known = pc.invert(unknown)
        both = pc.and_(pc.and_(old, new), known)
        newly = pc.and_(pc.and_(pc.invert(old), new), known)
        gone = pc.and_(pc.and_(old, pc.invert(new)), known)
        gain, loss = pc.and_(both, pc.greater(change, 0)), pc.and_(both, pc.less(change, 0))
        moved = pc.or_(pc.or_(newly, gone), pc.or_(gain, loss))
        same = pc.and_(known, pc.invert(moved))
        return dict(zip(CLASSES, (newly, gone, gain, loss, same, unknown), strict=True))

    @cached_property
    def change_fen(self) -> pa.Array:
        """What each row gets more; 0 where one side is not known."""
        return pc.subtract(self._paid(1), self._paid(0))

    @cached_property
    def _known(self) -> pa.Array:
        return pc.invert(pc.or_(self._unknown(0), self._unknown(1)))

    def _side(self, side: int) -> Judgements:
        return (self.before, self.after)[side]

    def _met(self, side: int) -> pa.Array:
        state = self._side(side).state
        return pc.or_(pc.equal(state, State.MET), pc.equal(state, State.MANUAL))

    def _unknown(self, side: int) -> pa.Array:
        found = pc.equal(self._side(side).state, State.UNKNOWN)
        if not self.pays[side]:
            return found
        return pc.or_(found, pc.and_(self._met(side), pc.is_null(self._side(side).amount_fen)))

    def _paid(self, side: int) -> pa.Array:
        found = pc.fill_null(self._side(side).amount_fen, 0)
        due = pc.and_(self._known, self._met(side))
        return pc.if_else(due, found, 0)

    @cached_property
    def _variables(self) -> Mapping[str, pa.Array]:
        change = self.change_fen
        of_class = self.classes
        truths = {
            **of_class,
            "met_before": self._met(0),
            "met_after": self._met(1),
            "reviewed": pc.equal(self.after.state, State.MANUAL),
            "winners": pc.or_(of_class["newly"], of_class["gain"]),
            "losers": pc.or_(of_class["gone"], of_class["loss"]),
        }
        counts = {name: pc.cast(each, pa.int64()) for name, each in truths.items()}
        return {
            **counts,
            "people": pa.array([1] * self.population.size, pa.int64()),
            "cost_before": self._paid(0),
            "cost_after": self._paid(1),
            "gains_fen": pc.max_element_wise(change, 0),
            "losses_fen": pc.negate(pc.min_element_wise(change, 0)),
            "change_fen": change,
        }

    def total(self) -> Line:
        """Return what it does to all."""
        return _line("", totals(self._variables, self.population.design).get("", {}))

    def by(self, groups: pa.Array) -> tuple[Line, ...]:
        """Return what it does to each group, by key."""
        found = totals(self._variables, self.population.design, groups)
        return tuple(_line(key, found[key]) for key in sorted(found))

    def by_region(self, digits: int = COUNTY_DIGITS) -> tuple[Line, ...]:
        """Return what it does to each place; none where the rows have no regions."""
        if not self.population.placed:
            return ()
        return self.by(pc.utf8_slice_codeunits(self.population.regions, 0, digits))

    def by_group(self, heading: str) -> tuple[Line, ...]:
        """Return what it does to each value of a column.

        Raises:
            Invalid: there is no such column, or it has too many values.
        """
        return self.by(groups_of(self.population, heading))

    def distribution(self) -> tuple[Bin, ...]:
        """Return how many get how much more or less."""
        return bins_around_zero(self.change_fen, self.population.design)


def groups_of(population: Population, heading: str) -> pa.Array:
    """Return the values of a column, as texts to group by.

    Raises:
        Invalid: there is no such column, or it has too many values.
    """
    found = population.groups.get(heading)
    if found is None:
        raise Invalid(
            "the population has no such column", code="population.group", value=heading,
            mend=f"group by {', '.join(population.groups) or 'nothing'}",
        )  # fmt: skip
    texts = pc.fill_null(pc.cast(found, pa.string()), "")
    many = pc.count_distinct(texts).as_py()
    if many > MOST_GROUPS:
        raise Invalid(
            f"a column to group by has at most {MOST_GROUPS} values", code="population.group",
            place=heading, value=many, mend="choose one with fewer, or put it into classes first",
        )  # fmt: skip
    return texts


def _line(key: str, found: Mapping[str, Estimate]) -> Line:
    values = {name: found.get(name, ZERO) for name in Line.__dataclass_fields__ if name != "key"}
    # Rounded estimates add up like exact ones.
    change = values["gains_fen"].value - values["losses_fen"].value
    after = values["cost_before"].value + change
    values["cost_after"] = Estimate(after, values["cost_after"].error)
    values["change_fen"] = Estimate(change, values["change_fen"].error)
    return Line(key, **values)


def cost_of(found: Judgements, design: Design) -> int:
    """Return what a policy costs by itself, in fen: what is not known counts nothing."""
    due = pc.and_(
        pc.not_equal(found.state, State.NOT_MET), pc.not_equal(found.state, State.UNKNOWN)
    )
    paid = pc.if_else(due, pc.fill_null(found.amount_fen, 0), 0)
    return totals({"cost": paid}, design).get("", {"cost": ZERO})["cost"].value
