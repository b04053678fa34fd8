"""In which order people stand in their file, and whether each stands there once."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from longmai.kernel.errors import Invalid
from longmai.rules.columns.population import quoted
from longmai.store.columns.duckdb import DuckDB
from longmai.store.columns.people import People

_ROWS = 1 << 17


@dataclass(frozen=True)
class Order:
    """How people come out of their file.

    Attributes:
        is_ordered: in the order of county and key.
        is_rising: each key is greater than the one before, so that none stands there twice.
    """

    is_ordered: bool
    is_rising: bool


def order_of(duck: DuckDB, people: People) -> Order:
    """Return how people come out of their file; looks no further once they are out of order."""
    before: pa.RecordBatch | None = None
    rising = True
    query = exp.select(f"{people.county} AS county", f"{quoted(people.key)} AS key").from_("person")
    for batch in duck.batches(query, _ROWS):
        rows = batch if before is None else pa.concat_batches([before, batch])
        ordered, own = _rising(rows.column("county").dictionary_encode(), rows.column("key"))
        if not ordered:
            return Order(is_ordered=False, is_rising=False)
        rising = rising and own
        before = rows.slice(max(0, rows.num_rows - 1))
    return Order(is_ordered=True, is_rising=rising)


def is_rising(rows: pa.RecordBatch) -> bool:
    """Tell whether rows come in the order of county and key."""
    return _rising(rows.column("county").dictionary_encode(), rows.column("key"))[0]


def _rising(counties: pa.DictionaryArray, keys: pa.Array) -> tuple[bool, bool]:
    names = counties.dictionary.to_pylist()
    if counties.null_count or keys.null_count or names != sorted(names):
        return False, False
    here, there = counties.indices[:-1], counties.indices[1:]
    rising = pc.less(keys[:-1], keys[1:])
    ordered = pc.or_(pc.and_(pc.equal(here, there), rising), pc.less(here, there))
    return _all(ordered), _all(rising)


def _all(truths: pa.BooleanArray) -> bool:
    return bool(pc.all(truths, min_count=0).as_py())


def hold_keys(duck: DuckDB, people: People) -> bool:
    """See to it that each person has a key of its own.

    Returns:
        Whether people come in the order of county and key.

    Raises:
        Invalid: keys are missing or stand there twice; names some.
    """
    order = order_of(duck, people)
    if order.is_rising:
        return True
    key = quoted(people.key)
    query = f"SELECT COUNT(*), COUNT({key}), COUNT(DISTINCT {key}) FROM person"
    rows, known, different = duck.connection.execute(query).fetchall()[0]
    place = f"{people.file}, column {people.key}"
    if known < rows:
        raise Invalid(
            f"{rows - known:,} rows have no key",
            code="population.key",
            place=place,
            mend="give each person a key",
        )
    if different < known:
        query = f"SELECT {key} FROM person GROUP BY {key} HAVING COUNT(*) > 1 ORDER BY 1 LIMIT 3"
        some = [str(each) for (each,) in duck.connection.execute(query).fetchall()]
        raise Invalid(
            f"{known - different:,} rows have a key that stands there before",
            code="population.key",
            place=place,
            value=", ".join(some),
            mend="keep one row for each person",
        )
    return order.is_ordered
