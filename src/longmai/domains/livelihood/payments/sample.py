"""Sample cases and batches: some of the sample's leads taken through a few weeks of work."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import select

from longmai.domains.livelihood.casework import service as casework
from longmai.domains.livelihood.casework.model.case import Deed
from longmai.domains.livelihood.casework.opening import opening_of, take_on
from longmai.domains.livelihood.casework.people import people_of
from longmai.domains.livelihood.casework.queries import Lead, case_of, leads
from longmai.domains.livelihood.casework.tables import CASE
from longmai.domains.livelihood.payments.banks import form_of
from longmai.domains.livelihood.payments.model.batch import ONCE
from longmai.domains.livelihood.payments.model.forms import Answer
from longmai.domains.livelihood.payments.queries import lines_of
from longmai.domains.livelihood.payments.service import (
    Desk,
    NewAccount,
    Wish,
    approve,
    draft,
    export,
    give_accounts,
    take_returns,
)
from longmai.domains.livelihood.persons.consents import DECIDE, Word
from longmai.kernel.clock import beijing_day
from longmai.kernel.region_codes import pad
from longmai.portal.accounts.visiting import sampler
from longmai.portal.house import House
from longmai.portal.rendering import Words
from longmai.portal.rights.model import EVERYWHERE, Scope
from longmai.portal.rights.visitor import Visitor
from longmai.rules.policy.model import Policy
from longmai.store.table_window import Window
from longmai.store.unit_of_work import UnitOfWork

_COUNTY_DIGITS = 6
_PAID, _TOLD, _PASSED_OVER = 5, 3, 1
_FORM = "sample-bank"


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Take some leads of the sample's own county through notice, decision, pay; once."""
    village = str(house.regions.about.get("sample_village", house.regions.code))
    county = Scope(frozenset({village[:_COUNTY_DIGITS]}))
    with house.store.begin() as work:
        if work.connection.scalar(select(CASE.c.record_id).limit(1)) is not None:
            return
        _, found = leads(work.connection, county, Window("region", size=60), lead="eligible")
        rounds = _Rounds(house, work)
        paying = [each for each in found if each.amount_fen is not None]
        if len(paying) < _PAID + _PASSED_OVER or len(found) < _PAID + _TOLD:
            return
        policy = house.policies.version(paying[0].policy_id, paying[0].version)
        rounds.pay([each for each in paying if each.policy_id == policy.id], policy, village)
        others = [each for each in found if each.policy_id != policy.id]
        rounds.others(others)
    tell("Loaded sample cases: told, confirmed, refused, to be heard, paid, one returned.")


class _Rounds:
    """What two made-up officials do."""

    def __init__(self, house: House, work: UnitOfWork) -> None:
        self.house, self.work = house, work
        self._words = Words(house, "zh")
        self._month = f"{beijing_day(house.clock.now()):%Y-%m}"

    def _visitor(self, mark: str = "") -> Visitor:
        name = self._words("account.sample_name", role=self._words("role.official"))
        return sampler(self.house, mark, name)

    def _desk(self) -> casework.Desk:
        return casework.Desk(self.work, self._visitor(), self.house.clock.now())

    def _pay_desk(self, mark: str = "") -> Desk:
        return Desk(self.work, self._visitor(mark), self.house.clock.now())

    def pay(self, found: Sequence[Lead], policy: Policy, village: str) -> None:
        """Confirm some, pay those who have an account; the bank sends one back."""
        chosen = found[: _PAID + _PASSED_OVER]
        take_on(self.house, self._desk(), chosen, "confirm", self._words)
        people = people_of(self.house, {each.person_id: each.region for each in chosen})
        given = [
            # Longer than any bank's: nobody's account.
            NewAccount(each.person_id, people[each.person_id].name, f"{number:024}", "示例银行",
                       each.region)
            for number, each in enumerate(chosen[:_PAID], start=1)
            if each.person_id in people
        ]  # fmt: skip
        give_accounts(self._pay_desk(), given)
        period = ONCE if policy.amount and "/" not in policy.amount.unit else self._month
        county = pad(village[:_COUNTY_DIGITS])
        batch_id = draft(self._pay_desk(), Wish(policy, county, period, _FORM))
        approve(self._pay_desk("-second"), batch_id)
        export(self._pay_desk(), batch_id, form_of(self.house, _FORM), policy.title[:12])
        first = lines_of(self.work.connection, batch_id)[0].line
        answer = Answer(2, first.item, "E001", "账号已销户", good=False)
        take_returns(self._pay_desk(), batch_id, [answer])

    def others(self, found: Sequence[Lead]) -> None:
        """Tell some, visit one, refuse one who objects, propose to end what one has."""
        take_on(self.house, self._desk(), found[:_TOLD], "notify", self._words)
        cases = [self._open(each) for each in found[_TOLD : _TOLD + 3]]
        for case_id, do in zip(cases, (self._visited, self._refused, self._losing), strict=False):
            do(case_id)

    def _open(self, lead: Lead) -> UUID:
        people = people_of(self.house, {lead.person_id: lead.region})
        opening = opening_of(self.house, lead, people.get(lead.person_id))
        return casework.open_case(self._desk(), opening)

    def _visited(self, case_id: UUID) -> None:
        self._act(case_id, Deed.VISITED, note="上门看过，本人在家，身份和情况与比对一致。")
        word = Word(DECIDE, "self", "spoken")
        casework.wish(self._desk(), case_id, word, given=False)

    def _refused(self, case_id: UUID) -> None:
        self._act(
            case_id, Deed.REFUSED, clause=self._clause(case_id), reasons="上门核实，情况已有变化。"
        )
        self._act(case_id, Deed.OBJECTED, note="本人说情况没有变，要求再看。")

    def _losing(self, case_id: UUID) -> None:
        self._act(
            case_id, Deed.CONFIRMED, amount_fen=10_000, start=self._month, machine=False,
            note="示例金额",
        )  # fmt: skip
        self._act(
            case_id, Deed.CUT_PROPOSED, clause=self._clause(case_id), amount_fen=0,
            start=self._month, reasons="比对发现条件可能不再符合。",
        )  # fmt: skip

    def _clause(self, case_id: UUID) -> str:
        kept = case_of(self.work.connection, case_id, EVERYWHERE)
        policy = self.house.policies.version(kept.policy_id, str(kept.found["version"]))
        return next(iter(policy.clauses))

    def _act(self, case_id: UUID, deed: Deed, **data: object) -> None:
        casework.act(self._desk(), case_id, deed, data)
