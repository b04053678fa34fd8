"""Trust policies of transparency logs: which logs, which witnesses, and how many must agree.

Source: https://c2sp.org/tlog-policy
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from longmai.kernel.errors import Invalid
from longmai.ledger.note import LOG_KEY, WITNESS_KEY, VerifierKey

_NONE = "none"


@dataclass(frozen=True)
class Party:
    """A log or a witness: its key, and where it can be reached, if said."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True)
class Group:
    """A group is satisfied when at least ``threshold`` of its members are."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """A policy; the default one knows nobody and asks nobody.

    Attributes:
        logs: those known.
        witnesses: by their name in the policy.
        groups: by name.
        quorum: name of the witness or group that must be satisfied; ``none`` if no one must.
    """

    logs: tuple[Party, ...] = ()
    witnesses: Mapping[str, Party] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = _NONE

    @property
    def asks_witnesses(self) -> bool:
        """Whether a checkpoint needs cosignatures."""
        return self.quorum != _NONE

    def satisfied(self, cosigned: Collection[str]) -> bool:
        """Tell whether these witnesses, by their names in the policy, are enough."""
        return self.quorum == _NONE or self._holds(self.quorum, cosigned)

    def _holds(self, name: str, cosigned: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in cosigned
        return sum(self._holds(member, cosigned) for member in group.members) >= group.threshold


def parse_policy(text: str, place: str = "policy") -> Policy:
    r"""Read a policy file.

    >>> signer = VerifierKey("w.example", bytes(32), WITNESS_KEY)
    >>> policy = parse_policy(f"witness W {signer}\ngroup G any W\nquorum G\n")
    >>> policy.satisfied({"W"}), policy.satisfied(())
    (True, False)

    Raises:
        Invalid: a line breaks the rules; names the line.
    """
    reader = _Reader()
    for number, line in enumerate(text.split("\n"), 1):
        words = re.split(r"[ \t]+", line.strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            continue
        try:
            reader.read(words)
        except Invalid as fault:
            where = f"{place}, line {number}"
            raise Invalid(fault.what, code="ledger.policy", place=where, value=line) from None
    if reader.quorum is None:
        raise Invalid(
            "the policy has no quorum line",
            code="ledger.policy",
            place=place,
            mend="end it with 'quorum NAME', or 'quorum none'",
        )
    return Policy(tuple(reader.logs), reader.witnesses, reader.groups, reader.quorum)


class _Reader:
    def __init__(self) -> None:
        self.logs: list[Party] = []
        self.witnesses: dict[str, Party] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._members: set[str] = set()

    def read(self, words: list[str]) -> None:
        match words:
            case ["log", key, *url] if len(url) <= 1:
                known = [party.key for party in self.logs]
                self.logs.append(self._party(key, url, LOG_KEY, known))
            case ["witness", name, key, *url] if len(url) <= 1:
                self._new(name)
                known = [party.key for party in self.witnesses.values()]
                self.witnesses[name] = self._party(key, url, WITNESS_KEY, known)
            case ["group", name, threshold, *members] if members:
                self._group(name, threshold, members)
            case ["quorum", name]:
                self._quorum(name)
            case _:
                raise Invalid("a line is log, witness, group or quorum with its parts")

    def _party(self, text: str, url: list[str], kind: bytes, known: list[VerifierKey]) -> Party:
        key = VerifierKey.parse(text, kind)
        if any(other.public == key.public for other in known):
            raise Invalid("this key stands in the policy already")
        return Party(key, *url)

    def _new(self, name: str) -> None:
        if name == _NONE or name in self.witnesses or name in self.groups:
            raise Invalid("this name is taken")

    def _known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise Invalid(f"no line above defines {name}")

    def _group(self, name: str, threshold: str, members: list[str]) -> None:
        self._new(name)
        for member in members:
            self._known(member)
            if member in self._members:
                raise Invalid(f"{member} is a member twice")
            self._members.add(member)
        named = {"any": "1", "all": str(len(members))}.get(threshold, threshold)
        if not re.fullmatch(r"[1-9]\d{0,3}", named, re.ASCII) or int(named) > len(members):
            raise Invalid("a group needs all, any, or a number up to that of its members")
        self.groups[name] = Group(int(named), tuple(members))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise Invalid("a policy has one quorum line")
        if name != _NONE:
            self._known(name)
        self.quorum = name
