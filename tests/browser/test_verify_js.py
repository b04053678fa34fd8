"""The browser's verifier against bundles written from the specifications, whole and spoiled."""

import copy
import hashlib
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page
from tests.browser import bundles
from tests.browser.bundles import Key, b64, bundle, entry, unb64
from tests.browser.conftest import INSECURE_HOST
from tests.browser.site import Answer, Site

from longmai.ledger import verifier
from longmai.ledger.certificate import proof_bundle
from longmai.ledger.merkle import MemoryTiles, append, hash_leaf, tree_root
from longmai.ledger.note import Signer, checkpoint_text
from longmai.ledger.record import Act, Record, seal

pytestmark = pytest.mark.browser

KEY = Key()
ENTRIES = [entry(i) for i in range(11)]
PLACE = 5
Bundle = dict[str, Any]

_RUN = """async ([bundles, key, crypto]) => {
  const { verifyBundle } = await import("/static/verify.js");
  const verdicts = [];
  for (const each of bundles) {
    const verdict = await verifyBundle(each, { verifierKey: key, crypto });
    for (const record of verdict.records) delete record.claimed; // unproven: not for tests of proof
    verdicts.push(verdict);
  }
  return verdicts;
}"""


@pytest.fixture(scope="module")
def blank(chromium: Browser, static_files: None) -> Iterator[Page]:  # noqa: ARG001 - must be there
    """An empty page on the loopback, a secure context; shared, for verifying leaves no trace."""
    with Site.running() as site, chromium.new_context() as context:
        site.put("/blank", Answer("<!doctype html><title>blank</title>"))
        page = context.new_page()
        page.goto(site.url("/blank"))
        assert page.evaluate("isSecureContext")
        yield page


def verify_all(
    page: Page, given: list[Any], *, key: str = KEY.verifier, crypto: str = "auto"
) -> list[dict[str, Any]]:
    """Verify bundles in the page."""
    verdicts: list[dict[str, Any]] = page.evaluate(_RUN, [given, key, crypto])
    return verdicts


def verify(page: Page, given: Any, key: str = KEY.verifier, crypto: str = "auto") -> dict[str, Any]:
    """Verify a bundle in the page."""
    return verify_all(page, [given], key=key, crypto=crypto)[0]


@pytest.mark.parametrize(("crypto", "used"), [("auto", "webcrypto"), ("noble", "noble")])
def test_a_good_bundle_holds_with_either_cryptography(blank: Page, crypto: str, used: str) -> None:
    """Every record is proven, its header and payload are read, and the cryptography is named."""
    verdict = verify(blank, bundle(ENTRIES, KEY), crypto=crypto)
    assert verdict["ok"]
    assert verdict["problem"] is None
    assert verdict["crypto"] == used
    assert verdict["checkpoint"]["size"] == len(ENTRIES)
    record = verdict["records"][PLACE]
    assert record["id"] == str(UUID(int=PLACE + 1))
    assert record["header"]["kind"] == "test.act"
    assert record["payload"] == {"event": {"n": PLACE}}
    assert (record["leafIndex"], record["erased"]) == (PLACE, False)


def test_plain_http_from_another_machine_falls_back_to_noble(page: Page, site: Site) -> None:
    """Where the context is not secure there is no WebCrypto, and the check still runs."""
    site.put("/blank", Answer("<!doctype html><title>blank</title>"))
    page.goto(site.url("/blank", host=INSECURE_HOST))
    assert not page.evaluate("isSecureContext")
    good = bundle(ENTRIES, KEY)
    bad = copy.deepcopy(good)
    bad["checkpoint"] = bad["checkpoint"].replace("\n11\n", "\n12\n")
    held, refused = verify_all(page, [good, bad])
    assert (held["ok"], held["crypto"]) == (True, "noble")
    assert refused["problem"]["code"] == "signature"


def test_webcrypto_without_ed25519_leaves_the_signature_to_noble(page: Page, site: Site) -> None:
    """A browser older than Ed25519 in WebCrypto verifies, and says that noble had a part."""
    page.add_init_script(
        "SubtleCrypto.prototype.importKey = async () => {"
        " throw new DOMException('Unrecognized name.', 'NotSupportedError'); };"
    )
    site.put("/blank", Answer("<!doctype html><title>blank</title>"))
    page.goto(site.url("/blank"))
    verdict = verify(page, bundle(ENTRIES, KEY))
    assert (verdict["ok"], verdict["crypto"]) == (True, "noble")


