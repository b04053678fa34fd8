"""Records as they are compared: their values made normal, with the keys that comparisons need."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from longmai.kernel.resident_id import birth_date_of, is_male, is_valid_id, normal_id
from longmai.match.linkage.chinese import shape_keys, sounds
from longmai.match.linkage.normal import (
    normal_address,
    normal_day,
    normal_name,
    normal_phone,
    normal_text,
)

_LONGEST_SHAPED = 4
_TOWNSHIP, _COUNTY = 9, 6
_ID_BODY = slice(6, 17)
_TEXT_COLUMNS = (
    "unique_id", "id_number", "name", "name_sorted", "sound_sorted", "surname",
    "given_sound", "birth_date", "birth_year", "birth_day", "id_body", "phone", "sex", "address",
    "village", "township", "county", "region",
)  # fmt: skip
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in _TEXT_COLUMNS),
        ("id_valid", pa.bool_()),
        ("fresh", pa.bool_()),
        *((f"shape_{n}", pa.list_(pa.string())) for n in range(1, _LONGEST_SHAPED + 1)),
    ]
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a record says of who it is about; what it does not say is empty.

    Attributes:
        id_number: of the identity card, 18 characters; one that fails its check is kept.
        id_valid: whether it holds its check.
        birth_date: ISO 8601.
        sex: 男, 女 or empty.
        region: 12-digit code of where the person lives, of the region pack.
    """

    id_number: str = ""
    id_valid: bool = False
    name: str = ""
    birth_date: str = ""
    sex: str = ""
    phone: str = ""
    address: str = ""
    region: str = ""


def identity(told: Mapping[str, str], *, region: str = "", sample: bool = False) -> Identity:
    """Make the values of a record normal; day of birth and sex come from a sound number if missing.

    >>> identity({"id_number": "990102900101001", "name": " 王 芳"}).birth_date
    '1990-01-01'

    Args:
        told: by the names of ``Identity``'s attributes, as they were written.
        region: 12-digit code, or empty.
        sample: whether the people are made up, and so are their numbers.
    """
    number = normal_id(told.get("id_number", ""), sample=sample)
    valid = is_valid_id(number, sample=sample)
    day = normal_day(told["birth_date"]) if told.get("birth_date") else None
    sex = normal_text(told.get("sex", ""))[:1]
    if valid:
        day = day or birth_date_of(number)
        sex = sex or ("男" if is_male(number) else "女")
    return Identity(
        number,
        valid,
        normal_name(told.get("name", "")),
        day.isoformat() if day else "",
        sex if sex in {"男", "女"} else "",
        normal_phone(told.get("phone", "")),
        normal_address(told.get("address", "")),
        region,
    )


def table(records: Iterable[tuple[str, Identity, bool]]) -> pa.Table:
    """Return records as the model compares them.

    Args:
        records: (key, identity, whether it is new: of two old ones no pair is made).
    """
    rows = [_row(key, each, fresh=fresh) for key, each, fresh in records]
    return pa.Table.from_pylist(rows, SCHEMA)


def _row(key: str, each: Identity, *, fresh: bool) -> dict[str, Any]:
    heard = sounds(each.name)
    characters = each.name if len(each.name) <= _LONGEST_SHAPED else ""
    # A name's places beyond its end agree with each other; a long name has no shape.
    shapes: Sequence[Sequence[str]] = [shape_keys(c) for c in characters]
    shapes = [*shapes, *(("",) for _ in range(_LONGEST_SHAPED - len(shapes)))]
    if not characters:
        shapes = [()] * _LONGEST_SHAPED
    told = {
        "unique_id": key,
        "id_number": each.id_number,
        "name": each.name,
        "name_sorted": "".join(sorted(each.name)),
        "sound_sorted": " ".join(sorted(heard)),
        "surname": heard[0] if heard else "",
        "given_sound": " ".join(heard[1:]),
        "birth_date": each.birth_date,
        "birth_year": each.birth_date[:4],
        "birth_day": each.birth_date[5:],
        "id_body": each.id_number[_ID_BODY],
        "phone": each.phone,
        "sex": each.sex,
        "address": each.address,
        "region": each.region,
        "village": each.region.removesuffix("000") if each.region else "",
        "township": each.region[:_TOWNSHIP] if not each.region[_COUNTY:].startswith("000") else "",
        "county": each.region[:_COUNTY],
    }
    lists = {f"shape_{n}": keys for n, keys in enumerate(shapes, 1)}
    known = {name: value or None for name, value in told.items()}
    return {**known, **lists, "id_valid": each.id_valid, "fresh": fresh}
