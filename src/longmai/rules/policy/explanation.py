"""Why a decision is what it is: each clause with the actual values, in plain Chinese or English."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path as File
from typing import Any

from longmai.kernel.money import fen_to_yuan
from longmai.rules.feel.compiler import compile_node
from longmai.rules.feel.printer import print_node
from longmai.rules.feel.temporal import Date
from longmai.rules.feel.tree import (
    Between,
    Binary,
    Call,
    Comparison,
    Filter,
    In,
    Name,
    Node,
    Number,
    Range,
    Text,
    Truth,
)
from longmai.rules.feel.values import Value, text_of
from longmai.rules.policy.arithmetic import sum_of
from longmai.rules.policy.evaluation import Decision, Judged, State, environment_of
from longmai.rules.policy.missing import Missing, missing_of
from longmai.rules.policy.model import Condition
from longmai.rules.policy.shares import Share, share_of
from longmai.rules.policy.strict import strict
from longmai.rules.policy.tables import matching_rows

_FILE = File(__file__).with_name("sentences.toml")
_WORDS_OF = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True)
class Reason:
    """A clause with what came of it, said in one language.

    Attributes:
        clause: reference; empty where the condition names none.
        text: of the clause, quoted.
        sentences: what was compared with what.
        missing: what is not known, where the state is unknown.
        parts: of a group, of which one (``any_part``) or all must be met.
        exclusion: its name says what excludes; met is that it is not so.
    """

    id: str
    name: str
    state: State
    clause: str
    text: str
    sentences: tuple[str, ...]
    missing: tuple[str, ...]
    parts: tuple["Reason", ...] = ()
    any_part: bool = False
    exclusion: bool = False


@dataclass(frozen=True)
class Explanation:
    """A decision in words.

    Attributes:
        reasons: one for each condition and exclusion.
        amount: with its arithmetic; empty where none is due.
        steps: intermediate results: (name, sentence).
    """

    state: State
    reasons: tuple[Reason, ...]
    amount: str
    steps: tuple[tuple[str, str], ...]


def explain(decision: Decision, language: str = "zh") -> Explanation:
    """Say why a decision is what it is.

    Args:
        decision: to explain.
        language: ``zh`` or ``en``.
    """
    speaker = Speaker(decision, language)
    steps = tuple(
        (speaker.label(name), speaker.said_value(Name(name))) for name in decision.policy.steps
    )
    reasons = tuple(speaker.reason(each) for each in decision.judged)
    return Explanation(decision.state, reasons, speaker.amount(), steps)


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Return the sentences of a language."""
    words: Mapping[str, Mapping[str, str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return words.get(language, words["zh"])


class Speaker:
    """Says in one language what a decision saw."""

    def __init__(self, decision: Decision, language: str) -> None:
        self.decision, self.language = decision, language
        self._words = sentences(language)
        self._env = environment_of(decision)

    def say(self, sentence: str, **values: object) -> str:
        """Return a sentence with its gaps filled."""
        return self._words[sentence].format(**values)

    def reason(self, judged: Judged) -> Reason:
        """Return what is to be said of a condition."""
        condition = judged.condition
        policy = self.decision.policy
        quoted = policy.clauses.get(condition.clause)
        name = condition.en if self.language == "en" and condition.en else condition.name
        return Reason(
            condition.id,
            name,
            judged.state,
            condition.clause,
            "" if quoted is None else quoted.text,
            tuple(self._sentences(judged)),
            tuple(self._missing(condition)) if judged.state is State.UNKNOWN else (),
            tuple(self.reason(part) for part in judged.parts),
            condition.any_part,
            condition.exclusion,
        )

    def sentences_of(self, node: Node, *, wanted: bool) -> Iterator[str]:
        """Say what an expression looks at, that should be true, or false."""
        yield from self._of_node(node, wanted=wanted)

    def text(self, node: Node) -> str:
        """Return what an expression is called: a name's label, a count in words, else FEEL."""
        members = self.decision.policy.members_name
        match node:
            case Name(name):
                return self.label(name)
            case Call(Name("count"), (Filter(Name(name), condition),)) if name == members:
                return self.say("count_members", condition=print_node(condition))
        return print_node(node)

    def _sentences(self, judged: Judged) -> Iterator[str]:
        condition = judged.condition
        if condition.rule is not None:
            yield from self._of_node(condition.rule.node, wanted=not condition.exclusion)
        if condition.review:
            sentence = {State.MET: "reviewed_yes", State.MANUAL: "review"}.get(judged.state)
            if judged.state is State.NOT_MET and self._value(condition) is not False:
                sentence = "reviewed_no"
            if sentence:
                yield self.say(sentence, what=condition.review)

    def _value(self, condition: Condition) -> Value:
        return None if condition.rule is None else self.value(condition.rule.node)

    def _of_node(self, node: Node, *, wanted: bool) -> Iterator[str]:
        match node:
            case Binary("and" | "or", left, right):
                yield from self._of_node(left, wanted=wanted)
                yield from self._of_node(right, wanted=wanted)
            case Call(Name("not"), (inner,)):
                yield from self._of_node(inner, wanted=not wanted)
            case Binary(operator, left, right) if operator in _WORDS_OF:
                yield self._compared(operator if wanted else OPPOSITE[operator], left, right)
            case Between(value, low, high) | In(value, (Range(low, high, True, True),)):
                yield self._between(value, low, high, wanted=wanted)
            case In(value, tests):
                listed = self.say("separator").join(self._test(each) for each in tests)
                sentence = "in" if wanted else "not_in"
                yield self.say(sentence, left=self.said_value(value), right=listed)
            case _:
                told = self.said_value(node)
                value = self.value(node)
                if value is not wanted and (value is None or isinstance(value, bool)):
                    told = self.say("truth" if wanted else "untruth", left=told)
                yield told

    def _between(self, value: Node, low: Node, high: Node, *, wanted: bool) -> str:
        ends = {"low": self.threshold(low, value), "high": self.threshold(high, value)}
        sentence = "between" if wanted else "outside"
        return self.say(sentence, left=self.said_value(value), **ends)

    def _test(self, test: Node) -> str:
        if isinstance(test, Comparison):
            return f"{test.operator} {self.threshold(test.operand)}"
        return self.threshold(test) if isinstance(test, Number | Text | Name) else print_node(test)

    def _compared(self, operator: str, left: Node, right: Node) -> str:
        if isinstance(left, Number | Text | Truth) and not isinstance(right, Number | Text | Truth):
            return self._compared(TURNED.get(operator, operator), right, left)
        share = share_of(left, right)
        if share is not None and operator not in {"=", "!="}:
            return self._shared(share, operator)
        word = _WORDS_OF[operator]
        if isinstance(self.value(right), Date) and operator not in {"=", "!="}:
            word = f"day_{word}"
        return self.say(word, left=self.said_value(left), right=self.threshold(right, left))

    def _shared(self, share: Share, operator: str) -> str:
        part, whole = Name(share.part), Name(share.whole)
        asked = self.say(
            "share",
            fraction=f"{share.fraction.numerator}/{share.fraction.denominator}",
            whole=self.threshold(whole),
        )
        needed = share.needed(operator, self.value)
        if needed is not None:
            least = self.say("least" if operator in {">", ">="} else "most")
            shown = self.shown(needed, self.unit(part))
            asked = self.say("bracket", text=asked, inner=f"{least}{shown}")
        return self.say(_WORDS_OF[operator], left=self.said_value(part), right=asked)

    def value(self, node: Node) -> Value:
        """Return what an expression comes to in this case."""
        if isinstance(node, Name):
            return self.decision.values.get(node.name)
        return compile_node(strict(node))(self._env)

    def label(self, name: str) -> str:
        """Return what a name is called in the language."""
        policy = self.decision.policy
        rooms: Sequence[Mapping[str, Any]] = (policy.inputs, policy.parameters, policy.steps)
        found = next((room[name] for room in rooms if name in room), None)
        return str(found.en) if found is not None and self.language == "en" and found.en else name

    def unit(self, node: Node | None) -> str:
        """Return the unit of what a name stands for; empty where it has none."""
        if not isinstance(node, Name):
            return ""
        policy = self.decision.policy
        rooms: Sequence[Mapping[str, Any]] = (policy.inputs, policy.parameters, policy.steps)
        found = next((room[node.name] for room in rooms if node.name in room), None)
        unit = "" if found is None else str(found.unit)
        return "" if unit in {"无", "none"} else unit

    def said_value(self, node: Node) -> str:
        """Say what something is in this case."""
        value = self.value(node)
        name = self.text(node)
        if value is None:
            return self.say("missing", name=name)
        shown = self.shown(value, self.unit(node))
        if isinstance(node, Number | Text):
            return shown
        step = self.decision.policy.steps.get(node.name) if isinstance(node, Name) else None
        if step is not None and step.rule is not None and not isinstance(step.rule.node, Name):
            arithmetic = sum_of(step.rule.node, self.value, self.shown)
            if arithmetic and arithmetic != self.shown(value):
                return self.say("computed", name=name, value=shown, sum=arithmetic)
        if step is not None and step.table is not None:
            rows = self.say("separator").join(map(str, matching_rows(step.table, self._env)))
            return self.say("by_row" if rows else "value", name=name, value=shown, rows=rows)
        text = self.say("value", name=name, value=shown)
        origin = self.decision.case.origins.get(node.name) if isinstance(node, Name) else None
        return text + self.say("origin", origin=origin) if origin else text

    def threshold(self, node: Node, like: Node | None = None) -> str:
        """Say what something is held against; a plain number has the unit of what it judges."""
        value = self.value(node)
        if isinstance(node, Name):
            shown, label = self.shown(value, self.unit(node)), self.label(node.name)
            # Chinese names what is asked for, and says how much; English the other way round.
            text, inner = (label, shown) if self.language == "zh" else (shown, label)
            return self.say("bracket", text=text, inner=inner)
        return self.shown(value, self.unit(like))

    def shown(self, value: Value, unit: str = "") -> str:
        """Return a value as people write it."""
        match value:
            case None:
                text = self.say("unknown")
            case bool():
                text = self.say("yes" if value else "no")
            case Decimal():
                text = f"{plain_number(value)} {unit}".strip()
            case str():
                text = f"“{value}”"
            case list() if all(isinstance(each, dict) for each in value):
                text = self.say("people", n=len(value))
            case list():
                text = self.say("separator").join(self.shown(each) for each in value)
            case _:
                text = text_of(value)
        return text

    def amount(self) -> str:
        """Say what is due, with its arithmetic."""
        decision, amount = self.decision, self.decision.policy.amount
        if amount is None or decision.state not in {State.MET, State.MANUAL}:
            return ""
        if decision.amount_fen is None:
            missing = self.say("separator").join(
                self.said_missing(missing_of(amount.rule.node, decision))
            )
            return (
                f"{self.say('amount_unknown')}：{missing}"
                if missing
                else self.say("amount_unknown")
            )
        value = plain_number(fen_to_yuan(decision.amount_fen))
        arithmetic = sum_of(amount.rule.node, self.value, self.shown)
        if not arithmetic or arithmetic == value:
            return self.say("amount_plain", value=value, unit=amount.unit)
        return self.say("amount", sum=arithmetic, value=value, unit=amount.unit)

    def _missing(self, condition: Condition) -> Iterator[str]:
        if condition.rule is not None:
            yield from self.said_missing(missing_of(condition.rule.node, self.decision))

    def said_missing(self, missing: Sequence[Missing]) -> Iterator[str]:
        """Say what is not known, and who knows it."""
        for each in missing:
            name = self.label(each.name)
            match each.kind:
                case "input" if each.holder:
                    yield self.say("missing_input", name=name, holder=each.holder)
                case "input":
                    yield self.say("missing_input_plain", name=name)
                case "member":
                    yield self.say("missing_member", name=name, number=each.number)
                case _:
                    yield self.say(f"missing_{each.kind}", name=name)


def plain_number(value: Decimal) -> str:
    """Write a number as people do: commas from five digits on, no needless zeros.

    >>> plain_number(Decimal("1200.50")), plain_number(Decimal("3E+4"))
    ('1200.5', '30,000')
    """
    text = f"{value:,f}" if abs(value) >= _FROM_COMMAS else f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_FROM_COMMAS = 10_000