def test_every_leaf_of_every_small_tree_is_proven(blank: Page) -> None:
    """Inclusion holds for all places in trees of 1 to 33 leaves."""
    many = [entry(i) for i in range(33)]
    given = [bundle(many[:size], KEY) for size in range(1, 34)]
    assert all(verdict["ok"] for verdict in verify_all(blank, given))


def test_trees_beyond_32_bits_are_exact(blank: Page) -> None:
    """Places above 2^32 follow the same path as in exact arithmetic."""
    rng = random.Random(9162)
    given = [_huge(rng, size) for size in (2**32 + 1, 2**40 - 1, 2**52 + 12345, 2**53 - 1)]
    assert all(verdict["ok"] for verdict in verify_all(blank, given))


def _huge(rng: random.Random, size: int) -> Bundle:
    m, each = rng.randrange(size // 2, size), entry(0)
    steps = [rng.randbytes(32) for _ in range(bundles.depth(m, size))]
    leaf = hashlib.sha256(b"\x00" + each.header).digest()
    root = bundles.root_along(leaf, m, size, steps.copy())
    return {
        "format": "longmai-proof/1",
        "checkpoint": KEY.sign(bundles.checkpoint(size, root)),
        "verifier_key": KEY.verifier,
        "records": [bundles.proven(each, m, steps)],
    }


def test_an_erased_record_is_still_proven_to_exist(blank: Page) -> None:
    """Without payload and salt the header's place in the log holds, and nothing more is claimed."""
    given = bundle(ENTRIES, KEY)
    given["records"][PLACE] |= {"payload": None, "salt": None}
    record = verify(blank, given)["records"][PLACE]
    assert (record["ok"], record["erased"], record["payload"]) == (True, True, None)


def test_a_witness_may_sign_too(blank: Page) -> None:
    """Signature lines of others are passed over, before and after ours."""
    given = bundle(ENTRIES, KEY)
    text, ours = given["checkpoint"].split("\n\n")
    others = Key("witness.example").sign(f"{text}\n").split("\n\n")[1]
    namesake = Key(KEY.name).sign(f"{text}\n").split("\n\n")[1]
    given["checkpoint"] = f"{text}\n\n{others}{namesake}{ours}{others}"
    assert verify(blank, given)["ok"]


def test_canonical_json_of_every_kind_of_value_is_accepted(blank: Page) -> None:
    """Numbers, escapes and member order as RFC 8785 §3.2 writes them."""
    text = (
        '{"\\n":"\\u001f\\"\\\\/","1":[1e+21,0.000001,1e-7,-0.5,true,null],'
        '"\u20ac":"\u20ac","\U0001f600":"x","\ufb33":{}}'
    ).encode()
    verdict = verify(blank, bundle([entry(0, text)], KEY))
    assert verdict["ok"], verdict


# Spoiling -------------------------------------------------------------------------------


def flip(text: str) -> str:
    """Change one byte in the middle of base64."""
    raw = bytearray(unb64(text))
    raw[len(raw) // 2] ^= 1
    return b64(bytes(raw))


def of_record(name: str, change: Callable[[Any], Any]) -> Callable[[Bundle], None]:
    """Spoil a field of one record."""

    def spoil(given: Bundle) -> None:
        record = given["records"][PLACE]
        record[name] = change(record[name])

    return spoil


def in_header(name: str, value: Any) -> Callable[[Bundle], None]:
    """Replace a field of one record's header, leaving the rest."""

    def spoil(given: Bundle) -> None:
        record = given["records"][PLACE]
        header = json.loads(unb64(record["header"])) | {name: value}
        record["header"] = b64(bundles.canonical(header))

    return spoil


def in_proof(change: Callable[[list[str]], list[str]]) -> Callable[[Bundle], None]:
    """Spoil one record's path."""
    return of_record("proof", change)


def in_note(old: str, new: str) -> Callable[[Bundle], None]:
    """Change the checkpoint without signing it anew."""

    def spoil(given: Bundle) -> None:
        given["checkpoint"] = given["checkpoint"].replace(old, new, 1)

    return spoil


def set_to(**values: Any) -> Callable[[Bundle], None]:
    """Replace fields of the bundle."""
    return lambda given: given.update(values)


def spoil_signature(given: Bundle) -> None:
    """Change one byte of the signature."""
    start, name, signature = given["checkpoint"].rpartition(f"{KEY.name} ")
    given["checkpoint"] = f"{start}{name}{flip(signature.strip())}\n"


def other_root(given: Bundle) -> None:
    """Sign another root with the right key."""
    given["checkpoint"] = KEY.sign(bundles.checkpoint(len(ENTRIES), bytes(32)))


def other_size(given: Bundle) -> None:
    """Sign the root with a size whose paths are longer."""
    root = unb64(given["checkpoint"].split("\n")[2])
    given["checkpoint"] = KEY.sign(bundles.checkpoint(64, root))


def other_origin(given: Bundle) -> None:
    """Sign the checkpoint of a log with another name."""
    text = given["checkpoint"].split("\n\n")[0].replace(KEY.name, "other.example/log")
    given["checkpoint"] = KEY.sign(f"{text}\n")


def swap_records(given: Bundle) -> None:
    """Give one record the place and path of another."""
    first, second = given["records"][PLACE], given["records"][PLACE + 1]
    for name in ("leaf_index", "proof"):
        first[name], second[name] = second[name], first[name]


RECORD_FAULTS: dict[str, tuple[Callable[[Bundle], None], str]] = {
    "payload byte": (of_record("payload", flip), "payload"),
    "payload of another": (of_record("payload", lambda _: b64(ENTRIES[0].payload)), "payload"),
    "salt byte": (of_record("salt", flip), "payload"),
    "salt and payload moved": (of_record("salt", lambda s: b64(unb64(s)[:-1])), "payload"),
    "salt withheld": (of_record("salt", lambda _: None), "format"),
    "header kind": (in_header("kind", "test.other"), "inclusion"),
    "header id": (in_header("id", str(UUID(int=99))), "inclusion"),
    "header commitment": (in_header("commitment", "0" * 64), "payload"),
    "header version": (in_header("version", 2), "format"),
    "header spaced": (of_record("header", lambda h: b64(unb64(h) + b" ")), "format"),
    "header not JSON": (of_record("header", lambda _: b64(b"{")), "format"),
    "header not UTF-8": (of_record("header", lambda _: b64(b'"\xff"')), "format"),
    "proof byte": (in_proof(lambda p: [flip(p[0]), *p[1:]]), "inclusion"),
    "proof cut": (in_proof(lambda p: p[:-1]), "inclusion"),
    "proof longer": (in_proof(lambda p: [*p, p[0]]), "inclusion"),
    "proof endless": (in_proof(lambda p: p * 40), "inclusion"),
    "proof turned": (in_proof(lambda p: p[::-1]), "inclusion"),
    "proof step short": (in_proof(lambda p: [b64(b"short"), *p[1:]]), "format"),
    "proof no list": (of_record("proof", lambda _: "x"), "format"),
    "next place": (of_record("leaf_index", lambda i: i + 1), "inclusion"),
    "place beyond": (of_record("leaf_index", lambda _: len(ENTRIES)), "inclusion"),
    "place negative": (of_record("leaf_index", lambda _: -1), "format"),
    "place half": (of_record("leaf_index", lambda _: 5.5), "format"),
    "place text": (of_record("leaf_index", lambda _: "5"), "format"),
    "base64 spaced": (of_record("payload", lambda p: f"{p[:8]} {p[8:]}"), "format"),
    "base64 stray bits": (of_record("salt", lambda s: f"{s[:-2]}{chr(ord(s[-2]) + 1)}="), "format"),
    "base64 URL": (of_record("header", lambda h: f"-_{h[2:]}"), "format"),
    "signed other root": (other_root, "inclusion"),
    "signed other size": (other_size, "inclusion"),
    "places swapped": (swap_records, "inclusion"),
}


@pytest.mark.parametrize("crypto", ["auto", "noble"])
@pytest.mark.parametrize("fault", RECORD_FAULTS)
def test_a_spoiled_record_is_refused_with_its_reason(blank: Page, fault: str, crypto: str) -> None:
    """The spoiled record, and the bundle with it, is refused; its payload is not handed on."""
    spoil, code = RECORD_FAULTS[fault]
    given = bundle(ENTRIES, KEY)
    spoil(given)
    verdict = verify(blank, given, crypto=crypto)
    record = verdict["records"][PLACE]
    assert not verdict["ok"]
    assert (record["ok"], record["payload"]) == (False, None)
    assert record["problem"]["code"] == code, record["problem"]


BUNDLE_FAULTS: dict[str, tuple[Callable[[Bundle], None], str]] = {
    "size": (in_note("\n11\n", "\n12\n"), "signature"),
    "origin": (in_note(KEY.name, "other.example/log"), "signature"),
    "root": (in_note("\n11\n", "\n11\nA"), "signature"),
    "signature byte": (spoil_signature, "signature"),
    "unsigned": (
        lambda b: b.update(checkpoint=b["checkpoint"].split("\n\n")[0] + "\n\n"),
        "format",
    ),
    "signed by another": (
        lambda b: b.update(checkpoint=Key().sign(b["checkpoint"].split("\n\n")[0] + "\n")),
        "signature",
    ),
    "no note": (set_to(checkpoint="test.example/log\n11\n"), "format"),
    "note of another log": (other_origin, "key"),
    "key of another": (set_to(verifier_key=Key().verifier), "key"),
    "key hash": (
        lambda b: b.update(verifier_key=f"{KEY.name}+00000000+{b64(KEY.raw)}"),
        "key",
    ),
    "key short": (set_to(verifier_key=f"{KEY.name}+00000000+{b64(KEY.raw[:-3])}"), "key"),
    "key missing": (lambda b: b.pop("verifier_key"), "format"),
    "format": (set_to(format="longmai-proof/2"), "format"),
    "no records": (set_to(records=[]), "format"),
    "records no list": (set_to(records={"0": 1}), "format"),
    "leading zero": (
        lambda b: b.update(
            checkpoint=KEY.sign(bundles.checkpoint(11, bytes(32)).replace("11", "011"))
        ),
        "format",
    ),
    "size beyond exact numbers": (
        lambda b: b.update(checkpoint=KEY.sign(bundles.checkpoint(2**53, bytes(32)))),
        "format",
    ),
}


@pytest.mark.parametrize("crypto", ["auto", "noble"])
@pytest.mark.parametrize("fault", BUNDLE_FAULTS)
def test_a_spoiled_bundle_is_refused_with_its_reason(blank: Page, fault: str, crypto: str) -> None:
    """Nothing of a bundle is believed whose checkpoint, key or form is wrong."""
    spoil, code = BUNDLE_FAULTS[fault]
    given = bundle(ENTRIES, KEY)
    spoil(given)
    verdict = verify(blank, given, crypto=crypto)
    assert (verdict["ok"], verdict["records"]) == (False, [])
    assert verdict["problem"]["code"] == code, verdict["problem"]


@pytest.mark.parametrize(
    "key", [Key().verifier, "", None, "test.example/log"], ids=["other", "empty", "none", "name"]
)
def test_the_pages_key_decides_not_the_bundles(blank: Page, key: Any) -> None:
    """A bundle that is consistent in itself is refused when its key is not the page's."""
    assert verify(blank, bundle(ENTRIES, KEY), key=key)["problem"]["code"] == "key"


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1.0}',
        b"\xef\xbb\xbf{}",
        b"{",
        b"\xff",
        b"[" * 200_000 + b"]" * 200_000,
    ],
    ids=["repeated", "unsorted", "spaced", "number", "BOM", "cut", "bytes", "deep"],
)
def test_a_committed_payload_that_is_not_canonical_is_refused(blank: Page, text: bytes) -> None:
    """Even what the log itself committed to must have one reading only."""
    [record] = verify(blank, bundle([entry(0, text)], KEY))["records"]
    assert (record["payload"], record["problem"]["code"]) == (None, "format")


