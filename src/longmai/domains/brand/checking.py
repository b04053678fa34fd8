"""Checking an EPCIS text by itself: a document, the answer to a query, or a query."""

from longmai.domains.brand.model.epcis.read import body_of, parse_document, parse_query_document
from longmai.domains.brand.model.query.parameters import read_query
from longmai.domains.brand.model.query.poll import read_poll


def check_text(text: bytes) -> str:
    """Return what a valid text is, in words.

    >>> check_text(b'{"EQ_bizStep": ["shipping"], "eventCountLimit": 5}')
    'a query of 1 condition'

    Raises:
        InvalidMany: a document that breaks the standard.
        QueryFault: a query that cannot be.
    """
    body = body_of(text)
    kind = body.get("type") if isinstance(body, dict) else None
    is_poll = isinstance(body, dict) and "Poll" in (body.get("epcisBody") or {})
    if kind == "EPCISQueryDocument" and not is_poll:
        return f"the answer to a query, of {len(parse_query_document(text).events)} events"
    if is_poll or (kind is None and isinstance(body, dict) and "epcisBody" not in body):
        conditions = len(read_query(read_poll(text)).conditions)
        return f"a query of {conditions} condition{'s' * (conditions != 1)}"
    return f"a document of {len(parse_document(text).events)} events"
