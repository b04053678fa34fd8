"""Rate limits: a bucket of requests for each address, refilled as time goes by.

In memory, for one process: several servers each count for themselves.
"""

import ipaddress
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

MAX_ADDRESSES = 10_000
_SECONDS_A_MINUTE = 60.0
# An IPv6 subscriber has a whole network.
_IPV6_PREFIX = 64


@dataclass
class Buckets:
    """Token buckets by address; those not seen for longest are forgotten.

    Args:
        a_minute: requests an address may send a minute; it may save up as many for a burst.
            0 for any number.

    >>> buckets = Buckets(a_minute=2)
    >>> [buckets.take("192.0.2.1", now=0.0) for _ in range(3)]
    [0.0, 0.0, 30.0]
    """

    a_minute: int
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, address: str, now: float, cost: int = 1) -> float:
        """Take from an address's bucket.

        Args:
            address: of the peer.
            now: monotonic seconds.
            cost: how many requests this one counts for.

        Returns:
            0 if it may pass, else the seconds until it may try again.
        """
        if not self.a_minute:
            return 0.0
        key, rate = _network(address), self.a_minute / _SECONDS_A_MINUTE
        with self._lock:
            held, since = self._buckets.pop(key, (float(self.a_minute), now))
            held = min(float(self.a_minute), held + (now - since) * rate)
            enough = held >= min(cost, self.a_minute)
            self._buckets[key] = (held - cost if enough else held, now)
            if len(self._buckets) > MAX_ADDRESSES:
                self._buckets.popitem(last=False)
        return 0.0 if enough else (cost - held) / rate


def is_loopback(address: str) -> bool:
    """Tell whether an address is of this very machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:  # noqa: PLR2004 - the older protocol
        return address
    return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
