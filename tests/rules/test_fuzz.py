"""A few thousand cases of the fuzzer; ``python -m tests.rules.fuzz`` runs as many as one likes."""

import pytest
from tests.rules import fuzz


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_but_our_own_errors(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is made: a value or our own error, soon."""
    monkeypatch.setattr(fuzz, "MOST_S", 10)  # a busy machine is no mistake
    assert len(fuzz.fuzz(1_000, seed)) == 5


def test_what_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that is not ours ends it, with the text that raised it."""

    def wrong(_text: str) -> None:
        raise KeyError("x")

    monkeypatch.setattr(fuzz, "run_expression", wrong)
    with pytest.raises(AssertionError, match="KeyError"):
        fuzz.fuzz(20, 1)
