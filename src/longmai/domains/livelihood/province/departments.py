"""Departments' files about sample people: who is in each, with which columns, and the truth."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from longmai.domains.livelihood.province.mistakes import Elsewhere, level, mistake
from longmai.domains.livelihood.province.people import County, drawn_from, name_parts

TRUTH = "truth.parquet"
RECORD = "登记号"
_PASS_ROWS = 50_000
_MOST_IN_A_SHEET = 100_000
_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("record", pa.string()),
        ("person", pa.int64()),
        ("errors", pa.string()),
    ]
)
Masks = NDArray[np.bool_]


@dataclass(frozen=True)
class File:
    """A department's file.

    Attributes:
        name: of the file; its ending is its form.
        who: is in it: people's table, ages, chance.
        columns: heading by column of the people, in order.
    """

    name: str
    who: Callable[[pa.Table, NDArray[np.int64], np.random.Generator], Masks]
    columns: Mapping[str, str]


_PERSON = {"姓名": "name", "身份证号": "id_number"}
_PLACE = {"电话": "phone", "住址": "address", "区划代码": "region"}


def _yes(people: pa.Table, name: str) -> Masks:
    found: Masks = pc.fill_null(people[name], fill_value=False).to_numpy(zero_copy_only=False)
    return found


FILES: Sequence[File] = (
    File(
        "公安-户籍.csv",
        lambda people, _age, _chance: np.ones(people.num_rows, bool),
        {"姓名": "name", "性别": "sex", "身份证号": "id_number", "出生日期": "出生日期",
         "户号": "household", "与户主关系": "relation", "住址": "address", "区划代码": "region",
         "户籍类别": "户籍类别", "中国国籍": "中国国籍", "本地户籍": "本地户籍",
         "在户籍地申领": "在户籍地申领", "状态": "status"},
    ),
    File(
        "民政-低保.xlsx",
        lambda people, _age, _chance: _yes(people, "低保家庭") | _yes(people, "低保边缘家庭"),
        _PERSON | _PLACE | {name: name for name in
                            ("低保家庭", "已是低保家庭", "低保边缘家庭", "财产符合规定")},
    ),
    File(
        "民政-老年人.csv",
        lambda _people, age, _chance: age >= 60,  # noqa: PLR2004 - years
        {**_PERSON, "出生日期": "出生日期", **_PLACE, "失能等级": "失能等级",
         "月服务费用": "月服务费用"},
    ),
    File(
        "残联-持证.csv",
        lambda people, _age, _chance: _yes(people, "持残疾人证"),
        {"姓名": "name", "残疾人证号": "certificate", "残疾等级": "残疾等级",
         "持残疾人证": "持残疾人证", **_PLACE},
    ),
    File(
        "医保-参保.parquet",
        lambda people, _age, chance: chance.random(people.num_rows) < 0.95,  # noqa: PLR2004 - a share
        {**_PERSON, "出生日期": "出生日期", "电话": "phone", "区划代码": "region",
         "年刚性支出": "年刚性支出"},
    ),
    File(
        "教育-学籍.csv",
        lambda people, age, _chance: _yes(people, "学前一年在园") | ((age >= 6) & (age <= 21)  # noqa: PLR2004 - years
            & (people["relation"].to_numpy() == "子女")),
        {"姓名": "name", "性别": "sex", "身份证号": "id_number", "出生日期": "出生日期",
         "就读层次": "就读层次", "学前一年在园": "学前一年在园", "公办园": "公办园",
         "保教费": "保教费", "监护人姓名": "guardian", "监护人电话": "phone"},
    ),
    File(
        "人社-社保.parquet",
        lambda people, age, _chance: (age >= 18)  # noqa: PLR2004 - years
            & (pc.fill_null(people["月收入"], 0).to_numpy() > 0),
        {**_PERSON, "电话": "phone", "区划代码": "region", "月收入": "月收入"},
    ),
    File(
        "卫健-出生.csv",
        lambda _people, age, _chance: age < 3,  # noqa: PLR2004 - years
        {"姓名": "name", "性别": "sex", "出生日期": "出生日期", "母亲姓名": "guardian",
         "母亲身份证号": "guardian_number", "住址": "address", "月育儿补贴": "月育儿补贴"},
    ),
)  # fmt: skip


class _Sink(Protocol):
    def write_table(self, table: pa.Table, /) -> None: ...
    def close(self) -> None: ...


@dataclass
class _Sheet:
    """A workbook while it is small; Parquet from then on, as a sheet has an end."""

    file: Path
    rows: list[pa.Table] = field(default_factory=list)

    def write_table(self, table: pa.Table, /) -> None:
        self.rows.append(table)

    def close(self) -> None:
        whole = pa.concat_tables(self.rows)
        if whole.num_rows > _MOST_IN_A_SHEET:
            pq.write_table(whole, self.file.with_suffix(".parquet"), compression="zstd")
            return
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("样本")
        sheet.append(whole.column_names)
        for row in zip(*(column.to_pylist() for column in whole.columns), strict=True):
            sheet.append(row)
        book.save(self.file)


class Departments:
    """Writes the files, county by county.

    Args:
        folder: of the files; ``truth.parquet`` goes beside it.
        errors: level of the mistakes.
        counties: where people may be said to live by mistake.
        codes: of another list, by ours of a township.
        day: of the population.
        seed: of the mistakes.
    """

    def __init__(
        self,
        folder: Path,
        errors: str,
        counties: Sequence[County],
        codes: Mapping[str, str],
        day: np.datetime64,
        seed: int,
    ) -> None:
        self._folder, self._shares, self._day = folder, level(errors), day
        places = [
            (each.names[at] + "1号", each.villages[at]) for each in counties for at in (0, -1)
        ]
        self._elsewhere = Elsewhere(codes, places)
        self._sinks: dict[str, _Sink] = {}
        self._numbers = dict.fromkeys((each.name for each in FILES), 0)
        folder.mkdir(parents=True)
        self._truth = pq.ParquetWriter(folder.parent / TRUTH, _SCHEMA, compression="zstd")

        self._held: list[pa.Table] = []
        self._seed, self._passes = seed, 0

    def add(self, people: pa.Table) -> None:
        """Write what the files say of a county's people; small counties are written together."""
        self._held.append(people)
        if sum(each.num_rows for each in self._held) >= _PASS_ROWS:
            self._pass()

    def _pass(self) -> None:
        people = pa.concat_tables(self._held).combine_chunks()
        self._held = []
        self._passes += 1
        chance = np.random.default_rng([self._seed, self._passes])
        whole = self._with_dead(_widened(people), chance)
        birth = whole["born"].to_numpy().astype("datetime64[D]")
        age = (self._day - birth).astype(np.int64) // 365.25
        for file in FILES:
            at = np.flatnonzero(file.who(whole, age, chance))
            some = whole.take(pa.array(at))
            named = {heading: some[own] for heading, own in file.columns.items()}
            found = mistake(pa.table(_texts(named)), self._shares, self._elsewhere, chance)
            self._write(file, found.rows, some.take(pa.array(found.source)), found.errors)

    def _with_dead(self, people: pa.Table, chance: np.random.Generator) -> pa.Table:
        """Add people who died: parents of those who are there, with negative keys."""
        at = np.flatnonzero(chance.random(people.num_rows) < self._shares["dead"])
        some = people.take(pa.array(at))
        given = np.char.add(
            drawn_from(name_parts()["first"], len(at), chance),
            drawn_from(name_parts()["second"], len(at), chance),
        )
        surname = pc.utf8_slice_codeunits(some["name"], 0, 1)
        older = (some["born"].to_numpy().astype("datetime64[D]") - 9132).astype("datetime64[D]")
        number = pc.binary_join_element_wise(
            pc.utf8_slice_codeunits(some["id_number"], 0, 6),
            pc.strftime(pa.array(older).cast(pa.timestamp("s")), "%Y%m%d"),
            pc.utf8_slice_codeunits(some["id_number"], 14, 18),
            "",
        )
        changed: dict[str, Any] = {
            "id": pc.negate(some["id"]),
            "name": pc.binary_join_element_wise(surname, pa.array(given), ""),
            "id_number": number,
            "出生日期": pa.array(older),
            "born": pa.array(older),
            "status": pa.array(["死亡"] * len(at), pa.string()),
        }
        for name, values in changed.items():
            some = some.set_column(some.column_names.index(name), name, values)
        return pa.concat_tables([people, some.cast(people.schema)]).combine_chunks()

    def _write(
        self, file: File, rows: pa.Table, source: pa.Table, errors: NDArray[np.object_]
    ) -> None:
        first = self._numbers[file.name] + 1
        self._numbers[file.name] += rows.num_rows
        numbers = pa.array(np.arange(first, first + rows.num_rows)).cast(pa.string())
        record = pc.utf8_lpad(numbers, 9, "0")
        rows = rows.add_column(0, RECORD, record)
        if file.name not in self._sinks:
            self._sinks[file.name] = self._sink(file, rows.schema)
        self._sinks[file.name].write_table(rows)
        person = source["id"].combine_chunks()
        dead = pc.less(person, 0).to_numpy(zero_copy_only=False)
        errors = np.where(dead, [f"{each},dead".lstrip(",") for each in errors], errors)
        names = pa.array([file.name] * rows.num_rows, pa.string())
        self._truth.write_table(
            pa.table([names, record, person, pa.array(errors, pa.string())], schema=_SCHEMA)
        )

    def _sink(self, file: File, schema: pa.Schema) -> _Sink:
        path = self._folder / file.name
        if path.suffix == ".csv":
            # A mark that lets spreadsheet programs see that it is UTF-8.
            stream = pa.OSFile(str(path), "wb")
            stream.write(b"\xef\xbb\xbf")
            return _Csv(pacsv.CSVWriter(stream, schema), stream)
        if path.suffix == ".xlsx":
            return _Sheet(path)
        writer: _Sink = pq.ParquetWriter(path, schema, compression="zstd")
        return writer

    def close(self) -> None:
        """Finish all files."""
        if self._held:
            self._pass()
        for each in self._sinks.values():
            each.close()
        self._truth.close()


