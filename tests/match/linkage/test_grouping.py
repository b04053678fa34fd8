"""Grouping: what must not be joined is not, and a new record moves nobody."""

from hypothesis import given, settings
from hypothesis import strategies as st

from longmai.match.linkage.grouping import Record, grouped, names_agree
from longmai.match.linkage.model import COMPARISONS
from longmai.match.linkage.records import Identity
from longmai.match.linkage.weighing import Pair

_LEVELS = tuple(-1 for _ in COMPARISONS)
KEYS = [f"r{n}" for n in range(8)]


def record(key: str, number: str = "", name: str = "王天来", person: str = "") -> Record:
    """Return a record; a number given is a sound one."""
    return Record(key, Identity(id_number=number, id_valid=bool(number), name=name), person)


def pair(left: str, right: str, bits: float) -> Pair:
    """Return a weighed pair."""
    return Pair(min(left, right), max(left, right), bits, _LEVELS)


def test_equal_numbers_are_joined_without_a_weight() -> None:
    """Exact first."""
    found = grouped([record("a", "1"), record("b", "1")], [], link_bits=9)
    assert found.members == {"a": ["a", "b"]}
    assert found.links["b"].how == "id"


def test_two_names_under_one_number_are_for_a_clerk() -> None:
    """Whatever the weight says, and also by way of a third record."""
    records = [record("a", "1"), record("b", "1", "李月芳"), record("c", "", "李月芳")]
    pairs = [pair("a", "b", 40), pair("a", "c", 30), pair("b", "c", 30)]
    found = grouped(records, pairs, link_bits=9)
    assert all({"a", "b"} - set(members) for members in found.members.values())
    assert [each.why for each in found.doubts] == ["same_id_other_name"]


def test_two_sound_numbers_are_never_joined() -> None:
    """However alike the rest."""
    found = grouped([record("a", "1"), record("b", "2")], [pair("a", "b", 40)], link_bits=9)
    assert len(found.members) == 2
    assert [each.why for each in found.doubts] == ["two_ids"]


def test_a_bridge_joins_no_two_persons() -> None:
    """A new record like two persons comes to the likelier one; the other is asked about."""
    records = [record("a", person="P"), record("b", person="Q"), record("c")]
    found = grouped(records, [pair("a", "c", 20), pair("b", "c", 12)], link_bits=9)
    assert found.members == {"a": ["a", "c"], "b": ["b"]}
    assert [(each.left, each.right, each.why) for each in found.doubts] == [
        ("b", "c", "two_persons")
    ]


def test_what_a_clerk_kept_apart_stays_apart_and_is_not_asked_again() -> None:
    """Also where a third record would bring them together."""
    records = [record("a"), record("b"), record("c")]
    pairs = [pair("a", "b", 30), pair("a", "c", 25), pair("b", "c", 20)]
    found = grouped(records, pairs, link_bits=9, apart={("a", "b")})
    assert {"a", "b"} - set(found.members["a"])
    assert found.doubts == []


persons = st.dictionaries(st.sampled_from(KEYS), st.sampled_from("PQR"))
weights = st.dictionaries(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)).filter(lambda p: p[0] < p[1]),
    st.integers(-5, 40),
)
numbers = st.dictionaries(st.sampled_from(KEYS), st.sampled_from("123"))


@given(persons, weights, numbers, st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_persons_are_untouched_and_order_is_nothing(
    known: dict[str, str], bits: dict[tuple[str, str], int], ids: dict[str, str], chance: object
) -> None:
    """Old records of one person stay together, of two apart, in whatever order all come."""
    records = [record(key, ids.get(key, ""), person=known.get(key, "")) for key in KEYS]
    pairs = [pair(left, right, weight) for (left, right), weight in bits.items()]
    found = grouped(records, pairs, link_bits=9)
    of = {key: group for group, members in found.members.items() for key in members}
    for one, first in known.items():
        for other, second in known.items():
            assert (of[one] == of[other]) == (first == second)
    chance.shuffle(records)  # type: ignore[attr-defined]
    chance.shuffle(pairs)  # type: ignore[attr-defined]
    assert grouped(records, pairs, link_bits=9).members == found.members


def test_names_that_are_written_otherwise() -> None:
    """Same sound, similar shape, other order, one character; not two others."""
    for one, other in (
        ("李月芳", "李月方"),
        ("杨来", "扬来"),
        ("陈秋收", "陈收秋"),
        ("王天来", "王天"),
    ):
        assert names_agree(one, other)
    assert not names_agree("马宇", "马玄荣")
