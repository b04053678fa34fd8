"""The ledger over HTTP: checkpoint, verifier key, records, and proofs of any of them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from longmai.portal.house import House, house_of
from longmai.portal.reading import may_read
from longmai.portal.rights.gates import OPEN, visitor_of
from longmai.portal.rights.visitor import Visitor
from longmai.store.ledger import SqlLog
from longmai.store.proving import Prover

router = APIRouter(prefix="/api/v1/ledger", tags=["ledger"], dependencies=[OPEN])

MAX_PROVEN = 1_000


class ProvenRecord(BaseModel):
    """One record with its path to the root; bytes are base64."""

    header: str
    payload: str | None
    salt: str | None
    leaf_index: int
    proof: list[str]


class ProofBundle(BaseModel):
    """Records proven under one signed checkpoint; see the reference page on proofs.

    `anchors` prove the checkpoint in the log above (`upper`), that one's in the next, and so on;
    `rotations` lead from the log's older keys to the one that signed.
    """

    format: str
    checkpoint: str
    verifier_key: str
    records: list[ProvenRecord]
    upper: str | None = None
    anchors: list["ProofBundle"] = Field(default_factory=list)
    rotations: list["ProofBundle"] = Field(default_factory=list)


def bundle_of(house: House, record_ids: list[UUID], visitor: Visitor) -> dict[str, Any]:
    """Return the proof bundle of records under the newest checkpoint.

    What the visitor may not read stays out, as if it were erased; its proof holds all the same.

    Raises:
        NotFound: there is no such record.
        Unavailable: a record, or the log, has no checkpoint yet.
    """
    with house.store.read() as connection:
        bundle = _prover(house, connection).bundle(record_ids)
        placed = SqlLog(connection).placed(record_ids)
    withheld = {leaf for leaf, found in placed if not may_read(house, visitor, found)}
    for proven in bundle["records"]:
        if proven["leaf_index"] in withheld:
            proven |= {"payload": None, "salt": None}
    return bundle


def tlog_proof_of(house: House, record_id: UUID) -> str:
    """Return the ``.tlog-proof`` of a record under the newest checkpoint.

    Raises:
        NotFound: there is no such record.
        Unavailable: it has no place in the log yet.
    """
    with house.store.read() as connection:
        return _prover(house, connection).tlog_proof(record_id)


def _prover(house: House, connection: Connection) -> Prover:
    upper = house.upper.key.name if house.upper else None
    return Prover(connection, house.signer.verifier_key, upper)


@router.get("/checkpoint", response_class=PlainTextResponse)
def checkpoint(request: Request) -> str:
    """Return the newest checkpoint, a C2SP signed note."""
    with house_of(request).store.read() as connection:
        return SqlLog(connection).checkpoint()


@router.get("/key", response_class=PlainTextResponse)
def key(request: Request) -> str:
    """Return the log's verifier key, as C2SP signed notes write it."""
    return f"{house_of(request).signer.verifier_key}\n"


@router.get("/records/{record_id}")
def record(request: Request, record_id: UUID) -> dict[str, Any]:
    """Return a record's header, and its leaf index."""
    with house_of(request).store.read() as connection:
        [(leaf_index, found)] = SqlLog(connection).placed([record_id])
    return {"leaf_index": leaf_index, "header": found.fields()}


@router.get("/records/{record_id}/certificate", response_model=ProofBundle)
def certificate(request: Request, record_id: UUID) -> JSONResponse:
    """Return the certificate of one record: `longmai ledger verify` checks it offline."""
    named = f'attachment; filename="certificate-{record_id}.json"'
    bundle = bundle_of(house_of(request), [record_id], visitor_of(request))
    return JSONResponse(bundle, headers={"Content-Disposition": named})


@router.get("/records/{record_id}/certificate.tlog-proof", response_class=PlainTextResponse)
def tlog_certificate(request: Request, record_id: UUID) -> PlainTextResponse:
    """Return the proof of one record's header as a C2SP `.tlog-proof` file."""
    named = f'attachment; filename="{record_id}.tlog-proof"'
    text = tlog_proof_of(house_of(request), record_id)
    return PlainTextResponse(text, headers={"Content-Disposition": named})


@router.get("/rotations")
def rotations(request: Request) -> list[ProofBundle]:
    """Return the proofs of the log's key rotations, oldest first."""
    house = house_of(request)
    with house.store.read() as connection:
        proofs = _prover(house, connection).rotations()
    return [ProofBundle.model_validate(each) for each in proofs]


@router.get("/proofs")
def proofs(
    request: Request, record: Annotated[list[UUID], Query(min_length=1, max_length=MAX_PROVEN)]
) -> ProofBundle:
    """Return the proofs of several records under one checkpoint."""
    return ProofBundle.model_validate(bundle_of(house_of(request), record, visitor_of(request)))
