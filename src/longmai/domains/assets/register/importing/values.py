"""What people write into the cells of a ledger, read strictly: a value, or why it is none.

Each reader takes a cell and returns a value; what it cannot read it refuses with a code, for which
there are words.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from longmai.domains.assets.register.importing.grid import Broken, Cell, Formula, text_of
from longmai.kernel.errors import Invalid

_CLASSES: Mapping[str, tuple[str, ...]] = {
    "operating": ("经营性", "经营性资产", "经营类", "经营", "经营性固定资产"),
    "public": ("公益性", "公益性资产", "公益类", "公益", "基础设施", "公益性固定资产"),
    "household": ("到户类", "到户类资产", "到户", "到户资产", "入户类"),
}
_LEVELS: Mapping[str, tuple[str, ...]] = {
    "county": ("县级", "县", "县本级", "区级", "县区级"),
    "township": ("乡级", "乡镇级", "乡", "镇级", "乡镇", "镇"),
    "village": ("村级", "村", "村集体", "行政村"),
    "household": ("户级", "户", "农户", "到户", "个人"),
}
_CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "good": ("良好", "正常", "完好", "运行良好", "正常使用", "在用", "好", "运营良好", "正常运营"),
    "normal": ("一般", "基本正常", "运行一般"),
    "low": ("低效", "低效运行", "低效运营", "效益差"),
    "idle": ("闲置", "停用", "未使用", "停产", "未运营"),
    "damaged": ("损毁", "损坏", "毁损", "报废", "灭失", "破损"),
}
_EMPTY = frozenset(
    ("", "-", "—", "–", "--", "——", "/", "无", "空", "暂无", "n/a", "na", "null", "…")
)
_EPOCH = date(1899, 12, 30)
_SERIALS = (20_000, 80_000)
_DAY = re.compile(r"(\d{4})\s*[年./\-\\]\s*(\d{1,2})(?:\s*[月./\-\\]\s*(\d{1,2})\s*日?)?\s*月?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SHORT = re.compile(r"(\d{2})\s*[./\-]\s*(\d{1,2})\s*[./\-]\s*(\d{1,2})")
_YEAR = re.compile(r"(\d{4})\s*年?度?")
_AMOUNT = re.compile(r"([+\-]?[\d,]*\.?\d+)\s*(万元|千元|百元|万|元|分|亿元)?整?")
_SCALE = {
    "亿元": 10**10,
    "万元": 10**6,
    "万": 10**6,
    "千元": 10**5,
    "百元": 10**4,
    "元": 100,
    "分": 1,
}
_PLACES = re.compile(r"[°度]\s*([\d.]+)\s*['′分]\s*([\d.]+)\s*(?:[\"″秒]|′′)?")


def words(cell: Cell) -> str:
    """Return a cell's text with full-width digits and letters made plain; refuse what has no value.

    >>> words("２０２０年１２月")
    '2020年12月'

    Raises:
        Invalid: a formula that was not computed, or an error of the spreadsheet.
    """
    if isinstance(cell, Formula):
        raise _wrong("formula", cell)
    if isinstance(cell, Broken):
        raise _wrong("broken", cell)
    folded = unicodedata.normalize("NFKC", text_of(cell))
    text = re.sub(
        r"\s+", " ", "".join(each for each in folded if each.isprintable() or each.isspace())
    )
    return text.strip(" '‘’`")


def text(cell: Cell) -> str:
    """Return words; what only says that there is nothing is empty."""
    said = words(cell)
    return "" if said.lower() in _EMPTY else said


def prose(cell: Cell) -> str:
    """Return a text as it was written, full-width signs too; only what nobody sees is taken out.

    >>> prose("　某村（东）\u200b  合作社 "), prose("无")
    ('某村（东） 合作社', '')
    """
    if not text(cell):
        return ""
    seen = "".join(each for each in text_of(cell) if each.isprintable() or each.isspace())
    return re.sub(r"\s+", " ", seen).strip()


def is_nothing(cell: Cell) -> bool:
    """Tell whether a cell says nothing."""
    return not isinstance(cell, Formula | Broken) and text(cell) == ""


def _wrong(kind: str, value: object) -> Invalid:
    return Invalid(f"not a {kind}", code=f"ledgerbook.{kind}", value=str(value))


def code(cell: Cell) -> str:
    """Return an asset's code: a number that the spreadsheet rounded is refused.

    Raises:
        Invalid: it lost digits.
    """
    if isinstance(cell, float) and abs(cell) >= 10**15:
        raise _wrong("code_rounded", cell)
    if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) >= 10**15:
        raise _wrong("code_rounded", cell)
    said = text(cell).replace(" ", "")
    if re.fullmatch(r"\d+(\.\d+)?[eE]\+\d+", said):
        raise _wrong("code_rounded", said)
    return said


def fen(cell: Cell, unit_fen: int) -> int:
    """Return an amount in fen; a unit in the cell goes before that of its column.

    >>> fen("1.5万元", 100), fen(12.3, 100), fen("１，２３４．５０", 100)
    (1500000, 1230, 123450)

    Raises:
        Invalid: not an amount, of no known unit, or with a part of a fen.
    """
    if isinstance(cell, bool | date):
        raise _wrong("amount", cell)
    if isinstance(cell, int | float):
        # A spreadsheet keeps 15 digits: what it adds behind them is no part of the amount.
        said, unit = format(cell, ".15g"), None
    else:
        found = _AMOUNT.fullmatch(text(cell).lstrip("¥￥").replace("，", ",").replace(" ", ""))
        if found is None:
            raise _wrong("amount", text_of(cell))
        said, unit = found[1].replace(",", ""), found[2]
    scale = _SCALE[unit] if unit else unit_fen
    if not scale:
        raise _wrong("money_unit", text_of(cell))
    try:
        amount = Decimal(said) * scale
    except InvalidOperation:
        raise _wrong("amount", text_of(cell)) from None
    if amount != amount.to_integral_value():
        raise _wrong("part_of_fen", text_of(cell))
    return int(amount)


def day(cell: Cell) -> date:
    """Return a day: a date, its serial number, or one of the ways to write it.

    Month alone counts from its first day.

    >>> day("2020.3.5"), day(43895), day("二〇二〇年三月")
    (datetime.date(2020, 3, 5), datetime.date(2020, 3, 5), datetime.date(2020, 3, 1))

    Raises:
        Invalid: none of them, or no day of the calendar.
    """
    if isinstance(cell, date):
        return cell
    said = _arabic(text(cell))
    if re.fullmatch(r"\d{5}(\.\d+)?", said):
        return _serial(float(said), said)
    for pattern in (_DAY, _COMPACT, _SHORT):
        found = pattern.fullmatch(said)
        if found:
            parts = [int(part) if part else 1 for part in found.groups()]
            year = parts[0] if parts[0] > 99 else 2000 + parts[0]  # noqa: PLR2004 - two digits
            return _calendar(year, parts[1], parts[2], said)
    if found := _YEAR.fullmatch(said):
        raise _wrong("day_year_only", found[0])
    raise _wrong("day", text_of(cell))


def _serial(number: float, said: str) -> date:
    low, high = _SERIALS
    if not low <= number <= high:
        raise _wrong("day", said)
    return _EPOCH + timedelta(days=int(number))


def _calendar(year: int, month: int, of_month: int, said: str) -> date:
    try:
        return date(year, month, of_month)
    except ValueError:
        raise _wrong("day", said) from None


_DIGITS = str.maketrans("〇零○Ｏ一二三四五六七八九", "0000123456789")


def _arabic(said: str) -> str:
    if not re.search("[〇零○一二三四五六七八九十]", said):
        return said
    said = re.sub("([一二三四五六七八九])十([一二三四五六七八九])", r"\1\2", said)
    said = re.sub("([一二三四五六七八九])十", r"\g<1>0", said)
    said = re.sub("十([一二三四五六七八九])", r"一\1", said).replace("十", "10")
    return said.translate(_DIGITS)


def span(cell: Cell) -> tuple[date, date]:
    """Return the first and last day of a term: ``2020.1.1-2025.12.31``, ``2020年1月至2025年12月``.

    Raises:
        Invalid: not two days.
    """
    said = text(cell)
    for joint in ("至", "到", "~", "～", "—", "--", "–"):
        start, found, end = said.partition(joint)
        if found:
            return day(start), day(end)
    parts = said.split("-")
    if len(parts) == 2:  # noqa: PLR2004 - first and last
        return day(parts[0]), day(parts[1])
    raise _wrong("term", said)


def year(cell: Cell) -> int:
    """Return a year.

    Raises:
        Invalid: not a year.
    """
    if isinstance(cell, date):
        return cell.year
    found = _YEAR.fullmatch(_arabic(text(cell)))
    if found is None:
        raise _wrong("year", text_of(cell))
    return int(found[1])


def number(cell: Cell) -> Decimal:
    """Return a number, thousands with or without commas.

    Raises:
        Invalid: not a number.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return Decimal(format(cell, ".15g"))
    try:
        return Decimal(text(cell).replace(",", "").replace(" ", ""))
    except InvalidOperation:
        raise _wrong("number", text_of(cell)) from None


