"""Joins records into groups, one a person, under what must not be joined.

First come equal numbers that hold their check, then pairs from the heaviest down. Records that have
a person already are never moved, two persons never joined: that is for a clerk to say. The same
records, pairs and limits give the same groups, in whatever order they come.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from longmai.match.linkage.chinese import shape_keys, sounds
from longmai.match.linkage.records import Identity
from longmai.match.linkage.weighing import Pair

Why = Literal["weight", "same_id_other_name", "two_ids", "two_persons", "apart"]


@dataclass(frozen=True, slots=True)
class Record:
    """A record to be grouped.

    Attributes:
        key: names it.
        identity: what it says.
        person: that it has been linked to; empty for a new record.
    """

    key: str
    identity: Identity
    person: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two records that may be of one person, for a clerk to look at.

    Attributes:
        left, right: their keys, the smaller first.
        bits: match weight; 0 where none was computed.
        levels: as in ``Pair``; empty where none was computed.
        why: what keeps them from being linked.
    """

    left: str
    right: str
    bits: float
    levels: tuple[int, ...]
    why: Why


@dataclass(frozen=True)
class Link:
    """How a new record came to its group.

    Attributes:
        how: ``id`` (same number), ``weight``, or ``alone`` (its group has no other yet).
        bits: the weight; None where none was computed.
        with_key: of the record it was joined to; empty if it stands alone.
    """

    how: Literal["id", "weight", "alone"]
    bits: float | None = None
    with_key: str = ""


@dataclass
class Groups:
    """What came of grouping.

    Attributes:
        members: keys of each group's records, by the smallest key among them.
        links: how each new record came to its group.
        doubts: for a clerk.
    """

    members: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


def names_agree(one: str, other: str) -> bool:
    """Tell whether two names may be ways to write one: by sound, shape, order or one character.

    >>> names_agree("王芳", "王方"), names_agree("王芳", "李强"), names_agree("", "李强")
    (True, False, True)
    """
    if not one or not other or one == other or sorted(one) == sorted(other):
        return True
    if sorted(sounds(one)) == sorted(sounds(other)):
        return True
    if len(one) != len(other):
        return abs(len(one) - len(other)) == 1 and (
            set(one) <= set(other) or set(other) <= set(one)
        )
    unlike = [
        (a, b)
        for a, b in zip(one, other, strict=True)
        if not set(shape_keys(a)) & set(shape_keys(b))
    ]
    return len(unlike) <= max(1, len(one) - 2)


def grouped(
    records: Sequence[Record],
    pairs: Iterable[Pair],
    *,
    link_bits: float,
    apart: Collection[tuple[str, str]] = frozenset(),
) -> Groups:
    """Group records; all of them are kept in memory.

    Args:
        records: new ones, and the old ones they may belong to.
        pairs: weighed pairs of them.
        link_bits: weight from which a pair is linked.
        apart: pairs of keys (the smaller first) that a clerk said are two people.
    """
    work = _Grouping({each.key: each for each in records}, frozenset(apart))
    work.join_persons()
    work.join_numbers()
    heaviest = sorted(pairs, key=lambda each: (-each.bits, each.left, each.right))
    for pair in heaviest:
        work.join_pair(pair, link_bits)
    return work.result()


