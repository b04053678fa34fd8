"""Reads of certificates and photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select

from longmai.domains.assets.register.tables import (
    CERTIFICATE,
    CERTIFICATE_REVOKED,
    PHOTO,
)
from longmai.kernel.errors import NotFound
from longmai.store.reading import chunks


@dataclass(frozen=True)
class Issued:
    """A certificate, and whether it was revoked."""

    certificate_id: UUID
    asset_id: UUID
    number: str
    issued_on: date
    replaces: UUID | None
    revoked_on: date | None
    why_revoked: str


def _certificates() -> Select[Any]:
    return select(
        CERTIFICATE, CERTIFICATE_REVOKED.c.on_day, CERTIFICATE_REVOKED.c.reason
    ).outerjoin(
        CERTIFICATE_REVOKED, CERTIFICATE_REVOKED.c.certificate_id == CERTIFICATE.c.record_id
    )


def _issued(row: Row[Any]) -> Issued:
    return Issued(
        row.record_id,
        row.asset_id,
        row.number,
        row.issued_on,
        row.replaces,
        row.on_day,
        row.reason or "",
    )


def certificates_of(connection: Connection, asset_ids: Sequence[UUID]) -> dict[UUID, list[Issued]]:
    """Return the certificates of assets, oldest first."""
    found: dict[UUID, list[Issued]] = {each: [] for each in asset_ids}
    for chunk in chunks(asset_ids):
        query = _certificates().where(CERTIFICATE.c.asset_id.in_(chunk))
        for row in connection.execute(query.order_by(CERTIFICATE.c.record_id)):
            found[row.asset_id].append(_issued(row))
    return found


def certificate_of(connection: Connection, certificate_id: UUID) -> Issued:
    """Return a certificate.

    Raises:
        NotFound: there is none of this ID.
    """
    query = _certificates().where(CERTIFICATE.c.record_id == certificate_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("no such certificate", code="certificate", value=str(certificate_id))
    return _issued(row)


@dataclass(frozen=True)
class Photo:
    """A photo of an asset, with where and when the camera says it was taken."""

    record_id: UUID
    digest: str
    caption: str
    taken_at: str
    lon: float | None
    lat: float | None


def photos_of(connection: Connection, asset_id: UUID) -> list[Photo]:
    """Return the photos of an asset, newest first."""
    query = select(PHOTO).where(PHOTO.c.asset_id == asset_id).order_by(PHOTO.c.record_id.desc())
    return [
        Photo(row.record_id, row.digest, row.caption, row.taken_at, row.lon, row.lat)
        for row in connection.execute(query)
    ]
