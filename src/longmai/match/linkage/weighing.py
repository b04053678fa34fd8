"""Weighs pairs of records with Splink, and estimates what each level weighs.

The database is Splink's (``DuckDBAPI`` on one machine, ``SparkAPI`` for a province); who calls
makes it, for an engine opens none.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from splink import Linker, block_on
from sqlglot import exp

from longmai.match.linkage.model import COMPARISONS, Model, untrained

_PAIRS_FOR_U = 2_000_000
# Every level is met now and then: files hold errors that a sample does not show.
_LEAST_M, _LEAST_U = 0.002, 1e-6
_SURE = 0.9
# EM is run over two ways of blocking: what one holds equal it cannot estimate.
_TRAINING = (("birth_date", "sound_sorted"), ("name", "county"), ("phone",))
_ROWS = 50_000
_log = logging.getLogger("splink")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be of one person.

    Attributes:
        left, right: their keys, the smaller first.
        bits: match weight, log2 of the odds that they are.
        levels: index of the level met in each of ``COMPARISONS``; -1: a value is missing.
    """

    left: str
    right: str
    bits: float
    levels: tuple[int, ...]


def pairs(database: Any, records: pa.Table, model: Model) -> Iterator[Pair]:
    """Yield pairs that weigh at least ``model.review_bits``, of which one is new.

    Args:
        database: of Splink.
        records: as ``records.table`` makes them.
        model: that weighs them.
    """
    if records.num_rows < 2:  # noqa: PLR2004 - a pair
        return
    linker = _linker(database, records, model.settings())
    found = linker.inference.predict(threshold_match_weight=model.review_bits)
    levels = (f"gamma_{each.key}" for each in COMPARISONS)
    wanted = exp.select("unique_id_l", "unique_id_r", "match_weight", *levels)
    query = wanted.from_(found.physical_name).sql("duckdb")
    for row in database.query_sql(query).as_record_list():
        yield _pair(row)


def _linker(database: Any, records: pa.Table, settings: dict[str, Any]) -> Linker:
    _log.setLevel(logging.ERROR)
    return Linker(database.register(records), settings, log_level=logging.ERROR)


def _pair(row: dict[str, Any]) -> Pair:
    ends = sorted((row["unique_id_l"], row["unique_id_r"]))
    # Splink counts levels from the least agreement up, ours from the closest down.
    levels = tuple(_level(row[f"gamma_{each.key}"], len(each.levels)) for each in COMPARISONS)
    return Pair(ends[0], ends[1], row["match_weight"], levels)


def _level(gamma: int, count: int) -> int:
    return -1 if gamma < 0 else count - 1 - gamma


def train(
    database: Any,
    records: pa.Table,
    *,
    version: str,
    seed: int,
    prior_rules: Sequence[str] = ("l.id_number = r.id_number AND l.id_valid",),
) -> Model:
    """Estimate a model from records: u from random pairs, m by expectation maximisation.

    Args:
        database: of Splink.
        records: all marked new; some ten thousand at least.
        version: names the model.
        seed: of the random pairs.
        prior_rules: what almost only records of one person share.
    """
    linker = _linker(database, records, untrained())
    linker.training.estimate_probability_two_random_records_match(list(prior_rules), recall=_SURE)
    linker.training.estimate_u_using_random_sampling(max_pairs=_PAIRS_FOR_U, seed=seed)
    for columns in _TRAINING:
        if any(records.column(name).null_count == records.num_rows for name in columns):
            continue  # nobody has it
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*columns), record_sample_proportion=1.0
        )
    told = linker.misc.save_model_to_json()
    return Model(
        version,
        told["probability_two_random_records_match"],
        {
            comparison.key: _parameters(kept["comparison_levels"])
            for comparison, kept in zip(COMPARISONS, told["comparisons"], strict=True)
        },
    )


def _parameters(levels: Sequence[dict[str, Any]]) -> list[tuple[float, float]]:
    kept = [each for each in levels if not each.get("is_null_level")]
    return [
        (
            max(each.get("m_probability", _LEAST_M), _LEAST_M),
            max(each.get("u_probability", _LEAST_U), _LEAST_U),
        )
        for each in kept
    ]