@dataclass
class _Grouping:
    records: Mapping[str, Record]
    apart: frozenset[tuple[str, str]]

    def __post_init__(self) -> None:
        self.parent = {key: key for key in self.records}
        self.persons = {key: each.person for key, each in self.records.items() if each.person}
        self.ids = {
            key: {each.identity.id_number}
            for key, each in self.records.items()
            if each.identity.id_valid
        }
        self.enemies: dict[str, dict[str, Why]] = {}
        for left, right in self.apart:
            if left in self.parent and right in self.parent:
                self._keep_apart(left, right, "apart")
        self.found = Groups()

    def _keep_apart(self, left: str, right: str, why: Why) -> None:
        self.enemies.setdefault(left, {})[right] = why
        self.enemies.setdefault(right, {})[left] = why

    def root(self, key: str) -> str:
        while self.parent[key] != key:
            self.parent[key] = self.parent[self.parent[key]]
            key = self.parent[key]
        return key

    def join_persons(self) -> None:
        first: dict[str, str] = {}
        for key in sorted(self.persons):
            self._join(self.root(first.setdefault(self.persons[key], key)), self.root(key))

    def join_numbers(self) -> None:
        holders: dict[str, str] = {}
        with_number = [each for each in self.records.values() if each.identity.id_valid]
        # Old ones first: a new record comes to them.
        for each in sorted(with_number, key=lambda each: (not each.person, each.key)):
            other = holders.setdefault(each.identity.id_number, each.key)
            if self.root(other) != self.root(each.key):
                self._join_number(other, each.key)

    def _join_number(self, other: str, key: str) -> None:
        one, two = (self.records[each].identity.name for each in (other, key))
        why = self._barrier(self.root(other), self.root(key))
        if why is None and not names_agree(one, two):
            why = "same_id_other_name"
        if why is None:
            self._link(key, Link("id", None, other))
            self._join(self.root(other), self.root(key))
        elif why != "apart":
            # Two names under one number: no weight may join them, a clerk must.
            self._keep_apart(self.root(other), self.root(key), why)
            self._doubt(other, key, 0.0, (), why)

    def join_pair(self, pair: Pair, link_bits: float) -> None:
        left, right = self.root(pair.left), self.root(pair.right)
        if left == right:
            return
        why = self._barrier(left, right)
        if why is None and pair.bits < link_bits:
            why = "weight"
        if why is None:
            for key, other in ((pair.left, pair.right), (pair.right, pair.left)):
                self._link(key, Link("weight", pair.bits, other))
            self._join(left, right)
        elif why != "apart" and (why != "two_ids" or pair.bits >= link_bits):
            self._doubt(pair.left, pair.right, pair.bits, pair.levels, why)

    def _barrier(self, left: str, right: str) -> Why | None:
        known = self.enemies.get(left, {}).get(right)
        if known is not None:
            return known
        if left in self.ids and right in self.ids and not self.ids[left] & self.ids[right]:
            return "two_ids"
        if left in self.persons and right in self.persons:
            return "two_persons"
        return None

    def _link(self, key: str, link: Link) -> None:
        if not self.records[key].person:
            self.found.links.setdefault(key, link)

    def _join(self, left: str, right: str) -> None:
        if left == right:
            return
        kept, gone = sorted((left, right))
        self.parent[gone] = kept
        if gone in self.persons:
            self.persons.setdefault(kept, self.persons[gone])
        if gone in self.ids:
            self.ids[kept] = self.ids.get(kept, set()) | self.ids[gone]
        for enemy, why in self.enemies.pop(gone, {}).items():
            del self.enemies[enemy][gone]
            self._keep_apart(kept, enemy, why)

    def _doubt(self, left: str, right: str, bits: float, levels: tuple[int, ...], why: Why) -> None:
        first, second = sorted((left, right))
        self.found.doubts.append(Doubt(first, second, bits, levels, why))

    def result(self) -> Groups:
        for key in sorted(self.records):
            self.found.members.setdefault(self.root(key), []).append(key)
            self._link(key, Link("alone"))
        self.found.doubts = self._open_doubts()
        return self.found

    def _open_doubts(self) -> list[Doubt]:
        # One question for two groups is enough: the heaviest; none where they met by another way.
        asked: dict[tuple[str, str], Doubt] = {}
        for each in self.found.doubts:
            left, right = sorted((self.root(each.left), self.root(each.right)))
            if left != right and self.enemies.get(left, {}).get(right) != "apart":
                asked.setdefault((left, right), each)
        return list(asked.values())
