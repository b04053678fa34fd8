"""Policies over HTTP: the list, a policy, one case judged and explained, a file checked."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from longmai.kernel.region_codes import prefix
from longmai.portal.house import House, house_of
from longmai.portal.policies.checks import SECONDS
from longmai.portal.policies.issuing import library_of
from longmai.portal.policies.said import today
from longmai.portal.rights.gates import OPEN
from longmai.rules.checks.checking import check_policy
from longmai.rules.checks.finding import Finding
from longmai.rules.policy.evaluation import Decision, Judged, State, case_of, evaluate
from longmai.rules.policy.explanation import Reason, explain
from longmai.rules.policy.gaps import plan
from longmai.rules.policy.library import Stacked, judge_all
from longmai.rules.policy.missing import missing_of
from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import try_policy
from longmai.rules.policy.record import record_of, replay
from longmai.rules.policy.schema import schema as policy_schema

router = APIRouter(prefix="/api/v1/rules", tags=["rules"], dependencies=[OPEN])

Language = Literal["zh", "en"]


class PolicyItem(BaseModel):
    """A version of a policy; ``digest`` names it for ever."""

    id: str
    version: str
    title: str
    field: str
    applies_to: str
    issuer: str
    number: str
    status: str
    regions: list[str]
    start: date
    end: date | None
    digest: str


class InputItem(BaseModel):
    """A datum that a policy asks for."""

    name: str
    type: str
    unit: str
    holder: str
    sensitive: bool
    values: list[str]


class PolicyDetail(PolicyItem):
    """A version with what it asks for and its file."""

    summary: str
    inputs: list[InputItem]
    members: list[InputItem]
    members_name: str
    text: str


class CaseAsked(BaseModel):
    """A case: values by the policy's names. What is left out is unknown."""

    given: dict[str, Any] = Field(default_factory=dict)
    day: date | None = None
    region: str = ""
    confirmed: dict[str, bool] = Field(default_factory=dict)
    origins: dict[str, str] = Field(default_factory=dict)
    version: str = ""
    language: Language = "zh"


class ReasonItem(BaseModel):
    """A clause with what came of it."""

    id: str
    name: str
    state: str
    clause: str
    text: str
    sentences: list[str]
    missing: list[str]
    any_part: bool
    parts: list["ReasonItem"]


class GapItem(BaseModel):
    """What is between the case and a condition; ``by`` where it is a number."""

    condition: str
    sentence: str
    by: str | None
    alternative: bool


class Judgement(BaseModel):
    """What came of a case: the state, the amount in fen, why, and what would change it."""

    state: str
    amount_fen: int | None
    amount: str
    reasons: list[ReasonItem]
    gaps: list[GapItem]
    met_on: date | None
    lost_on: date | None
    problems: list[str]
    record: dict[str, Any]


class ManyAsked(BaseModel):
    """A case for several policies: each takes the values of the names that it asks for.

    ``policies`` are ids; none: all that are in force then and there. ``confirmed`` is by policy.
    """

    given: dict[str, Any] = Field(default_factory=dict)
    policies: list[str] = Field(default_factory=list, max_length=1000)
    day: date | None = None
    region: str = ""
    confirmed: dict[str, dict[str, bool]] = Field(default_factory=dict)
    language: Language = "zh"


class Together(BaseModel):
    """What one of several policies says of a case, beside the others.

    ``gives_way_to`` is the policy that counts instead; ``choose`` are those among which the person
    chooses; ``asks_for`` what is not known and could decide.
    """

    id: str
    version: str
    title: str
    digest: str
    state: str
    amount_fen: int | None
    amount: str
    gives_way_to: str
    choose: list[str]
    asks_for: list[str]


class TextAsked(BaseModel):
    """A policy file to be checked; ``rules``: what its rules do to people, too."""

    text: str = Field(max_length=1024 * 1024)
    language: Language = "zh"
    rules: bool = False


class FindingItem(BaseModel):
    """What is wrong with a file, where, and how to mend it."""

    code: str
    line: int
    column: int
    key: str
    what: str
    mend: str


class RuleItem(BaseModel):
    """What a check of the rules found: an error, a warning or an advice, and to whom it happens."""

    code: str
    severity: str
    line: int
    key: str
    clauses: list[str]
    what: str
    mend: str
    people: list[str]


class Checked(BaseModel):
    """What a check found; without findings the file is a policy, and its examples come out."""

    findings: list[FindingItem]
    digest: str
    rules: list[RuleItem] = Field(default_factory=list)


class Replayed(BaseModel):
    """A recorded decision that came out the same, byte for byte."""

    state: str
    amount_fen: int | None
    digest: str


@router.get("")
def policies(
    request: Request, day: Annotated[date | None, Query()] = None, region: str = ""
) -> list[PolicyItem]:
    """List the versions in force on a day (today) in a region."""
    house = house_of(request)
    short = prefix(region) if region else ""
    return [_item(each) for each in house.policies.in_force(day or today(house), short)]


@router.get("/schema.json")
def schema() -> dict[str, Any]:
    """Return the JSON Schema of policy files."""
    return policy_schema()


@router.post("/check")
def check(asked: TextAsked) -> Checked:
    """Check a policy file: form, names, kinds, dates, and its examples. Nothing is stored.

    With ``rules`` also what the rules do: gaps, overlaps, cliffs, what runs row by row.
    """
    policy, findings = try_policy(asked.text)
    sound = asked.rules and policy is not None and not findings
    found = check_policy(policy, (), SECONDS) if sound and policy is not None else ()
    return Checked(
        findings=[
            FindingItem(
                code=each.code,
                line=each.spot.line,
                column=each.spot.column,
                key=each.spot.key,
                what=each.told("what", asked.language),
                mend=each.told("mend", asked.language),
            )
            for each in findings
        ],
        digest="" if policy is None else policy.digest,
        rules=[_rule(each, asked.language) for each in found],
    )


