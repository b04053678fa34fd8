"""What a run was made from and what came of it: the manifest, and the certificate of no omission.

Both are JSON. The manifest names every file with its SHA-256; the certificate names the manifest's,
and says for each county that people times policies is met + not met + unknown + manual.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from longmai.kernel.errors import Conflict, Invalid, InvalidMany, NotFound

FORMAT = "longmai-run/3"
CERTIFICATE_FORMAT = "longmai-certificate/1"
MANIFEST, CERTIFICATE = "manifest.json", "certificate.json"
STATES = ("not_met", "met", "unknown", "manual")
"""In the order of ``State``."""


@dataclass(frozen=True)
class SourceFile:
    """A file that a run read.

    Attributes:
        path: where it stood.
        sha256: of its bytes.
        rows: in it.
    """

    path: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class JudgedBy:
    """A version of a policy in a run.

    Attributes:
        meaning: changes where the same data may come to something else: the rule, the parameters
            that hold, and the day where the rule looks at it.
        clauses: ids, in order.
        how: ``columns``, or ``rows`` where it was not compiled.
        reason: why it was not.
    """

    id: str
    version: str
    digest: str
    meaning: str
    clauses: tuple[str, ...]
    how: str = "columns"
    reason: str = ""


@dataclass(frozen=True)
class ResultFile:
    """A file of the result table: one version of a policy, one county.

    Attributes:
        digest: of the version.
        counts: not met, met, unknown, manual.
    """

    policy: str
    digest: str
    county: str
    sha256: str
    counts: tuple[int, int, int, int]


@dataclass(frozen=True)
class OverlayFile:
    """Rows of a night in which only some people changed; they lie on those before.

    Attributes:
        file: in the folder of the run.
        counts: not met, met, unknown, manual more than before, by policy and county.
    """

    file: str
    sha256: str
    counts: Mapping[str, Mapping[str, tuple[int, ...]]]


@dataclass(frozen=True)
class Manifest:
    """A run.

    Attributes:
        population: file of the people; ``members``: of their members, None without.
        key: column that names a person; ``region``: with each one's code.
        parent: column of the people that the members' key equals; ``child``: that key.
        absent_unknown: data without a column were taken as unknown.
        programs: versions that the bytes of the files and digests of rows hang on.
        rows: digest over the rows of each county, and how many they are.
        changes: files of people that changed since the population's file, earlier ones first.
        overlays: on the files, earlier ones first.
        opinions: file of what people found of single cases.
        set_aside: opinions of that file that did not count: of a later day, on another policy or
            version, of nobody among the people.
    """

    day: str
    population: SourceFile
    key: str
    region: str
    policies: tuple[JudgedBy, ...]
    rows: Mapping[str, tuple[int, str]]
    files: tuple[ResultFile, ...]
    programs: Mapping[str, str]
    members: SourceFile | None = None
    parent: str = ""
    child: str = ""
    absent_unknown: bool = False
    changes: tuple[SourceFile, ...] = ()
    overlays: tuple[OverlayFile, ...] = ()
    opinions: SourceFile | None = None
    set_aside: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def bytes(self) -> bytes:
        """The manifest as it is written."""
        return _json({"format": FORMAT, **_own(self)})

    def versions(self, own: str) -> tuple[JudgedBy, ...]:
        """Return the versions of a policy that judged: several where an ended one holds on.

        Raises:
            NotFound: the run has none of this id.
        """
        found = tuple(each for each in self.policies if each.id == own)
        if found:
            return found
        raise NotFound(
            "the run has no such policy",
            code="run.policy",
            value=own,
            mend=f"it has {', '.join(dict.fromkeys(each.id for each in self.policies))}",
        )


@dataclass(frozen=True)
class SecondLook:
    """The second evaluation, row by row.

    Attributes:
        near: people on a border of a rule, policy by policy.
        near_judged: of them judged again.
        random_judged: people drawn at random, times policies.
        differences: what came out otherwise.
    """

    near: int = 0
    near_judged: int = 0
    random_judged: int = 0
    differences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """That nobody was left out.

    Attributes:
        manifest: SHA-256 of the manifest.
        people: in the population's file.
        policies: how many; versions of one are one.
        counties: people, not met, met, unknown, manual, by code.
        second: evaluation.
    """

    manifest: str
    people: int
    policies: int
    counties: Mapping[str, Mapping[str, int]]
    second: SecondLook = field(default_factory=SecondLook)

    def bytes(self) -> bytes:
        """Return the certificate as it is written."""
        return _json({"format": CERTIFICATE_FORMAT, **_own(self), "total": self.total()})

    def total(self) -> dict[str, int]:
        """Return the counts of all counties together."""
        names = ("people", *STATES)
        return {name: sum(each[name] for each in self.counties.values()) for name in names}

    def check(self) -> None:
        """Hold it to what it certifies.

        Raises:
            InvalidMany: somebody is missing or counted twice, or the evaluations differ.
        """
        findings = list(self._findings())
        if findings:
            raise InvalidMany("the certificate does not hold", findings, code="run.certificate")

    def _findings(self) -> Iterator[Invalid]:
        for county, each in self.counties.items():
            judged, wanted = sum(each[name] for name in STATES), each["people"] * self.policies
            if judged != wanted:
                yield Invalid(
                    f"{judged:,} judgements for {wanted:,} people and policies",
                    code="run.omission",
                    place=county,
                    mend="run it again; report it if it stays",
                )
        people = self.total()["people"]
        if people != self.people:
            yield Invalid(
                f"the counties have {people:,} people, the population {self.people:,}",
                code="run.omission",
                place="all counties",
            )
        for difference in self.second.differences:
            yield Invalid(difference, code="run.second", place="second evaluation")


def certified(manifest: Manifest, people: Mapping[str, int], second: SecondLook) -> Certificate:
    """Return the certificate of a run.

    Args:
        manifest: of the run.
        people: of each county, counted in the population's file.
        second: evaluation.
    """
    counties = {county: {"people": n} | dict.fromkeys(STATES, 0) for county, n in people.items()}
    for each in manifest.files:
        _add(counties, each.county, each.counts)
    for overlay in manifest.overlays:
        for more in overlay.counts.values():
            for county, own in more.items():
                _add(counties, county, own)
    counties = {county: own for county, own in sorted(counties.items()) if any(own.values())}
    digest = hashlib.sha256(manifest.bytes).hexdigest()
    policies = len({each.id for each in manifest.policies})
    return Certificate(digest, sum(people.values()), policies, counties, second)


def _add(counties: dict[str, dict[str, int]], county: str, counts: Sequence[int]) -> None:
    own = counties.setdefault(county, {"people": 0} | dict.fromkeys(STATES, 0))
    for name, count in zip(STATES, counts, strict=True):
        own[name] += count


def _own(values: "Manifest | Certificate") -> dict[str, Any]:
    return {each.name: getattr(values, each.name) for each in fields(values)}


def _json(values: Mapping[str, Any]) -> bytes:
    # One line each: with indents inside Python is many times as slow, and there are thousands.
    lines = (
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False, default=vars)}"
        for name, value in values.items()
    )
    return "{{\n{}\n}}\n".format(",\n".join(lines)).encode()


def _loaded(file: Path, form: str) -> tuple[dict[str, Any], bytes]:
    try:
        raw = file.read_bytes()
        values = json.loads(raw)
        if values.pop("format") != form:
            raise KeyError("format")  # noqa: TRY301 - one message for all damage
    except FileNotFoundError:
        raise NotFound(
            "no run is here", code="run.folder", place=str(file), mend="name the folder of a run"
        ) from None
    except (ValueError, KeyError, AttributeError):
        raise Invalid("the file is damaged", code="run.folder", place=str(file)) from None
    return values, raw


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a run.

    Raises:
        NotFound: there is none.
        Invalid: it is damaged.
    """
    values, _ = _loaded(folder / MANIFEST, FORMAT)
    try:
        values["population"] = SourceFile(**values["population"])
        for name in ("members", "opinions"):
            if values[name] is not None:
                values[name] = SourceFile(**values[name])
        values["policies"] = tuple(
            JudgedBy(**each | {"clauses": tuple(each["clauses"])}) for each in values["policies"]
        )
        values["files"] = tuple(
            ResultFile(**each | {"counts": tuple(each["counts"])}) for each in values["files"]
        )
        values["changes"] = tuple(SourceFile(**each) for each in values["changes"])
        values["overlays"] = tuple(OverlayFile(**each) for each in values["overlays"])
        values["rows"] = {county: (int(n), str(d)) for county, (n, d) in values["rows"].items()}
        return Manifest(**values)
    except (TypeError, KeyError, ValueError):
        raise Invalid(
            "the file is damaged", code="run.folder", place=str(folder / MANIFEST)
        ) from None


def read_certificate(folder: Path) -> Certificate:
    """Return the certificate of a run, held to what it says and to the manifest beside it.

    Raises:
        NotFound: there is none.
        Invalid: it is damaged, or certifies another run.
        InvalidMany: it does not hold.
    """
    values, _ = _loaded(folder / CERTIFICATE, CERTIFICATE_FORMAT)
    total = values.pop("total", None)
    try:
        look = values["second"] | {"differences": tuple(values["second"]["differences"])}
        values["second"] = SecondLook(**look)
        found = Certificate(**values)
        found.check()
    except (TypeError, KeyError):
        raise Invalid(
            "the file is damaged", code="run.certificate", place=str(folder / CERTIFICATE)
        ) from None
    _, raw = _loaded(folder / MANIFEST, FORMAT)
    if total != found.total() or hashlib.sha256(raw).hexdigest() != found.manifest:
        raise Conflict(
            "the certificate and the manifest do not belong together",
            code="run.certificate",
            place=str(folder),
            mend="take both from one run",
        )
    return found
