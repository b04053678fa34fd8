"""Values of departments' files as they are compared: one way to write each.

>>> normal_day("1990年1月2日"), normal_day("１９９００１０２"), normal_day("1990/13/2")
(datetime.date(1990, 1, 2), datetime.date(1990, 1, 2), None)
"""

import re
import unicodedata
from datetime import date, timedelta

_SPACE = re.compile(r"\s+")
_PHONE = re.compile(r"(?:1\d{10}|0\d{9,11}|[2-9]\d{6,7})")
_PARTS = re.compile(r"(\d{4})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})\s*日?")
_CLOCK = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_COMPACT = re.compile(r"\d{8}")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
# Day 0 of spreadsheets (1900 date system, with its leap day that never was).
_EPOCH = date(1899, 12, 30)
_EARLIEST = 1890
_DOTS = str.maketrans(dict.fromkeys("·•‧∙・．.", "·"))
_ADDRESS_NOISE = re.compile(r"[\s,，、。.;；()（）\-—_#＃]")
_CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")


def normal_text(text: str) -> str:
    """Return a text half-width, with single spaces and none around it.

    >>> normal_text("　ＡＢ  12　")
    'AB 12'
    """
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def normal_name(text: str) -> str:
    """Return a name without spaces; the dot within a name is always the same.

    >>> normal_name(" 张　三 "), normal_name("阿依•古丽")
    ('张三', '阿依·古丽')
    """
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).translate(_DOTS).strip("·")


def normal_phone(text: str) -> str:
    """Return the digits of a phone number without +86; empty if it is none.

    >>> normal_phone("+86 139-0000-1234"), normal_phone("无")
    ('13900001234', '')
    """
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(?:0086|86)(?=1\d{10}$)", "", digits)
    return digits if _PHONE.fullmatch(digits) else ""


def normal_day(text: str) -> date | None:
    """Return the day that a text names; also days as spreadsheets number them.

    >>> normal_day("1990-1-2 00:00:00"), normal_day("32874")
    (datetime.date(1990, 1, 2), datetime.date(1990, 1, 1))
    """
    cleaned = _CLOCK.sub("", normal_text(text))
    if _SERIAL.fullmatch(cleaned):
        return _EPOCH + timedelta(days=int(float(cleaned)))
    if _COMPACT.fullmatch(cleaned):
        cleaned = f"{cleaned[:4]}-{cleaned[4:6]}-{cleaned[6:]}"
    found = _PARTS.fullmatch(cleaned)
    if found is None:
        return None
    try:
        day = date(*map(int, found.groups()))
    except ValueError:
        return None
    return day if day.year >= _EARLIEST else None


def normal_address(text: str) -> str:
    """Return an address without punctuation, its numbers in digits.

    >>> normal_address("王家村 三组，12号")
    '王家村3组12号'
    """
    plain = _ADDRESS_NOISE.sub("", unicodedata.normalize("NFKC", text))
    return plain.translate(_CHINESE_DIGITS)