def _rule(found: Finding, language: str) -> RuleItem:
    return RuleItem(
        code=found.code,
        severity=found.severity.value,
        line=found.spot.line,
        key=found.spot.key,
        clauses=list(found.clauses),
        what=found.told("what", language),
        mend=found.told("mend", language),
        people=list(found.people(language)),
    )


@router.post("/evaluate")
def judged_by_many(request: Request, asked: ManyAsked) -> list[Together]:
    """Judge one case by several policies, and say which can be had together. Nothing is stored.

    Two that exclude each other are settled as the first that says so has it.
    """
    house = house_of(request)
    day = asked.day or today(house)
    region = prefix(asked.region) if asked.region else ""
    ids = asked.policies or [each.id for each in house.policies.in_force(day, region)]
    found = judge_all(house.policies, ids, asked.given, day, region, asked.confirmed)
    return [_together(each, asked.language) for each in found]


def _together(found: Stacked, language: str) -> Together:
    decision = found.decision
    policy = decision.policy
    return Together(
        id=policy.id,
        version=policy.version,
        title=policy.en if language == "en" and policy.en else policy.title,
        digest=policy.digest,
        state=decision.state.value,
        amount_fen=decision.amount_fen,
        amount=explain(decision, language).amount,
        gives_way_to=found.gives_way_to,
        choose=list(found.choose),
        asks_for=list(dict.fromkeys(_asked_for(decision, decision.judged))),
    )


def _asked_for(decision: Decision, judged: Sequence[Judged]) -> Iterator[str]:
    for each in judged:
        if each.state is State.UNKNOWN and each.condition.rule is not None:
            yield from (m.name for m in missing_of(each.condition.rule.node, decision))
        yield from _asked_for(decision, each.parts)


@router.post("/replay")
def replayed(request: Request, record: dict[str, Any]) -> Replayed:
    """Judge a recorded case again, by the version of the rule it was judged by.

    Versions that were issued stay, though the file has changed since.
    """
    house = house_of(request)
    with house.store.read() as connection:
        library = library_of(connection, house.policies, str(record.get("digest")))
    decision = replay(record, library)
    return Replayed(
        state=decision.state.value,
        amount_fen=decision.amount_fen,
        digest=decision.policy.digest,
    )


@router.get("/{own}")
def policy(request: Request, own: str, version: str = "") -> PolicyDetail:
    """Return one version of a policy; without a wish, that of today or the newest."""
    found = _version(house_of(request), own, version)
    return PolicyDetail(
        **_item(found).model_dump(),
        summary=found.summary,
        inputs=[_input(each) for each in found.inputs.values()],
        members=[_input(each) for each in found.members.values()],
        members_name=found.members_name,
        text=found.text,
    )


@router.post("/{own}/evaluate")
def judged(request: Request, own: str, asked: CaseAsked) -> Judgement:
    """Judge one case, and say why. Nothing is stored.

    Without a ``version`` the law of the day decides, transitions included.
    """
    house = house_of(request)
    day = asked.day or today(house)
    region = prefix(asked.region) if asked.region else ""
    more = (asked.given, day, region, asked.confirmed, asked.origins)
    if asked.version:
        found = house.policies.version(own, asked.version)
        case = case_of(found, *more)
    else:
        found, case = house.policies.case(own, *more)
    return judgement(evaluate(found, case), asked.language)


def judgement(decision: Decision, language: str) -> Judgement:
    """Return a decision as the API sends it."""
    told, way = explain(decision, language), plan(decision, language)
    return Judgement(
        state=decision.state.value,
        amount_fen=decision.amount_fen,
        amount=told.amount,
        reasons=[_reason(each) for each in told.reasons],
        gaps=[
            GapItem(
                condition=gap.condition,
                sentence=gap.sentence,
                by=None if gap.by is None else format(gap.by, "f"),
                alternative=gap.alternative,
            )
            for gap in way.gaps
        ],
        met_on=way.met_on,
        lost_on=way.lost_on,
        problems=list(decision.problems),
        record=record_of(decision),
    )


def _reason(reason: Reason) -> ReasonItem:
    return ReasonItem(
        id=reason.id,
        name=reason.name,
        state=reason.state.value,
        clause=reason.clause,
        text=reason.text,
        sentences=list(reason.sentences),
        missing=list(reason.missing),
        any_part=reason.any_part,
        parts=[_reason(part) for part in reason.parts],
    )


def _version(house: House, own: str, version: str) -> Policy:
    if version:
        return house.policies.version(own, version)
    versions, day = house.policies.versions(own), today(house)
    return next((each for each in versions if each.holds_on(day)), versions[0])


def _item(policy: Policy) -> PolicyItem:
    return PolicyItem(
        id=policy.id,
        version=policy.version,
        title=policy.title,
        field=policy.field,
        applies_to=policy.applies_to,
        issuer=policy.issuer,
        number=policy.number,
        status=policy.status,
        regions=list(policy.regions),
        start=policy.start,
        end=policy.end,
        digest=policy.digest,
    )


def _input(each: Any) -> InputItem:
    return InputItem(
        name=each.name,
        type=each.type,
        unit=each.unit,
        holder=each.holder,
        sensitive=each.sensitive,
        values=list(each.values),
    )
