"""What two nights must have in common, so that one can take over from the other."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from importlib.metadata import version

import duckdb
import pyarrow as pa

from longmai.rules.policy.literals import as_plain
from longmai.rules.policy.model import Policy
from longmai.rules.policy.scope import CLOCK
from longmai.store.columns.lasting import lasts


def meaning(policy: Policy, day: date, versions: Sequence[Policy]) -> str:
    """Return what changes where the same person may be judged otherwise on another day.

    Args:
        policy: that judges.
        day: on which.
        versions: all that judge some people then.
    """
    holding = [
        (name, value.region, as_plain(value.value))
        for name, each in policy.parameters.items()
        for value in each.values
        if value.start <= day and (value.end is None or day <= value.end)
    ]
    # What a DMN file asks for is not looked into.
    asks = policy.files or any(f"{name}()" in policy.text for name in CLOCK)
    lasting = [
        (each.digest, [t.to for t in each.transition if lasts(each, day) and day <= t.to])
        for each in versions
    ]
    parts = (policy.id, policy.digest, holding, str(day) if asks else "", lasting)
    return sha256(repr(parts).encode()).hexdigest()


def programs() -> dict[str, str]:
    """Return the versions that the bytes of the files and digests of rows hang on."""
    return {
        "longmai": version("longmai"),
        "duckdb": duckdb.__version__,
        "pyarrow": pa.__version__,
    }
