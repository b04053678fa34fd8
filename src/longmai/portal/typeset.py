"""Pages set by Typst: a template, and what it says, handed over as data.

Nothing that is said can become markup: a template sets it as plain text.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import manimgx_fonts_cjk
import typst

_FONTS = Path(manimgx_fonts_cjk.__file__).parent
_AT_ONCE = BoundedSemaphore(2)


def pdf_of(template: Path, told: Mapping[str, Any]) -> bytes:
    """Return a document as PDF; the same told gives the same bytes.

    Args:
        template: a Typst file that reads ``sys.inputs.told``.
        told: JSON values.
    """
    with _AT_ONCE:
        pdf: bytes = typst.compile(
            template,
            font_paths=[_FONTS],
            ignore_system_fonts=True,
            sys_inputs={"told": json.dumps(told, ensure_ascii=False)},
        )
    return pdf
