"""FEEL of a policy file: read with the place of every mistake, and the mend for the common ones."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass

from longmai.kernel.errors import Invalid
from longmai.rules.feel.parser import parse_expression
from longmai.rules.feel.tree import Node, Place
from longmai.rules.policy.findings import PLACE, Findings
from longmai.rules.policy.model import Rule
from longmai.rules.policy.yaml_file import Scalar

_SIGNS = {
    "，": ",", "（": "(", "）": ")", "“": '"', "”": '"', "‘": '"', "’": '"', "：": ":", "；": ",",
    "【": "[", "】": "]", "＞": ">", "＜": "<", "＝": "=", "≥": ">=", "≤": "<=", "≠": "!=",
    "×": "*", "÷": "/", "％": "/ 100", "－": "-", "＋": "+", "。": ".", "、": ",",
}  # fmt: skip
_WORDS = {
    "==": ("=", "相等写一个等号", "equal is one sign"),
    "&&": ("and", "并且写 and", "write and"),
    "||": ("or", "或者写 or", "write or"),
    "<>": ("!=", "不等写 !=", "write !="),
    "%": ("/ 100", "百分数写成小数，如 0.5", "write a percentage as a number, like 0.5"),
    "并且": ("and", "并且写 and", "write and"),
    "或者": ("or", "或者写 or", "write or"),
}
_WIDE = re.compile("[" + "".join(_SIGNS) + "]")
MAX_LEVELS = 120
"""Of a rule's tree. Longer ones are read by nobody; the steps of a policy part them."""
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def read_rule(found: Scalar | None, names: Iterable[str], findings: Findings) -> Rule | None:
    """Return the expression of a key; None, and a finding, where it cannot be read."""
    if found is None:
        return None
    # FEEL takes full-width signs for letters of names; nobody means that.
    wide = _WIDE.search(blank_strings(found.text))
    if wide is not None:
        at = line_and_column(found.text, wide.start())
        zh, en = hints(found.text)
        findings.add(
            "sign", found.within(*at), wide[0], sign=_SIGNS[wide[0]], hint_zh=zh, hint_en=en
        )
        return None
    try:
        node = parse_expression(found.text, names)
    except Invalid as error:
        place = PLACE.search(error.place or "")
        at = (int(place[1]), int(place[2] or 1)) if place else (1, 1)
        zh, en = hints(found.text)
        findings.add(
            "feel",
            found.within(*at),
            str(error.value or "")[:40] or None,
            reason=error.what,
            hint_zh=zh or "检查这里的括号、引号和运算符",
            hint_en=en or "check brackets, quotes and operators here",
        )
        return None
    if levels(node) > MAX_LEVELS:
        findings.add("feel-long", found.spot, found.text[:40], most=MAX_LEVELS)
        return None
    return Rule(found.text, node)


def levels(node: Node) -> int:
    """Return how many levels a tree has: a sum of a hundred terms has a hundred.

    >>> levels(parse_expression("1 + 2 + 3"))
    3
    """
    level: list[object] = [node]
    depth = 0
    while level:
        depth += 1
        level = [part for each in level for part in _below(each)]
    return depth


def _below(node: object) -> Iterator[object]:
    for each in fields(node) if is_dataclass(node) else ():
        value = getattr(node, each.name)
        for part in value if isinstance(value, tuple) else (value,):
            if is_dataclass(part) and not isinstance(part, Place):
                yield part


def blank_strings(text: str) -> str:
    """Return an expression with its string literals blanked, every other place as it was.

    >>> blank_strings('a = "b，c"')
    'a = "   "'
    """
    return _STRING.sub(lambda found: '"' + " " * (len(found[0]) - 2) + '"', text)


def line_and_column(text: str, at: int) -> tuple[int, int]:
    r"""Return the line and column, from 1, of a position.

    >>> line_and_column("a\nbc", 3)
    (2, 2)
    """
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def hints(text: str) -> tuple[str, str]:
    """Return what is probably meant, in Chinese and English; empty where nothing shows it.

    >>> hints("年龄 ≥ 80，是")[1]
    "write '>=' for '≥', ',' for '，'"
    """
    bare = blank_strings(text)
    wide = [each for each in dict.fromkeys(bare) if each in _SIGNS]
    if wide:
        zh = "、".join(f"“{each}”改成半角 {_SIGNS[each]}" for each in wide)
        en = ", ".join(f"'{_SIGNS[each]}' for '{each}'" for each in wide)
        return zh, f"write {en}"
    told = [said for word, (_, *said) in _WORDS.items() if word in bare]
    if told:
        return "；".join(zh for zh, _ in told), "; ".join(en for _, en in told)
    return _unclosed(text, bare)


def _unclosed(text: str, bare: str) -> tuple[str, str]:
    if "'" in bare:
        return "文本用半角双引号", "a text stands in double quotes"
    if text.count('"') % 2:
        return "引号没有成对", "a quote is not closed"
    for opened, closed in ("()", "[]", "{}"):
        more = bare.count(opened) - bare.count(closed)
        if more:
            zh, en = ("少了", "is missing") if more > 0 else ("多了", "is too many")
            return f"{zh}“{closed}”", f"a '{closed}' {en}"
    if re.search(r"\bif\b", bare) and not re.search(r"\belse\b", bare):
        return "if 要有 then 和 else", "an if has then and else"
    return "", ""
