"""What two nights must have in common, so that one can take over from the other."""

from datetime import date
from hashlib import sha256
from importlib.metadata import version

import duckdb
import pyarrow as pa

from longmai.rules.policy.literals import as_plain
from longmai.rules.policy.model import Policy
from longmai.rules.policy.scope import CLOCK


def meaning(policy: Policy, day: date) -> str:
    """Return what changes where the same person may be judged otherwise on another day."""
    holding = [
        (name, value.region, as_plain(value.value))
        for name, each in policy.parameters.items()
        for value in each.values
        if value.start <= day and (value.end is None or day <= value.end)
    ]
    # What a DMN file asks for is not looked into.
    asks = policy.files or any(f"{name}()" in policy.text for name in CLOCK)
    parts = (policy.id, policy.digest, holding, str(day) if asks else "")
    return sha256(repr(parts).encode()).hexdigest()


def programs() -> dict[str, str]:
    """Return the versions that the bytes of the files and digests of rows hang on."""
    return {
        "longmai": version("longmai"),
        "duckdb": duckdb.__version__,
        "pyarrow": pa.__version__,
    }
