"""The model of linkage: what is compared, in which levels, and what each level weighs.

A level's weight is log2(m/u): how much more often it is met in two records of one person (m) than
of two (u). Source: Fellegi & Sunter (1969), A Theory for Record Linkage; Linacre et al. (2022),
Splink, for the estimation of m and u.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log2
from pathlib import Path
from typing import Any

from longmai.kernel.errors import Invalid


@dataclass(frozen=True)
class Level:
    """A way in which two values agree.

    Attributes:
        key: names it, within its comparison.
        sql: condition over columns ``…_l`` and ``…_r``; ``ELSE``: none of those before.
    """

    key: str
    sql: str


@dataclass(frozen=True)
class Comparison:
    """How one thing is compared: where a value is missing it says nothing.

    Attributes:
        key: what is compared.
        missing: condition under which it says nothing.
        levels: the first that holds counts.
    """

    key: str
    missing: str
    levels: tuple[Level, ...]


def _missing(*columns: str) -> str:
    return " OR ".join(f"{each}_{side} IS NULL" for each in columns for side in "lr")


def _every_character_alike() -> str:
    return " AND ".join(f"list_has_any(shape_{n}_l, shape_{n}_r)" for n in range(1, 5))


COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        "name",
        _missing("name"),
        (
            Level("same", "name_l = name_r"),
            Level("order", "name_sorted_l = name_sorted_r"),
            Level("sound", "sound_sorted_l = sound_sorted_r"),
            Level("shape", _every_character_alike()),
            Level("one_other", "damerau_levenshtein(name_l, name_r) <= 1"),
            Level("else", "ELSE"),
        ),
    ),
    Comparison(
        "birth_date",
        _missing("birth_date"),
        (
            Level("same", "birth_date_l = birth_date_r"),
            Level(
                "swapped",
                "birth_year_l = birth_year_r AND substr(birth_date_l, 6, 2) = "
                "substr(birth_date_r, 9, 2) AND substr(birth_date_l, 9, 2) = "
                "substr(birth_date_r, 6, 2)",
            ),
            Level("one_digit", "damerau_levenshtein(birth_date_l, birth_date_r) <= 1"),
            Level("year", "birth_year_l = birth_year_r"),
            Level("else", "ELSE"),
        ),
    ),
    Comparison(
        "id_number",
        _missing("id_number"),
        (
            Level("same", "id_number_l = id_number_r"),
            # Two numbers that both hold their check are two people's.
            Level("both_valid", "id_valid_l AND id_valid_r"),
            Level("two_digits", "damerau_levenshtein(id_number_l, id_number_r) <= 2"),
            Level("else", "ELSE"),
        ),
    ),
    Comparison(
        "place",
        _missing("region"),
        (
            Level("address", "address_l = address_r AND township_l = township_r"),
            Level("village", "length(village_l) = 12 AND village_l = village_r"),
            Level("township", "township_l = township_r"),
            # Of one of them no more than the county is known.
            Level(
                "county_open",
                "county_l = county_r AND (township_l IS NULL OR township_r IS NULL)",
            ),
            Level("county", "county_l = county_r"),
            Level("else", "ELSE"),
        ),
    ),
    Comparison(
        "phone",
        _missing("phone"),
        (
            Level("same", "phone_l = phone_r"),
            Level("one_digit", "damerau_levenshtein(phone_l, phone_r) <= 1"),
            Level("else", "ELSE"),
        ),
    ),
    Comparison("sex", _missing("sex"), (Level("same", "sex_l = sex_r"), Level("else", "ELSE"))),
)

BLOCKING: tuple[str, ...] = (
    "l.id_number = r.id_number",
    "l.birth_date = r.birth_date AND l.sound_sorted = r.sound_sorted",
    "l.sound_sorted = r.sound_sorted AND l.phone = r.phone",
    "l.sound_sorted = r.sound_sorted AND l.village = r.village",
    "l.name = r.name AND l.address = r.address",
    "l.name = r.name AND l.county = r.county AND l.birth_year = r.birth_year",
    "l.birth_date = r.birth_date AND l.phone = r.phone",
    "l.birth_date = r.birth_date AND l.township = r.township AND l.surname = r.surname",
    "l.birth_date = r.birth_date AND l.township = r.township AND l.given_sound = r.given_sound",
    "l.name = r.name AND l.township = r.township AND l.birth_day = r.birth_day",
    "l.name = r.name AND l.id_body = r.id_body",
)
"""Two records are compared where one of these holds."""


@dataclass(frozen=True)
class Model:
    """What each level weighs, and from where on a pair is linked or looked at.

    Attributes:
        version: names it in records of what it linked.
        prior: probability that two records taken at random are of one person.
        parameters: (m, u) of each level, by comparison, in the order of its levels.
        link_bits: match weight (log2 of the odds) from which a pair is linked.
        review_bits: from which it is shown to a clerk.
    """

    version: str
    prior: float
    parameters: Mapping[str, Sequence[tuple[float, float]]]
    link_bits: float = 9.0
    review_bits: float = 0.0

    def bits(self, comparison: str, level: int) -> float:
        """Return what a level adds to a pair's weight, in bits; of level -1 (missing) nothing."""
        if level < 0:
            return 0.0
        m, u = self.parameters[comparison][level]
        return log2(m / u)

    def settings(self, blocking: Sequence[str] = BLOCKING) -> dict[str, Any]:
        """Return it as Splink reads it."""
        return {
            **untrained(blocking),
            "probability_two_random_records_match": self.prior,
            "comparisons": [_comparison(each, self.parameters[each.key]) for each in COMPARISONS],
        }

    def text(self) -> str:
        """Return it as a file holds it (JSON)."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def load(cls, file: Path) -> "Model":
        """Read a model.

        Raises:
            Invalid: it is no model of these comparisons.
        """
        try:
            told = json.loads(file.read_text("utf-8"))
            parameters = {
                each.key: [(float(m), float(u)) for m, u in told["parameters"][each.key]]
                for each in COMPARISONS
            }
            model = cls(**{**told, "parameters": parameters})
        except (KeyError, TypeError, ValueError) as error:
            raise _unusable(file, str(error)) from None
        if any(len(model.parameters[each.key]) != len(each.levels) for each in COMPARISONS):
            raise _unusable(file, "levels")
        return model


def untrained(blocking: Sequence[str] = BLOCKING, fresh: str = "fresh") -> dict[str, Any]:
    """Return the settings without weights: for training.

    Args:
        blocking: conditions under which two records are compared.
        fresh: column that tells new records: of two old ones nothing is asked; empty: all.
    """
    new = f" AND (l.{fresh} OR r.{fresh})" if fresh else ""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "comparisons": [_comparison(each, None) for each in COMPARISONS],
        "blocking_rules_to_generate_predictions": [f"{each}{new}" for each in blocking],
        "retain_matching_columns": True,  # the levels that were met, too
    }


def _comparison(
    comparison: Comparison, parameters: Sequence[tuple[float, float]] | None
) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
    ]
    for index, level in enumerate(comparison.levels):
        told: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.key}
        if parameters is not None:
            told["m_probability"], told["u_probability"] = parameters[index]
        levels.append(told)
    return {"output_column_name": comparison.key, "comparison_levels": levels}


def _unusable(file: Path, why: str) -> Invalid:
    return Invalid(
        "not a model of linkage",
        code="linkage.model",
        place=str(file),
        value=why,
        mend="train one with 'longmai livelihood persons train'",
    )
