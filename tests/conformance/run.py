"""``make conformance``: run the outside suites under CONFORMANCE_DATA and print a line each.

``TCK_RESULTS=file.csv`` writes the results of the DMN kit in its own form, too.

Exit codes: 0 all that was found holds; 1 something does not; 2 no suite was found.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.conformance import dmn, epcis, epcis_rest, merkle, scales, sumdb, tlog  # noqa: E402 - the path is set just above

_MODULES = {
    "dmn": dmn,
    "merkle": merkle,
    "epcis": epcis,
    "epcis-rest": epcis_rest,
    "tlog": tlog,
    "sumdb": sumdb,
    "scales": scales,
}
_NEEDS = {"sumdb": "no Go with golang-golang-x-mod-dev"}


def main() -> int:
    """Run every suite found and return the exit code."""
    data = Path(os.environ.get("CONFORMANCE_DATA", ROOT.parent / "shared" / "data"))
    found = failed = 0
    if "TCK_RESULTS" in os.environ:
        dmn.write_results(data, Path(os.environ["TCK_RESULTS"]))
    for folder, module in _MODULES.items():
        results = list(module.suites(data))
        if not results:
            why = _NEEDS.get(folder, f"no {folder} under {data}")
            print(f"{folder}: skipped ({why})")  # noqa: T201 - its purpose
        for result in results:
            found += 1
            failed += result.passed != result.total
            print(f"{result.name}: {result.passed}/{result.total}")  # noqa: T201 - its purpose
            for failure in result.failures:
                print(f"  {failure}")  # noqa: T201 - its purpose
    if not found:
        return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