def test_a_salt_of_another_length_is_refused_though_its_commitment_fits(blank: Page) -> None:
    """Otherwise bytes could be moved between salt and payload."""
    [record] = verify(blank, bundle([entry(0, salt=bytes(33))], KEY))["records"]
    assert record["problem"]["code"] == "payload"


@pytest.mark.parametrize("given", ["not JSON", "[]", "null", None, 7, {}])
def test_what_is_no_bundle_at_all_is_refused(blank: Page, given: Any) -> None:
    """Any other value is a problem of form, never an exception."""
    assert verify(blank, given)["problem"]["code"] == "format"


def test_no_change_of_one_character_is_believed(blank: Page) -> None:
    """Of 300 bundles with one character changed, none proves anything but the true content.

    A change may leave a bundle valid only if the Python verifier finds the same content in it.
    """
    rng = random.Random(20251001)
    true = json.dumps(bundle(ENTRIES[:3], KEY, shown=[1]))
    changed = [_change_one(rng, true) for _ in range(300)]
    for text, verdict in zip(changed, verify_all(blank, changed), strict=True):
        if verdict["ok"]:
            assert [each["payload"] for each in verdict["records"]] == [{"event": {"n": 1}}]
            assert verifier.verify(text, KEY.verifier).holds
    assert sum(not verdict["ok"] for verdict in verify_all(blank, changed[:50])) > 40


