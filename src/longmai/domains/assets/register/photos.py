"""Photos of assets: each kept once by its digest, with a thumbnail, and what the camera says.

The original goes in as it came, for its digest is what records name; what pages show is the
thumbnail or the original, and neither leads anywhere else.
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from sqlalchemy import Connection, insert, select

from longmai.domains.assets.register import deeds
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.service import held_for, next_state
from longmai.domains.assets.register.tables import PHOTO_FILE
from longmai.kernel.errors import Invalid, NotFound, TooLarge

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 60_000_000
_THUMBNAIL = (480, 480)
_MEDIA = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_MAX_CAPTION = 200


@dataclass(frozen=True)
class Picture:
    """A picture that was read.

    Attributes:
        taken_at: local time of the camera, ``YYYY-MM-DD HH:MM:SS``; empty if it says none.
        lon, lat: where it was taken in WGS-84 degrees; None if it says nothing.
    """

    digest: str
    media: str
    body: bytes
    thumbnail: bytes
    width: int
    height: int
    taken_at: str = ""
    lon: float | None = None
    lat: float | None = None


def read_picture(body: bytes) -> Picture:
    """Read a photo: JPEG, PNG or WebP.

    Raises:
        TooLarge: more bytes or pixels than we take.
        Invalid: no such picture.
    """
    if len(body) > MAX_BYTES:
        raise TooLarge(
            f"a photo has at most {MAX_BYTES // 1024 // 1024} MiB",
            code="photo.size",
            value=len(body),
            mend="have the phone send a smaller one",
        )
    try:
        with Image.open(io.BytesIO(body), formats=tuple(_MEDIA)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise TooLarge("the photo has too many pixels", code="photo.pixels")
            told = _exif(image)
            upright = ImageOps.exif_transpose(image).convert("RGB")
            width, height = upright.size
            upright.thumbnail(_THUMBNAIL)
            out = io.BytesIO()
            upright.save(out, "JPEG", quality=80)
            media = _MEDIA[str(image.format)]
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        raise Invalid(
            "not a photo that can be read",
            code="photo.unreadable",
            mend="send a JPEG, PNG or WebP picture",
        ) from None
    digest = hashlib.sha256(body).hexdigest()
    return Picture(digest, media, body, out.getvalue(), width, height, **told)


def _exif(image: Image.Image) -> dict[str, Any]:
    exif = image.getexif()
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    taken = camera.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    return {"taken_at": _moment(taken), **_point(exif.get_ifd(ExifTags.IFD.GPSInfo))}


def _moment(text: Any) -> str:
    try:
        return datetime.strptime(str(text).strip("\0 "), "%Y:%m:%d %H:%M:%S").isoformat(" ")  # noqa: DTZ007 - a camera's local time has no zone
    except ValueError:
        return ""


def _point(gps: Mapping[int, Any]) -> dict[str, float | None]:
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef], "S")
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef], "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return {"lon": None, "lat": None}
    return {"lon": lon, "lat": lat}


def _degrees(parts: Any, reference: Any, negative: str) -> float:
    degrees, minutes, seconds = (float(each) for each in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return round(-value if str(reference).strip("\0 ").upper() == negative else value, 6)


def keep_picture(desk: Desk, picture: Picture) -> None:
    """Keep the bytes of a picture, once."""
    run = desk.work.connection.execute
    if run(select(PHOTO_FILE.c.digest).where(PHOTO_FILE.c.digest == picture.digest)).first():
        return
    same = ("digest", "media", "body", "thumbnail", "width", "height")
    values = {name: getattr(picture, name) for name in same}
    run(insert(PHOTO_FILE).values(**values, added_at=desk.now))


def photograph(
    desk: Desk, asset_id: UUID, picture: Picture, caption: str = "", on: date | None = None
) -> UUID:
    """Add a photo to an asset; return its record.

    Raises:
        NotFound: there is no such asset.
        Forbidden: the visitor may not keep assets there.
        Invalid: the caption is too long.
    """
    day = desk.day(on)
    [known] = held_for(desk, [asset_id], deeds.KEEP)
    if len(caption) > _MAX_CAPTION:
        raise Invalid("the caption is too long", code="photo.caption", place="caption")
    keep_picture(desk, picture)
    told = {
        "digest": picture.digest,
        "caption": caption.strip(),
        "taken_at": picture.taken_at,
        "lon": None if picture.lon is None else str(picture.lon),
        "lat": None if picture.lat is None else str(picture.lat),
        "told": {"photo": picture.digest},
    }
    states = {asset_id: next_state(known)}
    [record] = desk.append([desk.act(deeds.PHOTOGRAPHED, known.asset.region, day, states, told)])
    return record.id


def picture_file(connection: Connection, digest: str, *, small: bool) -> tuple[str, bytes]:
    """Return (media type, bytes) of a picture, or of its thumbnail.

    Raises:
        NotFound: there is none of this digest.
    """
    column = PHOTO_FILE.c.thumbnail if small else PHOTO_FILE.c.body
    row = connection.execute(
        select(PHOTO_FILE.c.media, column.label("file")).where(PHOTO_FILE.c.digest == digest)
    ).one_or_none()
    if row is None:
        raise NotFound("no such photo", code="photo", value=digest)
    return ("image/jpeg" if small else row.media), row.file
