"""Trust policies: the words of C2SP tlog-policy, and what a quorum means."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.errors import Invalid
from longmai.ledger.note import LOG_KEY, WITNESS_KEY, Signer
from longmai.ledger.policy import parse_policy

KEYS = {
    name: str(Signer.generate(f"{name}.example", WITNESS_KEY).verifier_key)
    for name in ("X1", "X2", "X3", "Y1", "Y2", "Y3")
}
LOG = str(Signer.generate("log.example", LOG_KEY).verifier_key)
# The example of the specification, with keys.
EXAMPLE = f"""
log {LOG}

witness X1 {KEYS["X1"]}
witness X2 {KEYS["X2"]}
witness X3 {KEYS["X3"]} https://x3.example/
group X-witnesses 2 X1 X2 X3

# the others
witness Y1 {KEYS["Y1"]}
witness Y2 {KEYS["Y2"]}
\twitness  Y3\t{KEYS["Y3"]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


@given(st.sets(st.sampled_from(sorted(KEYS))))
def test_the_example_asks_for_two_of_x_and_one_of_y(cosigned: set[str]) -> None:
    """For every set of witnesses, counted by hand."""
    enough_x = len(cosigned & {"X1", "X2", "X3"}) >= 2
    enough_y = bool(cosigned & {"Y1", "Y2", "Y3"})
    assert parse_policy(EXAMPLE).satisfied(cosigned) == (enough_x and enough_y)


def test_addresses_and_logs_are_read() -> None:
    """A URL is kept where it is given."""
    policy = parse_policy(EXAMPLE)
    assert policy.witnesses["X3"].url == "https://x3.example/"
    assert policy.witnesses["X1"].url == ""
    assert [str(party.key) for party in policy.logs] == [LOG]


@given(st.integers(1, 6), st.data())
def test_k_of_n(n: int, data: st.DataObject) -> None:
    """Every k of n, and no fewer."""
    k = data.draw(st.integers(1, n))
    names = sorted(KEYS)[:n]
    lines = [f"witness {name} {KEYS[name]}" for name in names]
    policy = parse_policy("\n".join([*lines, f"group G {k} {' '.join(names)}", "quorum G"]))
    assert all(policy.satisfied(chosen) for chosen in combinations(names, k))
    assert not any(policy.satisfied(chosen) for chosen in combinations(names, k - 1))


def test_no_quorum_asks_nobody() -> None:
    """``quorum none`` is satisfied by nobody."""
    policy = parse_policy("quorum none")
    assert not policy.asks_witnesses
    assert policy.satisfied(())


BROKEN = (
    ("", "no quorum line"),
    ("quorum none\nquorum none", "one quorum line"),
    ("quorum W", "no line above defines W"),
    ("group G any W\nquorum G", "no line above defines W"),
    (f"witness W {KEYS['X1']}\nwitness V {KEYS['X1']}\nquorum W", "stands in the policy"),
    (f"witness W {KEYS['X1']}\nwitness W {KEYS['X2']}\nquorum W", "taken"),
    (f"witness none {KEYS['X1']}\nquorum none", "taken"),
    (f"witness W {KEYS['X1']}\ngroup G 2 W\nquorum G", "number up to"),
    (f"witness W {KEYS['X1']}\ngroup G 0 W\nquorum G", "number up to"),
    (f"witness W {KEYS['X1']}\ngroup G any W W\nquorum G", "twice"),
    (f"witness W {KEYS['X1']}\ngroup G any W\ngroup H any W\nquorum G", "twice"),
    (f"witness W {LOG}\nquorum W", "key of a witness"),
    (f"log {KEYS['X1']}\nquorum none", "key of a log"),
    ("wittness W\nquorum none", "log, witness, group or quorum"),
    ("log\nquorum none", "log, witness, group or quorum"),
)


# Numbered: a name with a new key in it would differ between the processes that share the suite.
@pytest.mark.parametrize(("text", "what"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_policy_names_its_line(text: str, what: str) -> None:
    """The error says which line, and what is wrong."""
    with pytest.raises(Invalid, match=what) as refusal:
        parse_policy(text, "my.policy")
    assert str(refusal.value.place).startswith("my.policy")
