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
