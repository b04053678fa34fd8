"""Merkle vectors: inclusion and consistency proofs that must be taken, or must not.

``merkle/{inclusion,consistency}/**/*.json`` hold base64 fields and ``wantErr``.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.conformance.suite import SuiteResult

from longmai.ledger.merkle import verify_consistency, verify_inclusion


def suites(data: Path) -> Iterable[SuiteResult]:
    """Run the Merkle vectors found in a folder of outside data."""
    kinds: tuple[tuple[str, Callable[[Mapping[str, Any]], bool]], ...] = (
        ("inclusion", includes),
        ("consistency", is_consistent),
    )
    total, failures = 0, []
    for kind, holds in kinds:
        for file in sorted((data / "merkle" / kind).rglob("*.json")):
            vector = json.loads(file.read_text("utf-8"))
            total += 1
            if holds(vector) == vector["wantErr"]:
                must = "be refused" if vector["wantErr"] else "hold"
                failures.append(f"{file.relative_to(data)}: must {must}: {vector['desc']}")
    if total:
        yield SuiteResult("merkle", total - len(failures), total, tuple(failures))


def includes(vector: Mapping[str, Any]) -> bool:
    """Tell whether we take the inclusion proof of a vector."""
    return verify_inclusion(
        _bytes(vector["leafHash"]),
        vector["leafIdx"],
        vector["treeSize"],
        [_bytes(step) for step in vector["proof"] or ()],
        _bytes(vector["root"]),
    )


def is_consistent(vector: Mapping[str, Any]) -> bool:
    """Tell whether we take the consistency proof of a vector."""
    return verify_consistency(
        vector["size1"],
        vector["size2"],
        [_bytes(step) for step in vector["proof"] or ()],
        _bytes(vector["root1"]),
        _bytes(vector["root2"]),
    )


def _bytes(text: str | None) -> bytes:
    return b64decode(text or "", validate=True)
