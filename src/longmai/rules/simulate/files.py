"""Tables of people as people keep them: CSV, every cell as the text it is."""

import io

import pyarrow as pa
from pyarrow import csv

from longmai.kernel.errors import Invalid


def read_csv(data: bytes) -> pa.Table:
    """Read CSV in UTF-8 or GB 18030, every cell as the text it is.

    Raises:
        Invalid: it is empty, or no text.
        ArrowException: it is no CSV.
    """
    text = None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or not text.strip():
        raise Invalid(
            "the table is empty, or no text", code="what_if.file", mend="save it as UTF-8"
        )
    heads = csv.read_csv(io.BytesIO(text.partition("\n")[0].encode() + b"\n")).column_names
    # Every cell stays the text it is: the policy says what type it has.
    options = csv.ConvertOptions(
        column_types=dict.fromkeys(heads, pa.string()), strings_can_be_null=True
    )
    return csv.read_csv(io.BytesIO(text.encode()), convert_options=options)
