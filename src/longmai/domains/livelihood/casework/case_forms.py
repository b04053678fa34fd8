"""What a form says of an act, read: texts, money in yuan, months, a photo."""

import base64
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData, UploadFile

from longmai.domains.livelihood.casework.model.case import Deed
from longmai.kernel.errors import Invalid, TooLarge
from longmai.kernel.money import yuan_to_fen

MAX_PHOTO_BYTES = 2 * 1024 * 1024
_PHOTOS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
_TEXTS: Mapping[Deed, tuple[str, ...]] = {
    Deed.VISITED: ("note",),
    Deed.ASKED: ("holder", "datum", "note"),
    Deed.CONFIRMED: ("start", "until", "note"),
    Deed.REFUSED: ("clause", "reasons"),
    Deed.CUT_PROPOSED: ("clause", "reasons", "start"),
    Deed.HEARD: ("manner", "note"),
    Deed.CUT: ("note",),
    Deed.KEPT: ("note",),
    Deed.OBJECTED: ("note",),
    Deed.UPHELD: ("note",),
    Deed.OVERTURNED: ("note",),
    Deed.CLOSED: ("note",),
}


async def data_of(deed: Deed, form: FormData) -> dict[str, Any]:
    """Return what a form says of an act.

    Raises:
        Invalid: an amount or a photo that cannot be read.
        TooLarge: the photo has more than 2 MiB.
    """
    data: dict[str, Any] = {name: text_of(form, name) for name in _TEXTS.get(deed, ())}
    if deed in {Deed.CONFIRMED, Deed.CUT_PROPOSED}:
        text = text_of(form, "amount").replace(",", "")
        # A recognition has no amount; what is cut to nothing is 0.
        data["amount_fen"] = yuan_to_fen(text) if text else _none(deed)
        data = {name: value for name, value in data.items() if value != ""}
    if deed is Deed.CONFIRMED:
        data.setdefault("until", None)
        data.setdefault("note", "")
        data["machine"] = False
    if deed is Deed.VISITED and (photo := form.get("photo")) is not None:
        data |= await _photo(photo)
    return data


def text_of(form: FormData, name: str) -> str:
    """Return a text of a form, stripped; empty where there is none."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def photo_of(data: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return a photo that an act carries, and its media type.

    Raises:
        Invalid: it carries none.
    """
    photo = data.get("photo")
    if not isinstance(photo, str):
        raise Invalid("this act has no photo", code="case.photo")
    body = base64.b64decode(photo)
    return body, _media(body)


def _none(deed: Deed) -> int | None:
    return 0 if deed is Deed.CUT_PROPOSED else None


async def _photo(photo: UploadFile | str) -> dict[str, str]:
    if isinstance(photo, str):
        return {}
    body = await photo.read(MAX_PHOTO_BYTES + 1)
    if not body:
        return {}
    if len(body) > MAX_PHOTO_BYTES:
        raise TooLarge("a photo has at most 2 MiB", code="case.photo", mend="make it smaller")
    _media(body)
    return {"photo": base64.b64encode(body).decode("ascii"), "photo_kept": "yes"}


def _media(body: bytes) -> str:
    for mark, media in _PHOTOS.items():
        if body.startswith(mark):
            return media
    raise Invalid("a photo is a JPEG or PNG file", code="case.photo", place="photo")
