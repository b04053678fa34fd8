"""Recalls through the services: who holds what, the notices, the proof, and lifting one."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from tests.house import anybody, document, opened_house
from tests.visitor import account_with, signed_in

from longmai.domains.brand.recall.letters import desk_of, letter_of
from longmai.domains.brand.recall.proof import check_file, check_log, proof_of
from longmai.domains.brand.recall.queries import Recall, open_roots, recall_of
from longmai.domains.brand.recall.reach import Extent, extent_of
from longmai.domains.brand.recall.service import Order, lift, order
from longmai.domains.brand.recall.tables import DELIVERY, SHELF
from longmai.domains.brand.service import capture
from longmai.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from longmai.portal.accounts.visiting import Shown, operator, visitor_for
from longmai.portal.channels import channels_of
from longmai.portal.house import House
from longmai.portal.outbox import Outbox
from longmai.portal.rights.model import Grant
from longmai.portal.rights.visitor import Visitor
from longmai.store.rebuild import rebuild

GTIN = "https://id.gs1.org/01/09521234543213"
RAW, MIXED, OTHER = (f"01/09521234543213/10/{name}" for name in ("RAW", "MIXED", "OTHER"))
BOXES = [f"01/09521234543213/21/{number}" for number in range(3)]
PALLET = "https://id.gs1.org/00/095212345000000014"
SHOP, FARM = ("https://id.gs1.org/414/9521234567899", "https://id.gs1.org/414/9521234567882")
HEAD = {"eventTimeZoneOffset": "+08:00"}


def at(hour: int, **fields: Any) -> dict[str, Any]:
    """Return an event of some hour."""
    return {
        "eventID": f"urn:e:{hour}",
        "eventTime": f"2025-10-01T{hour:02d}:00:00+08:00",
        **HEAD,
        **fields,
    }


def kg(lot: str, quantity: int) -> dict[str, Any]:
    """Return so much of a lot."""
    return {"epcClass": f"https://id.gs1.org/{lot}", "quantity": quantity, "uom": "KGM"}


def uris(keys: list[str]) -> list[str]:
    """Return Digital Links."""
    return [f"https://id.gs1.org/{key}" for key in keys]


def season(farm: str) -> bytes:
    """Write a harvest: mixed, boxed, put on a pallet, sold at a shop."""
    farmed, shopped = {"bizLocation": {"id": FARM}}, {"bizLocation": {"id": SHOP}}
    events = [
        at(1, type="ObjectEvent", action="ADD", quantityList=[kg(RAW, 100)], **farmed),
        at(2, type="ObjectEvent", action="ADD", quantityList=[kg(OTHER, 100)], **farmed),
        at(
            3, type="TransformationEvent", inputQuantityList=[kg(RAW, 100), kg(OTHER, 40)],
            outputQuantityList=[kg(MIXED, 138)], **farmed,
        ),
        at(
            4, type="TransformationEvent", inputQuantityList=[kg(MIXED, 138)],
            outputEPCList=uris(BOXES), **farmed,
        ),
        at(5, type="AggregationEvent", action="ADD", parentID=PALLET, childEPCs=uris(BOXES)),
        at(
            6, type="ObjectEvent", action="OBSERVE", bizStep="receiving", epcList=[PALLET],
            **shopped,
        ),
        at(7, type="AggregationEvent", action="DELETE", parentID=PALLET, childEPCs=[]),
        at(
            8, type="ObjectEvent", action="OBSERVE", bizStep="retail_selling",
            disposition="retail_sold", epcList=uris(BOXES[:1]), **shopped,
        ),
    ]  # fmt: skip
    places = [
        {"id": place, "attributes": [
            {"id": "urn:epcglobal:cbv:mda#name", "attribute": name},
            {"id": "https://longmai.example/voc#regionCode", "attribute": region},
            {"id": "https://longmai.example/voc#contact", "attribute": phone},
        ]}
        for place, name, region, phone in (
            (FARM, "Farm", farm, ""), (SHOP, "Shop", farm, "shop@example.com"),
        )
    ]  # fmt: skip
    vocabulary = {"type": "urn:epcglobal:epcis:vtype:Location", "vocabularyElementList": places}
    header = {"epcisMasterData": {"vocabularyList": [vocabulary]}}
    return document(events, epcisHeader=header)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with one season in its log, and nothing recalled."""
    with opened_house(tmp_path_factory.mktemp("recall")) as opened:
        with opened.store.begin() as work:
            capture(work, season(str(opened.regions.about["sample_village"])), anybody(opened))
        opened.integrate()
        yield opened


WISH = Order((RAW,), "1", "residue", "Too much of it. Bring it back.")


def ordered(house: House, wish: Order = WISH, by: Visitor | None = None) -> Recall:
    """Order a recall."""
    with house.store.begin() as work:
        desk = desk_of(house, work, by or operator(house))
        recall_id = order(desk, wish, letter_of(house, wish))
    house.integrate()
    with house.store.read() as connection:
        return recall_of(connection, recall_id)


def lifted(house: House, recall_id: UUID) -> None:
    """Lift it again, so that the next test may recall."""
    with house.store.begin() as work:
        lift(desk_of(house, work, operator(house)), recall_id, "over")


