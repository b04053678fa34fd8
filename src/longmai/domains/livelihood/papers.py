"""Letters and sheets on paper: what they say, and the PDF of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from longmai.portal.typeset import pdf_of

_TEMPLATE = Path(__file__).parent / "paper.typ"
_INDENT = {"zh": 2, "en": 0}


@dataclass(frozen=True)
class Block:
    """Paragraphs under a heading; ``listed`` sets them as points."""

    heading: str
    lines: Sequence[str]
    listed: bool = False


@dataclass(frozen=True)
class Paper:
    """What a sheet of paper says; an empty text is left out.

    Attributes:
        to: whom it addresses.
        lead: paragraphs before the blocks.
        mark: a remark that must not be missed, such as that it is sample data.
        number: what the letter is called.
        signature: lines at the end: office, day.
        qr: an SVG of a code; ``scan`` says what it opens.
    """

    language: str
    title: str
    footer: str
    blocks: Sequence[Block] = ()
    to: str = ""
    lead: Sequence[str] = ()
    mark: str = ""
    number: str = ""
    signature: Sequence[str] = field(default=())
    qr: str = ""
    scan: str = ""


def paper_pdf(paper: Paper) -> bytes:
    """Return a paper as PDF, A4."""
    return pdf_of(_TEMPLATE, asdict(paper) | {"indent": _INDENT.get(paper.language, 0)})
