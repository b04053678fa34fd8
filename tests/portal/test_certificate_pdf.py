"""The printed certificate says what the record says, scans, and cannot be made to say more."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import typst
import zxingcpp
from pypdf import PdfReader
from tests.house import opened_house
from tests.pictures import grey_of
from tests.visitor import visitor

from longmai.ledger.merkle import MemoryTiles, append, hash_leaf, tree_root
from longmai.ledger.note import WITNESS_KEY, Checkpoint, Signer, checkpoint_text
from longmai.ledger.record import Act, Record, seal
from longmai.portal import certificate_pdf as module
from longmai.portal import typeset
from longmai.portal.certificate_pdf import Proven, certificate_pdf
from longmai.portal.rendering import Words
from longmai.store.ledger import LEAF

ADDRESS = "https://longmai.example/ledger/records/0199a000-0000-7000-8000-000000000001"
A4_POINTS = (595, 842)
NOW = datetime(2025, 10, 1, tzinfo=UTC)


def sealed(payload: dict[str, object]) -> Record:
    """Seal a payload."""
    act = Act("test.thing.made", ["urn:x"], "620826000000", "clerk-7", NOW, payload)
    made = UUID("0199a000-0000-7000-8000-000000000001")
    return seal(act, record_id=made, recorded_at=NOW, salt=bytes(32))


def proven(payload: dict[str, object], **changes: object) -> Proven:
    """Prove a record of a log with one witness and two logs above."""
    record, tiles = sealed(payload), MemoryTiles()
    signer = Signer.generate("county.example/log")
    size = append(tiles, 0, [hash_leaf(record.header)])
    text = checkpoint_text("county.example/log", size, tree_root(tiles, size))
    witness = Signer.generate("witness.example/w1", WITNESS_KEY)
    note = signer.sign(text) + witness.cosignature_line(text, NOW)
    above = [Checkpoint(f"{name}.example/log", 9, bytes(32)) for name in ("city", "province")]
    made = Proven(record, 0, note, signer.verifier_key, above, "", sample=False, address=ADDRESS)
    return replace(made, **changes)  # type: ignore[arg-type] # fields of the certificate


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Words:
    """Words in Chinese."""
    with opened_house(tmp_path_factory.mktemp("words")) as house:
        return Words(house, "zh")


def said(pdf: bytes) -> str:
    """Return the text of all pages, without spaces, line ends and break marks."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    text = "".join(page.extract_text() for page in pages)
    return "".join(text.replace("\u200b", "").split())


def test_it_says_what_the_record_says(chinese: Words) -> None:
    """Kind, times, actor, subject, content, place in the log, root, key, witness, logs above."""
    given = proven({"产品": "苹果", "重量": {"kg": 10.5}, "箱": ["a", "b"], "空": []})
    pdf = certificate_pdf(given, chinese)
    text = said(pdf)
    for part in (
        "入账证书", "test.thing.made", "clerk-7", "urn:x", "620826000000", "2025-10-0108:00:00",
        "苹果", "重量.kg", "10.5", "箱[2]", "county.example/log", str(given.key),
        "witness.example/w1", "city.example/log", "province.example/log",
    ):  # fmt: skip
        assert part in text, part
    [page] = PdfReader(io.BytesIO(pdf)).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == A4_POINTS


def test_its_code_opens_the_page(chinese: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scanner reads the address on the rendered sheet."""
    told: dict[str, str] = {}

    def keep(_template: Path, **options: object) -> bytes:
        inputs = options["sys_inputs"]
        assert isinstance(inputs, dict)
        told.update(inputs)
        return b""

    monkeypatch.setattr(typst, "compile", keep)
    certificate_pdf(proven({"a": 1}), chinese)
    monkeypatch.undo()
    png = typst.compile(
        module._TEMPLATE,
        font_paths=[typeset._FONTS],
        ignore_system_fonts=True,
        sys_inputs=told,
        format="png",
        ppi=100.0,
    )
    codes = zxingcpp.read_barcodes(grey_of(png))
    assert [code.text for code in codes] == [ADDRESS]


@pytest.mark.parametrize(
    "hostile",
    [
        "#sys.inputs",
        "#panic()",
        "$x$ *bold* _under_ = heading",
        '#image("/etc/passwd")',
        "`raw` \\ \\u{41} // comment",
        "a picture 😀",
        "x" * 1_500,
    ],
)
def test_content_is_text_and_never_markup(chinese: Words, hostile: str) -> None:
    """It is printed as it stands."""
    text = said(certificate_pdf(proven({hostile[:40]: hostile}), chinese))
    assert hostile[:7].replace(" ", "") in text


def test_what_turns_the_direction_of_text_is_shown(chinese: Words) -> None:
    """A reader must not see other words than those recorded."""
    text = said(certificate_pdf(proven({"a": "10\u202e00\u0007"}), chinese))
    assert "10⟨U+202E⟩00⟨U+0007⟩" in text


def test_a_long_content_takes_pages_and_then_points_elsewhere(chinese: Words) -> None:
    """Four hundred lines are printed, the rest is named."""
    pdf = certificate_pdf(proven({f"n{i:04}": i for i in range(450)}), chinese)
    assert len(PdfReader(io.BytesIO(pdf)).pages) > 3
    text = said(pdf)
    assert "n0399" in text
    assert "n0400" not in text
    assert "另有50项" in text


def test_an_erased_content_is_told(chinese: Words) -> None:
    """Not an empty table: what happened, and why."""
    made = proven({"姓名": "示例"})
    gone = replace(made.record, payload=None, salt=None)
    text = said(certificate_pdf(replace(made, record=gone, erased="内容已依法删除"), chinese))
    assert "内容已依法删除" in text
    assert "姓名" not in text


def test_the_page_offers_it_in_the_language_asked(tmp_path: Path) -> None:
    """From the record page, marked as sample data; an unknown record is not found."""
    with opened_house(tmp_path, sample=True) as house:
        client = visitor(house)
        with house.store.read() as connection:
            record_id = connection.scalar(LEAF.select().with_only_columns(LEAF.c.record_id))
        assert (
            f"/ledger/records/{record_id}/certificate.pdf"
            in client.get(f"/ledger/records/{record_id}").text
        )
        for language, title in (("zh", "入账证书"), ("en", "Certificateofarecord")):
            answer = client.get(f"/ledger/records/{record_id}/certificate.pdf?lang={language}")
            assert answer.headers["content-type"] == "application/pdf"
            assert title in said(answer.content)
        assert "示例数据" in said(
            client.get(f"/ledger/records/{record_id}/certificate.pdf?lang=zh").content
        )
        unknown = client.get(f"/ledger/records/{UUID(int=7)}/certificate.pdf")
        assert unknown.status_code == 404
