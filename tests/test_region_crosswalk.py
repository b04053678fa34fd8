"""The townships of two lists are paired by name in their county, never by code alone."""

from scripts.build_region.crosswalk import Matching, Pair, crosswalk_rows

OLD = {
    "990102001000": "东镇",
    "990102002000": "西镇",
    "990102003000": "南乡",
    "990102004000": "河乡",
    "990102005000": "张棉乡",
    "990102006000": "国营农场",
    "990103001000": "东镇",
    "990171001000": "新镇",
    "990201001000": "北街街道",
}
NEW = {
    "990102001000": "西镇",
    "990102002000": "东镇",
    "990102005000": "张棉驿乡",
    "990102007000": "南镇",
    "990102008000": "河回族乡",
    "990102009000": "旧镇（撤销）",
    "990102010000": "后镇",
    "990103001000": "东镇",
    "990103002000": "新镇",
}


def _pairs() -> dict[tuple[str, str], str]:
    matching = Matching(OLD, NEW, frozenset({"990171", "990201"}), frozenset({"990201"}))
    return {(pair.old, pair.new): pair.kind for pair in matching.run()}


def test_every_rule_pairs_what_it_is_for() -> None:
    """Swapped codes, another class, a people's name, a spelling, a move, and what has no pair."""
    assert _pairs() == {
        ("990102001000", "990102002000"): "recoded",
        ("990102002000", "990102001000"): "recoded",
        ("990102003000", "990102007000"): "renamed",
        ("990102004000", "990102008000"): "renamed",
        ("990102005000", "990102005000"): "renamed",
        ("990102006000", ""): "old_only",
        ("990103001000", "990103001000"): "same",
        ("990171001000", "990103002000"): "moved",
        ("990201001000", ""): "unchecked",
        ("", "990102009000"): "abolished",
        ("", "990102010000"): "new_only",
    }


def test_every_township_of_both_lists_is_in_one_pair() -> None:
    """Nothing is lost and nothing is paired twice."""
    olds = [old for old, _ in _pairs() if old]
    news = [new for _, new in _pairs() if new]
    assert sorted(olds) == sorted(OLD)
    assert sorted(news) == sorted(NEW)


def test_rows_say_whether_the_other_list_uses_the_code() -> None:
    """A code that the other list gives to another township is told from one it has not."""
    rows = list(
        crosswalk_rows(
            [
                Pair("990102001000", "990102002000", "recoded", "rule"),
                Pair("990102006000", "", "old_only", "no match"),
                Pair("990103001000", "990103001000", "same", "rule"),
            ],
            OLD,
            NEW,
        )
    )
    assert rows == [
        ["990102001000", "东镇", "990102002000", "东镇", "recoded", "rule", "yes", "yes"],
        ["990102006000", "国营农场", "", "", "old_only", "no match", "no", ""],
    ]
