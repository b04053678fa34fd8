"""Many policies: which version of which holds for a case, and which can be had together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from longmai.kernel.errors import Conflict, Invalid, InvalidMany, NotFound
from longmai.rules.feel.compiler import Environment, compile_node
from longmai.rules.policy.evaluation import Case, Decision, State, case_of, evaluate
from longmai.rules.policy.findings import PolicyFinding, near
from longmai.rules.policy.keys import MEMBERS
from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import read_policy
from longmai.rules.policy.sections import Beside
from longmai.rules.policy.strict import strict

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Library:
    """Policies, each in one or more versions.

    Args:
        policies: in any order; versions of one policy share its id.
    """

    policies: Sequence[Policy]

    @classmethod
    def load(cls, paths: Iterable[Path]) -> "Library":
        """Read all policy files among and below some paths.

        Raises:
            InvalidMany: what is wrong in any of them; nothing is taken from the others.
        """
        found: list[Policy] = []
        wrong: list[Invalid] = []
        for file in policy_files(paths):
            try:
                found.append(read_file(file))
            except InvalidMany as error:
                wrong.extend(error.findings)
        if wrong:
            raise InvalidMany(f"{len(wrong)} findings in policy files", wrong, code="policy")
        return cls(tuple(found))

    def __post_init__(self) -> None:
        seen: dict[tuple[str, str], str] = {}
        for each in self.policies:
            key = each.id, each.version
            if key in seen:
                raise Conflict(
                    "two policy files have the same id and version",
                    code="policy.twice",
                    place=f"{seen[key]}, {each.file}",
                    value=" ".join(key),
                    mend="give one of them another version, or take it out",
                )
            seen[key] = each.file

    @cached_property
    def by_id(self) -> Mapping[str, tuple[Policy, ...]]:
        """Versions by id, the newest first."""
        found: dict[str, list[Policy]] = {}
        for each in self.policies:
            found.setdefault(each.id, []).append(each)
        return {
            own: tuple(sorted(versions, key=lambda each: each.start, reverse=True))
            for own, versions in sorted(found.items())
        }

    def versions(self, own: str) -> tuple[Policy, ...]:
        """Return the versions of a policy, the newest first.

        Raises:
            NotFound: there is none of this id.
        """
        if own not in self.by_id:
            close = near(own, self.by_id)
            raise NotFound(
                "no such policy",
                code="policy.unknown",
                value=own,
                mend=f"did you mean {close}?" if close else "see the list of policies",
            )
        return self.by_id[own]

    def version(self, own: str, name: str) -> Policy:
        """Return one version of a policy by its name.

        Raises:
            NotFound: there is none.
        """
        for each in self.versions(own):
            if each.version == name:
                return each
        known = ", ".join(each.version for each in self.versions(own))
        raise NotFound(
            "no such version", code="policy.version", value=name, mend=f"there are: {known}"
        )

    def by_digest(self, digest: str) -> Policy:
        """Return the version with a digest.

        Raises:
            NotFound: this library does not hold it.
        """
        for each in self.policies:
            if each.digest == digest:
                return each
        raise NotFound(
            "the version of the rule is not in this library",
            code="policy.digest",
            value=digest,
            mend="add the policy file it was decided by; old versions stay in the library",
        )

    def holding(self, own: str, case: Case) -> Policy:
        """Return the version that a case is judged by: a transition comes before the new law.

        Raises:
            NotFound: no version holds on that day in that region.
        """
        versions = [each for each in self.versions(own) if each.holds_in(case.region)]
        for each in versions:
            if in_transition(each, case):
                return each
        for each in versions:
            if each.holds_on(case.day):
                return each
        raise NotFound(
            "no version of the policy holds then and there",
            code="policy.day",
            place=own,
            value=f"{case.day} {case.region}".strip(),
            mend="choose another day or region",
        )

    def case(
        self,
        own: str,
        given: Mapping[str, Any],
        day: date,
        region: str = "",
        confirmed: Mapping[str, bool] | None = None,
        origins: Mapping[str, str] | None = None,
        *,
        among: bool = False,
    ) -> tuple[Policy, Case]:
        """Return the version that plain values are judged by, and the case made of them.

        Args:
            own: id of the policy.
            given: values by name.
            day: to judge by.
            region: code, as short as it is known.
            confirmed: what a person found.
            origins: where values come from.
            among: values of other policies' names are among them, and left out.

        Raises:
            NotFound: no version holds then and there.
            InvalidMany: the values do not fit that version.
        """
        more = (day, region, confirmed, origins)
        for each in self.versions(own):
            if each.transition and each.holds_in(region):
                try:
                    case = case_of(each, _own(each, given) if among else given, *more)
                except InvalidMany:
                    continue  # values of another version's names are no case of this one
                if in_transition(each, case):
                    return each, case
        found = self.holding(own, Case(day, region))
        return found, case_of(found, _own(found, given) if among else given, *more)

    def in_force(self, day: date, region: str = "") -> tuple[Policy, ...]:
        """Return the versions in force on a day in a region, by id."""
        return tuple(
            each
            for versions in self.by_id.values()
            for each in versions
            if each.holds_on(day) and each.holds_in(region)
        )


def _own(policy: Policy, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of names that a policy asks for, of members too."""
    found = {name: value for name, value in given.items() if name in policy.inputs}
    for name in MEMBERS if policy.members else ():
        rows = given.get(name)
        if isinstance(rows, list):
            found[name] = [
                {own: row[own] for own in row if own in policy.members}
                if isinstance(row, Mapping)
                else row
                for row in rows
            ]
    return found