@dataclass
class _Csv:
    writer: pacsv.CSVWriter
    stream: pa.NativeFile

    def write_table(self, table: pa.Table, /) -> None:
        self.writer.write_table(table)

    def close(self) -> None:
        self.writer.close()
        self.stream.close()


def _widened(people: pa.Table) -> pa.Table:
    """Add what only the files have: certificate, guardian, status."""
    grade = pc.index_in(people["残疾等级"], pa.array(["一级", "二级", "三级", "四级"]))
    digits = pc.add(pc.fill_null(grade, 0), 1).cast(pa.string())
    certificate = pc.binary_join_element_wise(people["id_number"], "4", digits, "")
    household = people["household"].to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], household[1:] != household[:-1]]))
    of = np.searchsorted(household[starts], household)
    # The mother is who stands second, where somebody does who is no child.
    second = np.minimum(starts + 1, len(household) - 1)
    mate = people["relation"].to_numpy()[second] == "配偶"
    guardian = pa.array(np.where(mate, second, starts)[of])
    born = np.array([_day_of(each) for each in people["id_number"].to_numpy()], "datetime64[D]")
    found = people.append_column("certificate", certificate)
    found = found.append_column("guardian", people["name"].take(guardian))
    found = found.append_column("guardian_number", people["id_number"].take(guardian))
    found = found.append_column("born", pa.array(born))
    return found.append_column("status", pa.array(["正常"] * people.num_rows))


def _day_of(number: str) -> str:
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}"


def _texts(columns: Mapping[str, pa.ChunkedArray]) -> dict[str, pa.ChunkedArray]:
    return dict(_each_text(columns))


def _each_text(
    columns: Mapping[str, pa.ChunkedArray],
) -> Iterator[tuple[str, pa.ChunkedArray]]:
    for name, values in columns.items():
        if pa.types.is_boolean(values.type):
            yield name, pc.if_else(values, "是", "否")
        elif pa.types.is_date(values.type):
            yield name, pc.strftime(values.cast(pa.timestamp("s")), "%Y-%m-%d")
        else:
            yield name, values
