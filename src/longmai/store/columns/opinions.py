"""What people found of single cases, in a file: read, held to the policies, joined to the people.

One row is one opinion: the key of a person, a policy, a condition that somebody has to look at, yes
or no, by whom and on which day. Of several on one condition the latest counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from longmai.kernel.errors import Invalid, InvalidMany, NotFound
from longmai.rules.policy.findings import near
from longmai.rules.policy.model import Condition, Policy

TABLE, KEY, HASH = "opinion", "_opinion_key", "_opinions_hash"
_COLUMNS = ("policy", "clause", "opinion", "by", "date")
_MOST_FINDINGS = 20
_WORDS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "1", "是", "通过"), True),
    **dict.fromkeys(("false", "no", "0", "否", "不通过"), False),
}


@dataclass(frozen=True)
class Opinion:
    """What somebody found.

    Attributes:
        policy: its id.
        version: of the policy.
        clause: id of the condition.
        is_met: what was found.
        by: whom.
        day: on which.
        row: of the file, for errors; the headings of a CSV are row 1.
    """

    key: Any
    policy: str
    version: str
    clause: str
    is_met: bool
    by: str
    day: date
    row: int = 0


@dataclass(frozen=True)
class Opinions:
    """The opinions that count on a day.

    Attributes:
        columns: of the table ``opinion``, by policy's id, its version and condition's id.
        latest: opinion by key and the same.
        rows: of the file.
        later: how many are dated after the day: they do not count yet.
        other: how many are on policies or versions that nobody is judged by.
    """

    columns: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    latest: Mapping[tuple[Any, str, str, str], Opinion] = field(default_factory=dict)
    rows: int = 0
    later: int = 0
    other: int = 0

    def table(self, key: pa.DataType) -> pa.Table:
        """Return the opinions as a table: one row for each person."""
        of_key: dict[Any, list[Opinion]] = {}
        for each in self.latest.values():
            of_key.setdefault(each.key, []).append(each)
        found: dict[str, Any] = {KEY: pa.array(list(of_key), key)}
        for own, name in self.columns.items():
            answers = [self.latest.get((each, *own)) for each in of_key]
            found[name] = pa.array([a and a.is_met for a in answers], pa.bool_())
        found[HASH] = pa.array(list(map(_hash, of_key.values())), pa.int64())
        return pa.table(found)

    def of(self, key: Any, policy: Policy) -> list[Opinion]:
        """Return the opinions on a person by a policy."""
        wanted = (key, policy.id, policy.version)
        return [each for own, each in self.latest.items() if own[:3] == wanted]


def _hash(opinions: Sequence[Opinion]) -> int:
    """Return what changes where other opinions count."""
    parts = sorted((each.policy, each.version, each.clause, each.is_met) for each in opinions)
    return int.from_bytes(sha256(repr(parts).encode()).digest()[:8], "big", signed=True)


def read_opinions(
    file: Path, key: str, key_type: pa.DataType, policies: Sequence[Policy], day: date
) -> Opinions:
    """Read a file of opinions.

    Args:
        file: Parquet or CSV, with columns for the key, policy, clause (a condition's id or name),
            opinion, by and date; perhaps version, where the opinion is on one version alone.
        key: column that names a person.
        key_type: of the people's file.
        policies: that are judged by.
        day: by which they are judged.

    Raises:
        NotFound, Invalid: the file is missing or cannot be read.
        InvalidMany: rows do not fit; names the first of them.
    """
    reader = _Reader(file, key, _table(file), policies, day)
    return reader.read(key_type)


def _table(file: Path) -> pa.Table:
    try:
        if file.suffix.lower() != ".csv":
            return pq.read_table(file)
        with file.open(encoding="utf-8-sig") as stream:
            names = stream.readline().strip().split(",")
        texts = pc_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        return pc_csv.read_csv(file, convert_options=texts)
    except FileNotFoundError:
        raise NotFound("no such file", code="opinions.file", place=str(file)) from None
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise Invalid(
            "the file is neither Parquet nor CSV",
            code="opinions.file",
            place=str(file),
            value=str(error)[:100],
            mend="give CSV in UTF-8 with a row of headings, or Parquet",
        ) from None


@dataclass
class _Reader:
    file: Path
    key: str
    table: pa.Table
    policies: Sequence[Policy]
    day: date
    findings: list[Invalid] = field(default_factory=list)
    later: int = 0
    other: int = 0

    def read(self, key_type: pa.DataType) -> Opinions:
        latest: dict[tuple[Any, str, str, str], Opinion] = {}
        for each in self._opinions(key_type):
            own = (each.key, each.policy, each.version, each.clause)
            before = latest.get(own)
            if before is not None and before.day == each.day and before.is_met != each.is_met:
                what = f"two opinions of one day; the other stands in row {before.row}"
                self._wrong(each.row, what, each.clause, "keep the one that counts")
            if before is None or before.day <= each.day:
                latest[own] = each
        if self.findings:
            raise InvalidMany("opinions do not fit", self.findings, code="opinions")
        reviewed = [(p.id, p.version, each.id) for p in self.policies for each in _reviewed(p)]
        columns = {own: f"_o{i}" for i, own in enumerate(reviewed)}
        return Opinions(columns, latest, self.table.num_rows, self.later, self.other)

    def _opinions(self, key_type: pa.DataType) -> Iterator[Opinion]:
        first = 2 if self.file.suffix.lower() == ".csv" else 1
        columns = self._columns(key_type)
        versions = (
            self.table.column("version").cast(pa.string()).to_pylist()
            if "version" in self.table.column_names
            else [None] * self.table.num_rows
        )
        by_id: dict[str, list[Policy]] = {}
        for each in self.policies:
            by_id.setdefault(each.id, []).append(each)
        for row, (version, *values) in enumerate(zip(versions, *columns, strict=True), first):
            meant = [p for p in by_id.get(values[1], ()) if version in {None, "", p.version}]
            if not meant:
                self.other += 1
                continue
            yield from self._found(row, values, meant)
            if len(self.findings) >= _MOST_FINDINGS:
                return

    def _columns(self, key_type: pa.DataType) -> list[list[Any]]:
        names = (self.key, *_COLUMNS)
        missing = [name for name in names if name not in self.table.column_names]
        if missing:
            raise Invalid(
                f"the file of opinions has no column '{missing[0]}'",
                code="opinions.column",
                place=str(self.file),
                mend=f"it has {', '.join(names)}, and perhaps version",
            )
        try:
            keys = self.table.column(self.key).cast(key_type).to_pylist()
        except pa.ArrowInvalid as error:
            raise Invalid(
                f"a key is of type {key_type}",
                code="opinions.key",
                place=f"{self.file}, column {self.key}",
                value=str(error)[:100],
                mend="write the keys as in the people's file",
            ) from None
        return [keys, *(self.table.column(name).to_pylist() for name in _COLUMNS)]

    def _found(self, row: int, values: Sequence[Any], meant: Sequence[Policy]) -> Iterator[Opinion]:
        """Yield what a row says, by each version that is meant."""
        key, policy, clause, answer, by, told = values
        reviewed = [(p, each) for p in meant for each in _reviewed(p)]
        on = [(p, each) for p, each in reviewed if clause in {each.id, each.name}]
        is_met, day = _truth(answer), _day(told)
        wrong = {
            "no key": key is None,
            f"'{policy}' has no condition of this name that somebody looks at": not on,
            "the opinion is neither yes nor no": is_met is None,
            "nobody is named who found it": not str(by or "").strip(),
            "not a day": day is None,
        }
        for what, is_so in wrong.items():
            if is_so:
                names = [each.name for _, each in reviewed]
                self._wrong(row, what, values, self._mend(what, str(clause), names))
                return
        if day is None or is_met is None or day > self.day:
            self.later += 1
            return
        for p, each in on:
            yield Opinion(key, policy, p.version, each.id, is_met, str(by), day, row)

    def _mend(self, what: str, clause: str, names: Sequence[str]) -> str:
        if "condition" in what:
            close = near(clause, names)
            known = ", ".join(names) or "none"
            return f"did you mean '{close}'?" if close else f"there are: {known}"
        if "day" in what:
            return "write it like 2026-01-01"
        return "write yes or no" if "neither" in what else "fill it in"

    def _wrong(self, row: int, what: str, value: object, mend: str) -> None:
        place = f"{self.file}, row {row}"
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        self.findings.append(
            Invalid(what, code="opinions.row", place=place, value=shown, mend=mend)
        )


def _reviewed(policy: Policy) -> list[Condition]:
    return [each for each in policy.rules.values() if each.review]


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else _WORDS.get(str(value).strip().lower())


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        return None
