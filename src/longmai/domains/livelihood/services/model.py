"""Values of bought services: organisations' codes, lines of a contract, what may be paid; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from longmai.kernel.errors import Conflict, Invalid
from longmai.kernel.money import fen_to_yuan

ORG_KINDS = ("association", "service_agency", "foundation", "village_society")
"""社会团体、社会服务机构（民办非企业单位）、基金会、社区社会组织."""

CREDIT_KINDS = (
    "rating",
    "award",
    "abnormal",
    "abnormal_ended",
    "serious",
    "serious_ended",
    "penalty",
)
"""Events of a credit record that are entered; acceptances enter themselves."""

RESULTS = ("passed", "reduced", "failed")

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_LENGTH = 18


def require_uscc(code: str) -> str:
    """Return a unified social credit code in capitals.

    >>> require_uscc("51620000mj0000000u")
    '51620000MJ0000000U'

    Source: GB 32100-2015.

    Raises:
        Invalid: not 18 signs, or the check digit is wrong.
    """
    kept = code.strip().upper()
    right = len(kept) == _LENGTH and set(kept) <= set(_SIGNS)
    if not right or uscc_check(kept[:-1]) != kept[-1]:
        raise Invalid(
            "no unified social credit code: its check digit does not fit",
            code="bought.uscc", place="uscc", value=code, mend="copy it from the certificate",
        )  # fmt: skip
    return kept


def uscc_check(first: str) -> str:
    """Return the check digit of the first 17 signs of a code (GB 32100-2015)."""
    total = sum(_SIGNS.index(sign) * weight for sign, weight in zip(first, _WEIGHTS, strict=True))
    return _SIGNS[(31 - total % 31) % 31]


@dataclass(frozen=True)
class ContractLine:
    """So much of an item, at so much.

    Attributes:
        quantity: at most two decimals.
        price_fen: for one unit.
    """

    item: str
    quantity: Decimal
    price_fen: int

    @property
    def amount_fen(self) -> int:
        """Return what the line comes to.

        Raises:
            Invalid: it is no whole number of fen.
        """
        return amount_fen(self.quantity, self.price_fen)


def amount_fen(quantity: Decimal, price_fen: int) -> int:
    """Return the price of a quantity, exact to the fen.

    >>> amount_fen(Decimal("1.5"), 1000)
    1500

    Raises:
        Invalid: it is no whole number of fen: nobody rounds in a contract.
    """
    exact = quantity * price_fen
    if exact != exact.to_integral_value():
        raise Invalid(
            "quantity times price is no whole number of fen", code="bought.fen",
            place="quantity", value=str(quantity), mend="change the unit or the price",
        )  # fmt: skip
    return int(exact)


@dataclass(frozen=True)
class Standing:
    """How a contract stands, in fen; each is at most the one before.

    Attributes:
        contracted: on the whole.
        accepted: by acceptances.
        requested: by payment requests that were not refused.
        paid: of them.
    """

    contracted: int
    accepted: int
    requested: int
    paid: int

    def require_acceptable(self, fen: int) -> None:
        """Refuse to accept more than was contracted.

        Raises:
            Conflict: it is more.
        """
        _require(self.contracted - self.accepted, fen, "bought.over_contract")

    def require_requestable(self, fen: int) -> None:
        """Refuse to ask for more than was accepted.

        Raises:
            Conflict: it is more.
        """
        _require(self.accepted - self.requested, fen, "bought.over_accepted")


def _require(left: int, wanted: int, code: str) -> None:
    if wanted > left:
        raise Conflict(
            "more than is left; nothing was written", code=code,
            place=f"{fen_to_yuan(left)} < {fen_to_yuan(wanted)}",
        )  # fmt: skip


def total_fen(lines: Sequence[ContractLine]) -> int:
    """Return what a contract comes to."""
    return sum(line.amount_fen for line in lines)