def _change_one(rng: random.Random, text: str) -> str:
    place = rng.randrange(len(text))
    return text[:place] + rng.choice('ABab01+/="{,') + text[place + 1 :]


def test_bundles_of_our_own_ledger_hold(blank: Page) -> None:
    """What the ledger writes, the browser proves."""
    signer, tiles = Signer.generate("longmai.test/log"), MemoryTiles()
    records = [_sealed(i) for i in range(300)]
    size = append(tiles, 0, [hash_leaf(record.header) for record in records])
    note = signer.sign(checkpoint_text("longmai.test/log", size, tree_root(tiles, size)))
    placed = [(i, records[i]) for i in (0, 1, 255, 256, 299)]
    given = proof_bundle(placed, tiles, note, signer.verifier_key)
    verdict = verify(blank, given, key=str(signer.verifier_key))
    assert verdict["ok"], verdict
    assert verdict["records"][3]["payload"] == {"n": 256, "share": 0.1, "\u540d": "\u9648"}


LEVELS = [KEY, Key("city.example/log"), Key("province.example/log")]


def test_the_chain_through_the_logs_above_is_followed(blank: Page) -> None:
    """The browser names the logs above, as the Python verifier does."""
    given = bundles.chained(ENTRIES, LEVELS, shown=[2])
    verdict = verify(blank, given)
    assert verdict["ok"], verdict
    named = [level["origin"] for level in verdict["anchors"]]
    assert named == ["city.example/log", "province.example/log"]
    found = verifier.verify(json.dumps(given), LEVELS[2].verifier)
    assert [level.origin for level in found.anchors] == named


