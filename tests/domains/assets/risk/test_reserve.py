"""What a reserve is sized by, as it is typed."""

import pytest

from longmai.allocate.reserve import Peril
from longmai.domains.assets.risk.reserve import perils_told, read_assumed, trials_told
from longmai.kernel.errors import InvalidMany


def test_what_is_not_typed_is_not_known() -> None:
    """No danger has a number of ours; each that is left empty is named."""
    found = read_assumed({"often.flood": "2", "lost.flood": "30", "spread": "10"})
    assert found.perils == (Peril("flood", 0.02, 0.3, 0.1, common=True),)
    assert set(found.left_out) == set(perils_told()) - {"flood"}
    assert (found.covered_permille, found.limit_fen) == (0, None)
    assert (found.trials, found.seed) == (trials_told(), 1)


def test_insurance_is_in_per_cent_and_yuan() -> None:
    """Exact: 12.5 % is 125 permille, yuan are fen."""
    typed = {"covered": "12.5", "deductible": "1,000.50", "limit": "20000元"}
    found = read_assumed(typed)
    assert (found.covered_permille, found.deductible_fen, found.limit_fen) == (
        125, 100_050, 2_000_000,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("often.fire", "1", "half"),
        ("often.fire", "x", "percent"),
        ("covered", "33.33", "percent"),
        ("covered", "NaN", "percent"),
        ("spread", "100", "spread"),
        ("limit", "-1", "money"),
        ("trials", "999", "trials"),
        ("seed", "1.5", "seed"),
    ],
)
def test_what_cannot_be_read_is_told_by_field(name: str, text: str, code: str) -> None:
    """Field and cause."""
    with pytest.raises(InvalidMany) as caught:
        read_assumed({name: text})
    assert code in {each.code.rpartition(".")[2] for each in caught.value.findings}
    assert {each.place for each in caught.value.findings} <= {name, "lost.fire"}
