"""What can be done in an asset's life, each as a form of ``register.actions``."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from uuid import UUID

from sqlalchemy import Connection

from longmai.domains.assets.life import disposing, queries, service
from longmai.domains.assets.life.model.disposal import CAUSES, PROCEEDS, WAYS
from longmai.domains.assets.register.actions import (
    Action,
    Field,
    Offer,
    Sent,
    kept_photos,
    kept_pictures,
)
from longmai.domains.assets.register.deeds import DECIDE, KEEP
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.model.asset import CONDITIONS
from longmai.domains.assets.register.queries import Known
from longmai.kernel.errors import Invalid, NotFound
from longmai.kernel.ids import new_id
from longmai.portal.rights.visitor import Visitor

_CONDITIONS = [(each, f"register.condition.{each}") for each in CONDITIONS]
_ON = Field("on", "day", required=False)


def _form() -> Field:
    # Made when the form is shown: sent again by a bad network, it counts once.
    return Field("form", "hidden", value=str(new_id()))


def _inspect_fields(_connection: Connection, known: Known) -> Sequence[Field]:
    return [
        Field("condition", "select", _CONDITIONS, value=known.state.condition),
        Field("photo", "photo", required=False),
        Field("found", "area", required=False),
        _form(),
    ]


def _inspect(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    pictures = kept_pictures(desk, sent)
    # Where it was: as the camera noted it in the evidence.
    placed = next((each for each in pictures if each.lon is not None), None)
    told = service.Inspection(
        form_id=sent.identity("form"),
        condition=sent.text("condition"),
        found=sent.text("found"),
        photos=[each.digest for each in pictures],
        lon=placed.lon if placed else None,
        lat=placed.lat if placed else None,
    )
    service.inspect(desk, asset_id, told)


def _count_fields(connection: Connection, known: Known) -> Sequence[Field]:
    going_on = queries.open_inventories_at(connection, known.asset.region)
    quantity = known.asset.quantity
    return [
        Field("inventory", "select", [(str(each.id), each.title) for each in going_on]),
        Field("present", "select", [("yes", "life.present.yes"), ("no", "life.present.no")]),
        Field("quantity", value="" if quantity is None else f"{quantity:f}", required=False),
        Field("condition", "select", _CONDITIONS, value=known.state.condition),
        Field("photo", "photo", required=False),
        Field("found", "area", required=False),
        _form(),
    ]


def quantity_of(sent: Sent) -> Decimal | None:
    """Return the quantity of a form; None if none was given.

    Raises:
        Invalid: not a number.
    """
    text = sent.text("quantity").replace(",", "")
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise Invalid("not a number", code="form.number", place="quantity", value=text) from None


def _count(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    told = service.Count(
        form_id=sent.identity("form"),
        asset_id=asset_id,
        present=sent.text("present") != "no",
        condition=sent.text("condition"),
        quantity=quantity_of(sent),
        note=sent.text("found"),
        photos=kept_photos(desk, sent),
    )
    service.count(desk, sent.identity("inventory"), told)


def _propose_fields(_connection: Connection, known: Known) -> Sequence[Field]:
    del known
    return [
        Field("way", "select", [(each, f"life.way.{each}") for each in WAYS]),
        Field("cause", "select", [(each, f"life.cause.{each}") for each in CAUSES]),
        Field("explained", "area"),
        Field("valuation", "money"),
        _ON,
    ]


def _propose(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    wanted = disposing.Proposal(
        sent.text("way"), sent.text("cause"), sent.text("explained"), sent.fen("valuation") or 0
    )
    disposing.propose(desk, asset_id, wanted, sent.day())


def _going_on(desk: Desk, asset_id: UUID) -> UUID:
    for each in queries.disposals_of(desk.work.connection, asset_id):
        if each.ended_on is None:
            return each.id
    raise NotFound("no disposal is on its way", code="disposal", value=str(asset_id))


def _resolve_fields(_connection: Connection, known: Known) -> Sequence[Field]:
    del known
    return [
        Field("document"),
        Field("decided_on", "day"),
        Field("posted_on", "day"),
        Field("decision_record", required=False),
        Field("photo", "photo", required=False),
    ]


def _resolve(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    decided, posted = sent.day("decided_on"), sent.day("posted_on")
    if decided is None or posted is None:
        raise Invalid("give both days", code="disposal.days", place="decided_on")
    photos = kept_photos(desk, sent)
    told = disposing.Resolution(
        document=sent.text("document"),
        decided_on=decided,
        posted_on=posted,
        decision_record=sent.identity("decision_record") if sent.text("decision_record") else None,
        photo=photos[0] if photos else "",
    )
    disposing.resolve(desk, asset_id, _going_on(desk, asset_id), told)


def _complete_fields(_connection: Connection, known: Known) -> Sequence[Field]:
    del known
    return [
        Field("document"),
        Field("proceeds", "select", [(each, f"life.proceeds.{each}") for each in PROCEEDS]),
        Field("price", "money", required=False),
        Field("buyer", required=False),
        Field("insider", "select", [("no", "life.insider.no"), ("yes", "life.insider.yes")]),
        _ON,
    ]


def _complete(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    told = disposing.Completion(
        document=sent.text("document"),
        proceeds=sent.text("proceeds"),
        buyer=sent.text("buyer"),
        insider=sent.text("insider") == "yes",
        price_fen=sent.fen("price") or 0,
    )
    disposing.complete(desk, asset_id, _going_on(desk, asset_id), told, sent.day())


def _withdraw(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    disposing.withdraw(desk, asset_id, _going_on(desk, asset_id), sent.text("reason"), sent.day())


_LATE = ("registered", "certified", "handed_over")

ACTIONS: Mapping[str, Action] = {
    each.name: each
    for each in (
        Action("inspect", KEEP, (), _inspect_fields, _inspect),
        Action("count", KEEP, (), _count_fields, _count),
        Action("propose", KEEP, _LATE, _propose_fields, _propose),
        Action("resolve", DECIDE, ("disposing",), _resolve_fields, _resolve),
        Action("complete", DECIDE, ("disposing",), _complete_fields, _complete),
        Action("withdraw", KEEP, ("disposing",), lambda _c, _k: [Field("reason"), _ON], _withdraw),
    )
}


def offers(visitor: Visitor, known: Known, *, counting: bool, decided: bool) -> list[Offer]:
    """Return what a visitor may do in an asset's life where it stands.

    Args:
        visitor: who asks.
        known: the asset.
        counting: an inventory goes on there.
        decided: its disposal is decided.
    """
    unfit = {"count": not counting, "resolve": decided, "complete": not decided}
    return [
        Offer(name, f"/assets/a/{known.asset_id}/life/{name}")
        for name, action in ACTIONS.items()
        if known.state.stage != "disposed"
        and (not action.stages or known.state.stage in action.stages)
        and not unfit.get(name)
        and visitor.may(action.permission, known.asset.region)
    ]
