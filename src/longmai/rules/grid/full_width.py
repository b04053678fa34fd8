"""Full-width signs, which a Chinese keyboard writes where FEEL wants its own.

Most of them may be part of a FEEL name, so text with them parses as something else than was meant.
"""

import re
from collections.abc import Iterable

_SIGNS = {
    "，": ",",
    "、": ",",
    "；": ",",
    "“": '"',
    "”": '"',
    "„": '"',
    "＂": '"',
    "‘": '"',
    "’": '"',
    "＇": '"',
    "｜": "\\|",
    "（": "(",
    "）": ")",
    "［": "[",
    "］": "]",
    "【": "[",
    "】": "]",
    "｛": "{",
    "｝": "}",
    "＜": "<",
    "＞": ">",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "＝": "=",
    "－": "-",
    "—": "-",
    "＋": "+",
    "＊": "*",
    "×": "*",
    "／": "/",
    "÷": "/",
    "：": ":",
    "．": ".",
    "。": ".",
    "…": "..",
    "～": "..",
    "！": "!",
}
_NEVER = frozenset("，；“”„＂‘’＇｜、")
"""Those that nobody means in a name."""
# What is not closed goes to the end, so that no text is looked through more than once.
_OUTSIDE = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_DIGITS = re.compile(r"(?<![^\W_])[０-９]++(?:[．.][０-９]++)?(?![^\W_])")


def full_width_in(
    text: str, names: Iterable[str] = (), *, any_sign: bool = False
) -> tuple[int, str, str] | None:
    """Return where a full-width sign stands, the sign, and what to write for it.

    >>> full_width_in('"甲"，"乙"')
    (3, '，', ',')

    Args:
        text: FEEL; its strings and comments may hold what they like.
        names: that may hold such signs.
        any_sign: whether also those count that a name may hold.
    """
    bare = _OUTSIDE.sub(lambda found: " " * len(found[0]), text)
    for name in sorted(names, key=len, reverse=True):
        if any(sign in name for sign in _SIGNS):
            bare = bare.replace(name, "x" * len(name))
    for at, sign in enumerate(bare):
        if sign in _NEVER or (any_sign and sign in _SIGNS):
            return at, sign, _SIGNS[sign]
    digits = _DIGITS.search(bare)
    if digits is not None:
        plain = "".join("." if each in "．." else str(int(each)) for each in digits[0])
        return digits.start(), digits[0], plain
    return None
