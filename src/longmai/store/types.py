"""Column types that mean the same on SQLite and PostgreSQL.

SQLite drops the zone of ``DateTime(timezone=True)`` and rounds ``Numeric`` through floats;
these types do not. Money is ``BigInteger`` fen and needs no type of its own.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, LargeBinary, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from longmai.kernel.clock import from_text, to_text


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant: ``timestamptz`` on PostgreSQL, sortable ISO text on SQLite."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the dialect's own instant type where it has one."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write; a naive datetime is refused."""
        if value is None:
            return None
        return value if dialect.name == "postgresql" else to_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Read back as aware UTC."""
        if value is None:
            return None
        return from_text(value) if isinstance(value, str) else value.astimezone(UTC)


class Bytes(TypeDecorator[bytes]):
    """Bytes. Reads back a text value too: a row edited by hand in SQLite must reach the audit."""

    impl = LargeBinary
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return what is stored as bytes, whatever type SQLite gave it."""
        if value is None:
            return None
        if isinstance(value, bytes | bytearray | memoryview):
            return bytes(value)
        return str(value).encode("utf-8", "surrogateescape")

    def bind_processor(self, dialect: Dialect) -> None:
        """Hand bytes to the driver as they are."""
        del dialect

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Skip LargeBinary's own processor, which fails on text."""
        del coltype
        return lambda value: self.process_result_value(value, dialect)


class ExactDecimal(TypeDecorator[Decimal]):
    """An exact decimal, kept as text: a quantity is stored as it was written, never rounded."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Write in plain notation."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Read back the same digits."""
        return None if value is None else Decimal(value)
