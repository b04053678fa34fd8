"""A sealed bid: a digest that fixes the bid and tells nothing of it until its salt is shown.

Whoever bids computes the seal; nobody else knows amount and salt before they are revealed. The
salt has 256 bits, so that trying all amounts does not find the bid.

>>> salt = "00" * 32
>>> seal = sealing("lot", "bidder", 123_00, salt)
>>> opens(seal, "lot", "bidder", 123_00, salt), opens(seal, "lot", "bidder", 123_01, salt)
(True, False)
"""

import hashlib
import hmac
import re

from longmai.kernel.errors import Invalid

FORMAT = "longmai-bid/1"
_HEX_64 = re.compile(r"[0-9a-f]{64}")


def sealing(lot: str, bidder: str, amount_fen: int, salt: str) -> str:
    """Return the seal of a bid: SHA-256 over five lines, hexadecimal.

    Args:
        lot: key of what is bid for.
        bidder: key of who bids; a seal copied from somebody else opens to nothing.
        amount_fen: of the bid.
        salt: 64 hexadecimal digits, drawn at random for this bid alone.

    Raises:
        Invalid: the amount is not above zero, or the salt has another form.
    """
    if amount_fen <= 0:
        raise Invalid("a bid is above zero", code="allocate.seal.amount", place="amount")
    if not is_digest(salt):
        raise Invalid(
            "the salt has 64 hexadecimal digits",
            code="allocate.seal.salt",
            place="salt",
            mend="take it from the slip that was saved when the bid was sealed",
        )
    text = "\n".join((FORMAT, lot, bidder, str(amount_fen), salt))
    return hashlib.sha256(text.encode()).hexdigest()


def opens(seal: str, lot: str, bidder: str, amount_fen: int, salt: str) -> bool:
    """Tell whether a seal is that of a bid."""
    return hmac.compare_digest(seal, sealing(lot, bidder, amount_fen, salt))


def is_digest(text: str) -> bool:
    """Tell whether a text has the form of a seal or a salt."""
    return _HEX_64.fullmatch(text) is not None
