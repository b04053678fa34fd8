"""Printed labels.

The label is a Typst document; what it says is handed over as data, so that no text from a
document can become markup.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import manimgx_fonts_cjk
import typst

from longmai.domains.brand import datamatrix
from longmai.domains.brand.model.gs1 import canonical_key
from longmai.kernel.errors import Invalid
from longmai.portal.qr import qr_svg

LABELS_A_SHEET = 21
_TEMPLATE = Path(__file__).parent / "label.typ"
_FONTS = Path(manimgx_fonts_cjk.__file__).parent


@dataclass(frozen=True)
class Label:
    """What a label says; an empty text is left out.

    Attributes:
        name: of the product, in Chinese; ``name_en`` in English.
        origin: where it grew.
        lot: lot number; ``serial`` of the single thing.
        gtin: 14 digits.
        harvested: date of the harvest.
        net_weight: with its unit.
        certificate: line on the commitment certificate.
        address: Digital Link, in the QR code.
        mark: large remark, such as that it is sample data.
    """

    name: str
    name_en: str
    origin: str
    lot: str
    serial: str
    gtin: str
    harvested: str
    net_weight: str
    certificate: str
    address: str
    mark: str


def label_pdf(labels: Sequence[Label], *, sheet: bool = False, matrix: bool = False) -> bytes:
    """Return labels as PDF: 60 × 40 mm, one a page, or ``sheet``: 3 × 7 on A4 (70 × 42.4 mm).

    ``matrix``: with the GS1 DataMatrix of the thing in place of the QR code of its Digital Link.

    The same labels give the same bytes. Long texts are set smaller until they fit.

    Raises:
        Invalid: there are no labels.
    """
    if not labels:
        raise Invalid("there is no label to print", code="brand.label.none")
    code = _matrix if matrix else qr_svg
    told = [asdict(label) | {"qr": code(label.address), "matrix": matrix} for label in labels]
    pdf: bytes = typst.compile(
        _TEMPLATE,
        font_paths=[_FONTS],
        ignore_system_fonts=True,
        sys_inputs={"labels": json.dumps(told, ensure_ascii=False), "sheet": json.dumps(sheet)},
    )
    return pdf


def _matrix(address: str) -> str:
    return datamatrix.svg(canonical_key(address))
