"""Pages of a long list: ``?page=2&size=50``, within bounds."""

from dataclasses import dataclass

from fastapi import Request

DEFAULT_SIZE = 20
MAX_SIZE = 200


@dataclass(frozen=True)
class Paging:
    """Where in a list we are; pages count from 1.

    >>> Paging(page=2, size=20, total=45).offset, Paging(page=2, size=20, total=45).pages
    (20, 3)
    """

    page: int
    size: int
    total: int

    @property
    def offset(self) -> int:
        """Number of items before this page."""
        return (self.page - 1) * self.size

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.size))


def paging_of(request: Request, total: int) -> Paging:
    """Read the page asked for; what is out of bounds becomes the nearest that is not."""
    size = min(max(_number(request, "size", DEFAULT_SIZE), 1), MAX_SIZE)
    last = max(1, -(-total // size))
    return Paging(min(max(_number(request, "page", 1), 1), last), size, total)


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default  # noqa: PLR2004 - far beyond any list
