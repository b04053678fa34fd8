"""Parquet files put together page by page, where a library would encode the same again and again.

Three things make the table of a policy cheap to write. The keys of a group of rows are encoded
once, and their bytes are copied into the file of every policy. State, failing and unknown clause
are all told by which outcome a row has: the three columns share one page of indices, and differ in
their dictionaries, in which a text may stand more than once. Whether something is paid is a bit
in memory and a bit in the file. Any reader of Parquet reads these files.

Source: the Parquet format, ``parquet.thrift`` and ``Encodings.md``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from longmai.rules.columns.bits import bits, side_by_side
from longmai.store.columns.thrift import I32, I64, Value, varint, written

_MAGIC = b"PAR1"
_INT64, _BYTE_ARRAY = 2, 6
_REQUIRED, _OPTIONAL = 0, 1
_UTF8 = 0
_PLAIN, _RLE, _RLE_DICTIONARY = 0, 3, 8
_ENCODINGS = {
    "PLAIN": 0,
    "RLE": 3,
    "DELTA_BINARY_PACKED": 5,
    "DELTA_LENGTH_BYTE_ARRAY": 6,
    "DELTA_BYTE_ARRAY": 7,
    "RLE_DICTIONARY": 8,
}
_CODECS = {"UNCOMPRESSED": 0, "SNAPPY": 1, "ZSTD": 6}
_DATA_PAGE, _DICTIONARY_PAGE = 0, 2
_ZSTD = pa.Codec("zstd", 1)


@dataclass(frozen=True)
class Chunk:
    """A column of one group of rows.

    Attributes:
        content: its pages, a dictionary first.
        dictionary: bytes of that; 0: it has none.
        plain: bytes before compression, heads of pages included.
        smallest: least value, as it is stored; None: not told.
    """

    content: bytes
    encodings: tuple[int, ...]
    codec: int
    dictionary: int
    plain: int
    smallest: bytes | None = None
    greatest: bytes | None = None


@dataclass(frozen=True)
class FileColumn:
    """A column of a file.

    Attributes:
        type_: Parquet's physical type.
        nullable: whether it may be null.
    """

    name: str
    type_: int
    nullable: bool = False


def keys_chunk(keys: pa.Array) -> Chunk:
    """Return the chunk of keys in order: whole numbers or texts, as Arrow writes them."""
    whole = pa.types.is_integer(keys.type)
    # Keys stand in order, so that their differences are small.
    encoding = "DELTA_BINARY_PACKED" if whole else "DELTA_BYTE_ARRAY"
    table = pa.table({"key": keys.cast(pa.int64() if whole else pa.string())})
    sink = pa.BufferOutputStream()
    field = pa.schema([pa.field("key", table.schema.types[0], nullable=False)])
    with pq.ParquetWriter(
        sink,
        field,
        compression="snappy",
        use_dictionary=False,
        column_encoding={"key": encoding},
        store_schema=False,
    ) as writer:
        writer.write_table(table.cast(field), row_group_size=max(1, len(keys)))
    content = sink.getvalue()
    told = pq.read_metadata(pa.BufferReader(content)).row_group(0).column(0)
    first = told.data_page_offset
    ends = told.statistics
    return Chunk(
        content.slice(first, told.total_compressed_size).to_pybytes(),
        tuple(_ENCODINGS[each] for each in told.encodings),
        _CODECS[told.compression],
        0,
        told.total_uncompressed_size,
        _stored(ends.min),
        _stored(ends.max),
    )


def _stored(value: int | str) -> bytes:
    return value.to_bytes(8, "little", signed=True) if isinstance(value, int) else value.encode()


def key_column(keys: pa.DataType) -> FileColumn:
    """Return the column of keys."""
    return FileColumn("key", _INT64 if pa.types.is_integer(keys) else _BYTE_ARRAY)


def text_column(name: str) -> FileColumn:
    """Return a column of texts that are told by a dictionary."""
    return FileColumn(name, _BYTE_ARRAY)


def whole_column(name: str) -> FileColumn:
    """Return a column of whole numbers, or nulls."""
    return FileColumn(name, _INT64, nullable=True)


@dataclass(frozen=True)
class Indices:
    """A page of indices into a dictionary; columns share it."""

    content: bytes
    plain: int

    @classmethod
    def of(cls, digits: Sequence[pa.BooleanArray | None], rows: int) -> "Indices":
        """Return the indices whose binary digits are given, lowest first; None: 0 on every row."""
        width, packed = side_by_side(digits, rows)
        page = [bytes([width]), varint((rows + 7) // 8 << 1 | 1), packed]
        content, plain = _page(b"".join(page), _data_head(rows, _RLE_DICTIONARY))
        return cls(content, plain)

    def chunk(self, dictionary: Sequence[str]) -> Chunk:
        """Return the chunk of texts."""
        content, plain = _dictionary(tuple(dictionary))
        return Chunk(
            content + self.content,
            (_PLAIN, _RLE, _RLE_DICTIONARY),
            _CODECS["ZSTD"],
            len(content),
            plain + self.plain,
        )


@lru_cache(1000)
def _dictionary(texts: tuple[str, ...]) -> tuple[bytes, int]:
    raw = b"".join(
        len(each).to_bytes(4, "little") + each for each in (text.encode() for text in texts)
    )
    return _page(raw, {7: {1: I32(len(texts)), 2: I32(_PLAIN)}}, _DICTIONARY_PAGE)


def whole_chunk(valid: pa.BooleanArray | None, values: pa.Array, rows: int) -> Chunk:
    """Return the chunk of whole numbers of 64 bits, or nulls.

    Args:
        valid: which rows have a value; None: none has.
        values: of these rows.
        rows: how many there are.
    """
    if valid is None:
        levels = varint(rows << 1) + b"\0"
    else:
        levels = varint((rows + 7) // 8 << 1 | 1) + bits(valid)
    wide = values.cast(pa.int64())
    raw = (
        memoryview(wide.buffers()[1])[8 * wide.offset :][: 8 * len(wide)]
        if valid is not None
        else b""
    )
    page = b"".join([len(levels).to_bytes(4, "little"), levels, raw])
    content, plain = _page(page, _data_head(rows, _PLAIN))
    return Chunk(content, (_PLAIN, _RLE), _CODECS["ZSTD"], 0, plain)


def _data_head(rows: int, encoding: int) -> Mapping[int, Value]:
    return {5: {1: I32(rows), 2: I32(encoding), 3: I32(_RLE), 4: I32(_RLE)}}


def _page(raw: bytes, head: Mapping[int, Value], type_: int = _DATA_PAGE) -> tuple[bytes, int]:
    packed = _ZSTD.compress(raw, asbytes=True)
    told = written({1: I32(type_), 2: I32(len(raw)), 3: I32(len(packed)), **head})
    return told + packed, len(told) + len(raw)


@dataclass
class FileContent:
    """A file of Parquet that grows in memory, a group of rows at a time."""

    columns: Sequence[FileColumn]

    def __post_init__(self) -> None:
        """Begin the file."""
        self._parts = [_MAGIC]
        self._size = len(_MAGIC)
        self._groups: list[Value] = []
        self._rows = 0

    def add(self, rows: int, chunks: Sequence[Chunk]) -> None:
        """Add a group of rows: a chunk for each column."""
        told = list(self._told(rows, chunks))
        sizes = sum(each.plain for each in chunks)
        self._groups.append({1: told, 2: I64(sizes), 3: I64(rows)})
        self._rows += rows

    def _told(self, rows: int, chunks: Sequence[Chunk]) -> Iterator[Value]:
        for column, chunk in zip(self.columns, chunks, strict=True):
            first = self._size
            about: dict[int, Value] = {
                1: I32(column.type_),
                2: [I32(each) for each in chunk.encodings],
                3: [column.name.encode()],
                4: I32(chunk.codec),
                5: I64(rows),
                6: I64(chunk.plain),
                7: I64(len(chunk.content)),
                9: I64(first + chunk.dictionary),
            }
            if chunk.dictionary:
                about[11] = I64(first)
            if chunk.smallest is not None and chunk.greatest is not None:
                about[12] = {3: I64(0), 5: chunk.greatest, 6: chunk.smallest}
            yield {2: I64(first), 3: about}
            self._parts.append(chunk.content)
            self._size += len(chunk.content)

    def finished(self) -> bytes:
        """Return the bytes of the file."""
        root: Value = {4: b"schema", 5: I32(len(self.columns))}
        footer = written(
            {
                1: I32(2),
                2: [root, *map(_element, self.columns)],
                3: I64(self._rows),
                4: self._groups,
                6: b"longmai",
                7: [{1: {}} for _ in self.columns],
            }
        )
        return b"".join([*self._parts, footer, len(footer).to_bytes(4, "little"), _MAGIC])


def _element(column: FileColumn) -> Value:
    found: dict[int, Value] = {
        1: I32(column.type_),
        3: I32(_OPTIONAL if column.nullable else _REQUIRED),
        4: column.name.encode(),
    }
    if column.type_ == _BYTE_ARRAY:
        found |= {6: I32(_UTF8), 10: {1: {}}}
    return found