def _breaks(given: Bundle) -> Iterator[Bundle]:
    """Yield chains that do not connect."""
    city, province = given["anchors"]
    yield given | {"anchors": [province]}
    yield given | {"anchors": [province, city]}
    yield given | {"anchors": "both"}
    yield given | {"anchors": [None]}
    other = bundles.chained(ENTRIES[:7], LEVELS, shown=[2])
    yield given | {"anchors": other["anchors"]}
    for field, value in (("kind", "other.kind"), ("commitment", "0" * 64)):
        broken = copy.deepcopy(given)
        [record] = broken["anchors"][0]["records"]
        header = json.loads(unb64(record["header"])) | {field: value}
        record["header"] = b64(bundles.canonical(header))
        yield broken
    renamed = copy.deepcopy(given)
    renamed["anchors"][1]["checkpoint"] = city["checkpoint"]
    yield renamed


def test_a_chain_that_does_not_connect_is_refused(blank: Page) -> None:
    """By the browser and by the Python verifier alike."""
    for broken in _breaks(bundles.chained(ENTRIES, LEVELS, shown=[2])):
        assert not verify(blank, broken)["ok"]
        with pytest.raises(verifier.Refused):
            verifier.verify(json.dumps(broken))


def _sealed(n: int) -> Record:
    act = Act(
        kind="test.act",
        subjects=[f"thing {n}"],
        region="",
        actor="tester",
        occurred_at=datetime(2025, 10, 1, tzinfo=UTC),
        payload={"n": n, "share": 0.1, "\u540d": "\u9648"},
    )
    salt = hashlib.sha256(b"salt%d" % n).digest()
    return seal(act, record_id=UUID(int=n), recorded_at=act.occurred_at, salt=salt)
