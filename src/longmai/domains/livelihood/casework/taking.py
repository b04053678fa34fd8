"""Brings the newest finding to the desks of the townships: its leads, in the place of the last."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from longmai.domains.livelihood.casework.leads import Source, lay
from longmai.domains.livelihood.casework.tables import LAID
from longmai.domains.livelihood.finding.nightly import latest
from longmai.domains.livelihood.finding.reading import Finding, FoundPolicy, FoundRow
from longmai.domains.livelihood.persons.consents import FIND, refusing
from longmai.kernel.errors import LongmaiError, NotFound
from longmai.portal.house import House

_log = logging.getLogger("longmai.leads")
_INTERVAL_S = 30.0
_STATES = ("eligible", "manual", "near")


def lay_latest(house: House) -> Mapping[str, int]:
    """Lay down the leads of the newest finding; nothing where they are there already.

    Raises:
        NotFound: there is no finding yet.
    """
    finding = latest(house)
    if finding is None:
        raise NotFound(
            "no finding", code="finding.folder", mend="make one: longmai livelihood find"
        )
    name = finding.folder.name
    with house.store.read() as connection:
        if connection.scalar(select(LAID.c.finding)) == name:
            return {}
    with house.store.read() as connection:
        refused = refusing(connection, FIND)
    with house.store.begin() as work:
        source = Source(name, finding.day, house.clock.now())
        found = (each for each in rows_of(finding) if each.person not in refused)
        return lay(work.connection, found, house.policies, source)


def rows_of(finding: Finding) -> Iterator[FoundRow]:
    """Yield the rows of a finding that ask for something to be done."""
    for policy in finding.policies.values():
        states = (*_STATES, "unknown") if _can_be_asked(policy) else _STATES
        yield from finding.each(policy.id, states)


def _can_be_asked(policy: FoundPolicy) -> bool:
    # Where a threshold is to be confirmed, no department's datum settles anything.
    return any(each.get("data") and not each.get("values") for each in policy.unknown.values())


class Layer:
    """Looks for a newer finding, twice a minute."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leads", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_INTERVAL_S):
            try:
                lay_latest(self._house)
            except NotFound:
                continue
            except (LongmaiError, SQLAlchemyError) as error:
                _log.warning("the newest finding is not laid down: %s", error)


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Lay down the leads of the sample's finding."""
    try:
        counts = lay_latest(house)
    except NotFound:
        return
    if counts:
        told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        tell(f"Laid {sum(counts.values()):,} leads on the desks: {told}.")
