"""A made-up village's lists from three departments, with the mistakes that lists have.

Names are made of characters of the 千字文 and numbers fail every real check, so that nobody takes
these people for real ones.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from sqlalchemy import select

from longmai.domains.livelihood.persons import importing
from longmai.domains.livelihood.persons.importing import Sent
from longmai.domains.livelihood.persons.jobs import desk_of, take_and_link
from longmai.domains.livelihood.persons.reading import DepartmentFile
from longmai.domains.livelihood.persons.tables import FILE
from longmai.kernel.region_codes import pad
from longmai.kernel.resident_id import check_character
from longmai.portal.accounts.visiting import sampler
from longmai.portal.house import House

AS_OF = date(2025, 6, 30)
_HOUSEHOLDS = 18
_SURNAMES = "王李张刘陈杨赵马何郭罗梁宋郑谢韩唐冯"
_GIVEN = (
    "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰"
    "余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈"
)
_RELATIONS = (
    ("户主", 1948, "男"),
    ("配偶", 1951, "女"),
    ("子女", 1976, "男"),
    ("孙子女", 2009, "女"),
)
# What a typist writes in the place of a character: of the same sound, or of a similar shape.
_TYPOS = str.maketrans("王李杨来成玄", "汪季扬莱城弦")

Row = dict[str, str]


def load_sample(house: House, tell: Callable[[str], None]) -> None:
    """Import the sample village's lists into a house that has none of them."""
    with house.store.read() as connection:
        if connection.scalar(select(FILE.c.id).where(FILE.c.sample).limit(1)) is not None:
            return
    village = pad(str(house.regions.about.get("sample_village", house.regions.code)))
    for department, title, rows in lists(village):
        tell(f"Importing the sample list {title} …")
        sent = Sent(department, village, AS_OF, title, sample=True)
        desk = desk_of(house, sampler(house))
        with house.store.begin() as work:
            upload_id = importing.send(work, desk, _sheet(title, rows), sent)
        take_and_link(house, desk, upload_id, lambda _done, _total: None)


def lists(village: str) -> list[tuple[str, str, list[Row]]]:
    """Return (department, title, rows) of the lists about a village, given its 12-digit code."""
    register = list(_register(village))
    assisted = [_assisted(number, row) for number, row in enumerate(register[4:60:5])]
    disabled = [_disabled(number, row) for number, row in enumerate(register[1:60:11])]
    return [
        ("公安", "公安-户籍", register),
        ("民政", "民政-低保", assisted),
        ("残联", "残联-持证", disabled),
    ]


def _register(village: str) -> Iterator[Row]:
    number = 0
    for household in range(_HOUSEHOLDS):
        for relation, born, sex in _RELATIONS[: 2 + household % 3]:
            day = f"{born + household % 9}-{1 + number % 12:02d}-{1 + number * 7 % 28:02d}"
            yield {
                "登记号": f"{number + 1:04d}",
                "姓名": _name(household if relation != "配偶" else household + 5, number),
                "性别": sex,
                "身份证号": _number(village[:6], day, 2 * number + (sex == "男")),
                "出生日期": day,
                "户号": f"{village[-3:]}{household + 1:04d}",
                "与户主关系": relation,
                "住址": f"{1 + household % 4}组{household + 1}号",
                "区划代码": village,
                "电话": f"1000000{household:04d}",
                "户籍类别": "农村",
                "中国国籍": "是",
                "本地户籍": "是",
                "状态": "正常",
            }
            number += 1


def _name(family: int, number: int) -> str:
    first = _GIVEN[number * 5 % len(_GIVEN)]
    return _SURNAMES[family % len(_SURNAMES)] + first + _GIVEN[(number * 7 + 3) % len(_GIVEN)]


def _number(county: str, day: str, order: int) -> str:
    body = f"{county}{day.replace('-', '')}{order:03d}"
    return body + check_character(body, sample=True)


def _assisted(number: int, row: Row) -> Row:
    kept = ("姓名", "身份证号", "出生日期", "电话", "住址", "区划代码")
    told = {name: row[name] for name in kept}
    if number % 3 == 0:
        told["姓名"] = told["姓名"].translate(_TYPOS)
    if number % 4 == 1:
        # Neither number nor the right day nor the phone: nobody can be sure.
        wrong = f"{told['出生日期'][:5]}{12 - int(told['出生日期'][5:7]) or 12:02d}-28"
        told |= {"身份证号": "", "出生日期": wrong, "电话": "", "住址": ""}
    if number % 5 == 2:  # noqa: PLR2004 - one in five has no number
        told["身份证号"] = ""
    assets = "是" if number % 5 else ""
    facts = {"低保家庭": "是", "已是低保家庭": "是", "低保边缘家庭": "否", "财产符合规定": assets}
    return {"登记号": f"D{number + 1:03d}", **told, **facts}


def _disabled(number: int, row: Row) -> Row:
    grade = 1 + number % 4
    return {
        "登记号": f"C{number + 1:03d}",
        "姓名": row["姓名"],
        "残疾人证号": f"{row['身份证号']}4{grade}",
        "残疾等级": "一二三四"[grade - 1] + "级",
        "持残疾人证": "是",
        "电话": row["电话"],
        "区划代码": row["区划代码"],
    }


def _sheet(title: str, rows: Sequence[Row]) -> DepartmentFile:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return DepartmentFile(f"{title}.csv", out.getvalue().encode())