def policy_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the policy files among and below some paths, in order."""
    for path in paths:
        if path.is_file():
            yield path
        else:
            yield from sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES)


def read_file(file: Path) -> Policy:
    """Read one policy file, and the DMN files beside it.

    Raises:
        InvalidMany: what is wrong with it.
        NotFound: there is no such file.
    """
    return read_policy(text_of_file(file), str(file), beside(file.parent))


def text_of_file(file: Path) -> str:
    """Return the text of a file.

    Raises:
        NotFound: there is none.
        Invalid: it is not UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound("no such file", code="policy.file", value=str(file)) from None
    except (UnicodeDecodeError, OSError) as error:
        raise Invalid(
            "the file cannot be read as UTF-8",
            code="policy.encoding",
            place=str(file),
            value=str(error),
            mend="save it as UTF-8",
        ) from None


def beside(folder: Path) -> Beside:
    """Return what reads the files of a folder by name, and none outside."""

    def read(name: str) -> bytes:
        file = folder / name
        if file.name != name or not file.is_file():
            raise NotFound("no such file beside the policy", code="policy.file", value=name)
        return file.read_bytes()

    return read


def in_transition(policy: Policy, case: Case) -> bool:
    """Tell whether a policy holds on for a case after its last day."""
    if policy.end is None or case.day <= policy.end:
        return False
    env = Environment(dict(case.values))
    return any(
        case.day <= each.to and compile_node(strict(each.when.node))(env) is True
        for each in policy.transition
    )


@dataclass(frozen=True)
class Stacked:
    """A decision beside others of the same case.

    Attributes:
        gives_way_to: id of the policy that counts instead; empty: it counts.
        choose: ids of those among which the person chooses.
    """

    decision: Decision
    gives_way_to: str = ""
    choose: tuple[str, ...] = ()


def stacked(decisions: Sequence[Decision]) -> tuple[Stacked, ...]:
    """Say which of several decisions on one case can be had together.

    Two that exclude each other are settled as the first that says so has it: the higher amount,
    this one, the other, or the person's choice. Of two with the same amount the first counts.
    """
    met = {each.policy.id: each for each in decisions if each.state is State.MET}
    loses: dict[str, str] = {}
    choices: dict[str, list[str]] = {}
    for one in met.values():
        stacking = one.policy.stacking
        for other in (met[own] for own in (stacking.exclusive if stacking else ()) if own in met):
            if {one.policy.id, other.policy.id} & loses.keys():
                continue
            loser = _loser(one, other, stacking.choice if stacking else "")
            if loser is None:
                choices.setdefault(one.policy.id, []).append(other.policy.id)
                choices.setdefault(other.policy.id, []).append(one.policy.id)
            else:
                winner = other if loser is one else one
                loses[loser.policy.id] = winner.policy.id
    return tuple(
        Stacked(each, loses.get(each.policy.id, ""), tuple(choices.get(each.policy.id, ())))
        for each in decisions
    )


def _loser(one: Decision, other: Decision, choice: str) -> Decision | None:
    if choice == "this one":
        return other
    if choice == "the other":
        return one
    if choice == "the higher":
        if one.amount_fen is None or other.amount_fen is None:
            return None
        return one if other.amount_fen > one.amount_fen else other
    return None


def judge_all(
    library: Library,
    ids: Iterable[str],
    given: Mapping[str, Any],
    day: date,
    region: str = "",
    confirmed: Mapping[str, Mapping[str, bool]] | None = None,
) -> tuple[Stacked, ...]:
    """Judge one case by several policies, each by the version that holds, and settle exclusions.

    Args:
        library: of policies.
        ids: of those that judge.
        given: plain values, of all that they ask for.
        day: to judge by.
        region: code, as short as it is known.
        confirmed: what a person found, by policy.

    Raises:
        NotFound: a policy is not there, or does not hold then and there.
        Invalid: a name is none that they ask for.
        InvalidMany: a value is of another type.
    """
    decisions = []
    for own in dict.fromkeys(ids):
        said = (confirmed or {}).get(own)
        policy, case = library.case(own, given, day, region, said, among=True)
        decisions.append(evaluate(policy, case))
    known = {name for each in decisions for name in _own(each.policy, given)}
    for name in given.keys() - known:
        close = near(name, {name for each in decisions for name in each.policy.inputs})
        raise Invalid(
            "no policy asks for this",
            code="policy.input",
            place=name,
            mend=f"did you mean {close}?" if close else "leave it out",
        )
    return stacked(decisions)


__all__ = ["Library", "PolicyFinding", "Stacked", "judge_all", "stacked"]