_SUM = re.compile(r"(\D+?)\s*[:：]?\s*([\d,.]+)\s*(万元|元)")


def sums(cell: Cell) -> list[tuple[str, int]]:
    """Return sources with their amounts, where one cell tells both; else none.

    >>> sums("中央 1.5万元；省级 300元"), sums("中央资金")
    ([('中央', 1500000), ('省级', 30000)], [])
    """
    parts = [part.strip() for part in re.split("[;；、]", text(cell)) if part.strip()]
    found = [_SUM.fullmatch(part) for part in parts]
    if not parts or not all(found):
        return []
    return [(each[1].strip(), fen(each[2] + each[3], 0)) for each in found if each]


_QUANTITY = re.compile(r"([\d,.]+)\s*([^\d\s,.]{1,12})?")


def quantity(cell: Cell) -> tuple[Decimal, str]:
    """Return a quantity and its unit, which may stand behind it: ``3座``.

    Raises:
        Invalid: not a quantity.
    """
    found = _QUANTITY.fullmatch(text(cell))
    if found is None:
        raise _wrong("quantity", text_of(cell))
    return number(found[1]), found[2] or ""


def count(cell: Cell) -> int:
    """Return a whole number, with or without 户 behind it.

    Raises:
        Invalid: not a whole number.
    """
    found = number(text(cell).removesuffix("户")) if isinstance(cell, str) else number(cell)
    if found != found.to_integral_value():
        raise _wrong("count", text_of(cell))
    return int(found)


