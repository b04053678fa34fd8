"""Kinds of records of recalls, the permission they ask for, and the words they are made with."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from longmai.portal.domain import PUBLIC

RECALL = "brand.recall"

ORDERED = "brand.recall.ordered"
LISTED = "brand.recall.listed"
NOTICED = "brand.recall.noticed"
LIFTED = "brand.recall.lifted"

AUDIENCE: Mapping[str, str] = {
    # Who bought it must be able to read that it is recalled, and hold it against the log.
    ORDERED: PUBLIC,
    LISTED: PUBLIC,
    LIFTED: PUBLIC,
    # Says whose phone was written to.
    NOTICED: RECALL,
}

REASONS = ("residue", "pathogen", "foreign", "cold_chain", "label", "other")
_LEVELS = Path(__file__).parent / "levels.toml"


@lru_cache(maxsize=1)
def levels() -> Mapping[str, Mapping[str, Any]]:
    """Return the levels of a recall by their number, with their hours: data, with a source."""
    return tomllib.loads(_LEVELS.read_text(encoding="utf-8"))["level"]  # type: ignore[no-any-return] # the file's own shape


def subject_of(recall_id: object) -> str:
    """Return what the ledger calls a recall."""
    return f"recall:{recall_id}"