def extent(house: House, *roots: str) -> Extent:
    """Return what a recall would reach."""
    with house.store.read() as connection:
        return extent_of(connection, roots)


def test_things_stand_where_their_pallet_was_brought(house: House) -> None:
    """Boxes that no event of the shop names are there: their pallet was received and emptied."""
    found = extent(house, RAW)
    states = {each.key: (each.state, each.places) for each in found.standings}
    shop = ("414/9521234567899",)
    assert states[RAW] == states[MIXED] == ("used", ())
    assert [states[box] for box in BOXES] == [("sold", shop), ("held", shop), ("held", shop)]
    assert OTHER not in states
    [holder] = found.holders
    assert (holder.contact, holder.states["held"]) == ("shop@example.com", 2)


def test_what_is_left_of_a_lot_is_told(house: House) -> None:
    """Of the other harvest sixty kilograms were never used; its mixing is reached as well."""
    found = {each.key: each for each in extent(house, OTHER).standings}
    assert (found[OTHER].quantity, found[OTHER].uom) == (Decimal(60), "KGM")
    assert set(found) == {OTHER, MIXED, *BOXES}


def test_a_recall_tells_holders_and_partners_and_can_be_lifted(house: House) -> None:
    """One act: order, list, notice, EPCIS event; sent once by the outbox; lifted with a reason."""
    found = ordered(house)
    assert found.things == 5
    with house.store.read() as connection:
        assert open_roots(connection) == [RAW]
    sent: list[Any] = []
    channels = {"mail": type("Taking", (), {"send": lambda _self, letter: sent.append(letter)})()}
    outbox = Outbox(house.store, house.clock, {**channels_of(house.settings), **channels}, SHELF)
    assert (outbox.send_due(), outbox.send_due()) == (1, 0)
    assert sent[0].recipient == "shop@example.com"
    assert "3" in sent[0].body
    with pytest.raises(Conflict):
        ordered(house)
    lifted(house, found.recall_id)
    with house.store.read() as connection:
        assert open_roots(connection) == []
        assert connection.scalar(select(DELIVERY.c.arrived_at)) is not None
    with pytest.raises(NotFound):
        lifted(house, found.recall_id)
    assert list(rebuild(house.store)) == []


def test_the_proof_holds_without_the_house(house: House) -> None:
    """The file alone and the whole log give the same set; a thinned or changed file does not."""
    found = ordered(house)
    assert found.beyond == []
    bundle = proof_of(house, found, operator(house))
    key = str(house.signer.verifier_key)
    check = check_file(json.dumps(bundle).encode(), key)
    assert (check.holds, check.things, check.stated) == (True, 5, 5)
    with house.store.read() as connection:
        assert check_log(connection, found).holds
        assert not check_log(connection, replace(found, digest="0" * 64)).holds
    thinner = {**bundle, "records": bundle["records"][:-3]}
    assert not check_file(json.dumps(thinner).encode(), key).holds
    changed = json.loads(json.dumps(bundle))
    changed["records"][1]["proof"] = []
    with pytest.raises(Invalid):
        check_file(json.dumps(changed).encode(), key)
    lifted(house, found.recall_id)


def test_what_cannot_be_recalled_is_refused(house: House) -> None:
    """No roots, none known, no reason: nothing is written."""
    for wish, error in (
        (replace(WISH, roots=()), Invalid),
        (replace(WISH, roots=("01/09521234543213/10/NONE",)), NotFound),
        (replace(WISH, note=" "), Invalid),
        (replace(WISH, level="9"), Invalid),
    ):
        with pytest.raises(error):
            ordered(house, wish)


def test_only_of_ones_own_region(house: House) -> None:
    """An official of another county may not recall this one's apples."""
    village = str(house.regions.about["sample_village"])
    other = next(each.code for each in house.regions.children(house.regions.code)
                 if not village.startswith(each.code[:4]))  # fmt: skip
    who = account_with(house, Grant("official", other, "supervision"), login="elsewhere")
    with pytest.raises(Forbidden):
        ordered(house, by=visitor_for(house, Shown(who.id, strong=True)))


def test_an_official_recalls_on_the_page(house: House, tmp_path: Path) -> None:
    """Look at the reach, order, read the page; who may not recall sees no contacts, and no form."""
    del tmp_path
    village = str(house.regions.about["sample_village"])
    who = account_with(house, Grant("official", village[:4].ljust(12, "0"), "supervision"))
    client = signed_in(house, who)
    seen = client.get("/brand/recalls/new", params={"keys": RAW}).text
    assert "shop@example.com" in seen
    form = {"keys": RAW, "level": "1", "reason": "residue", "note": "Bring it back."}
    assert client.post("/brand/recalls", data=form | {"note": ""}).status_code == 422
    page = client.post("/brand/recalls", data=form)
    assert page.url.path.count("/") == 3
    assert (
        "shop@example.com"
        not in signed_in(house, account_with(house, login="reader")).get(page.url.path).text
    )
    assert client.get(f"{page.url.path}/proof.json").status_code in {200, 503}
    assert client.get(f"{page.url.path}/things.xlsx").status_code == 200
    assert client.post(f"{page.url.path}/lift", data={"note": "over"}).status_code == 200
