"""A policy under check: its formulas for each era and household, made once, and its questions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from longmai.rules.checks.eras import Era, eras_of
from longmai.rules.checks.formulas import Formulas
from longmai.rules.checks.solver import Budget, Questions
from longmai.rules.policy.model import Policy

SIZES = (1, 2)
"""Households that are spelled out, where a policy asks for members."""
Asked = tuple[Formulas, Questions]


@dataclass
class Subject:
    """What the checks of one policy share.

    Attributes:
        policy: under check.
        budget: time for all of it.
        beyond: names of what could not be checked, with what is beyond us in it.
    """

    policy: Policy
    budget: Budget
    beyond: dict[str, str] = field(default_factory=dict)
    _somebody: list[Asked] = field(default_factory=list)
    _anybody: list[Asked] = field(default_factory=list)

    @cached_property
    def eras(self) -> tuple[Era, ...]:
        """Where to look, the latest first."""
        return eras_of(self.policy)

    def somebody(self) -> Iterator[Asked]:
        """Yield formulas for people one can name: a solution is a case."""
        sizes = SIZES if self.policy.members else (0,)
        yield from self._made(self._somebody, [(era, n) for era in self.eras for n in sizes])

    def anybody(self) -> Iterator[Asked]:
        """Yield formulas for claims about everybody: what has no solution there, can never be."""
        yield from self._made(self._anybody, [(era, None) for era in self.eras])

    def can_be(self, wanted: Callable[[Formulas], Sequence[Any]]) -> bool | None:
        """Tell whether anybody can be such; None where it stays undecided.

        Somebody who can be named is enough, and found sooner; only who cannot be is asked for
        among everybody.

        Args:
            wanted: what must hold, in formulas.
        """
        if any(questions.can_be(*wanted(each)) for each, questions in self.somebody()):
            return True
        answers = [questions.can_be(*wanted(each)) for each, questions in self.anybody()]
        if any(answers):
            return True
        return None if None in answers else False

    def _made(self, kept: list[Asked], wanted: list[tuple[Era, int | None]]) -> Iterator[Asked]:
        for number, (era, size) in enumerate(wanted):
            if number == len(kept):
                formulas = Formulas(self.policy, era, size)
                for name, what in formulas.beyond.items():
                    self.beyond.setdefault(name, what)
                kept.append((formulas, Questions(formulas.domain, self.budget)))
            yield kept[number]

    def not_checked(self) -> list[tuple[str, str]]:
        """Return names with what is beyond the checks in them, each thing once."""
        found = dict(self.beyond)
        for formulas, _ in (*self._somebody, *self._anybody):
            for name, what in formulas.translate.loose.items():
                found.setdefault(name, what)
        return list(found.items())