def months(cell: Cell) -> int:
    """Return a life in months; a bare number is years.

    Raises:
        Invalid: neither.
    """
    said = text(cell)
    scale = 1 if "月" in said else 12
    found = number(re.sub(r"[年个月]", "", said)) * scale
    if found != found.to_integral_value():
        raise _wrong("number", said)
    return int(found)


def permille(cell: Cell) -> int:
    """Return a rate in parts of a thousand: ``5%``, ``0.05``, ``5`` (percent).

    Raises:
        Invalid: not a rate.
    """
    said = text(cell)
    plain = number(said.removesuffix("%"))
    percent = plain if said.endswith("%") or plain >= 1 else plain * 100
    found = percent * 10
    if found != found.to_integral_value():
        raise _wrong("number", said)
    return int(found)


def degrees(cell: Cell) -> float:
    """Return degrees: decimal, or with minutes and seconds.

    >>> degrees("104°30′36″"), degrees("E104.51")
    (104.51, 104.51)

    Raises:
        Invalid: neither.
    """
    said = re.sub(r"^[东北]经?纬?|^[ENen]|[ENen]$", "", text(cell)).strip()
    found = re.fullmatch(rf"([\d.]+)\s*{_PLACES.pattern}", said)
    try:
        if found:
            whole, minutes, seconds = (float(part) for part in found.groups())
            return round(whole + minutes / 60 + seconds / 3600, 7)
        return float(number(said.rstrip("°度")))
    except ValueError:
        raise _wrong("degrees", said) from None


def point(cell: Cell) -> tuple[float, float]:
    """Return (longitude, latitude) of one cell; the greater is the longitude here.

    Raises:
        Invalid: not two coordinates.
    """
    parts = [part for part in re.split(r"[,;/、\s]+", text(cell)) if part]
    if len(parts) != 2:  # noqa: PLR2004 - longitude and latitude
        raise _wrong("point", text_of(cell))
    one, other = degrees(parts[0]), degrees(parts[1])
    return max(one, other), min(one, other)


def asset_class(cell: Cell) -> str:
    """Return the class of an asset.

    Raises:
        Invalid: no such class.
    """
    return _word(cell, _CLASSES, "class")


def level(cell: Cell) -> str:
    """Return the level of an asset.

    Raises:
        Invalid: no such level.
    """
    return _word(cell, _LEVELS, "level")


def condition(cell: Cell) -> str:
    """Return the condition of an asset.

    Raises:
        Invalid: no such condition.
    """
    return _word(cell, _CONDITIONS, "condition")


def _word(cell: Cell, known: Mapping[str, tuple[str, ...]], kind: str) -> str:
    said = text(cell).replace(" ", "")
    for name, ways in known.items():
        if said in ways or said == name:
            return name
    raise _wrong(kind, said)
