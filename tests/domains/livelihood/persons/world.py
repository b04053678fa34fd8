"""A village's lists from three departments: small, made up, with the mistakes that files have."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from longmai.domains.livelihood.persons import importing
from longmai.domains.livelihood.persons.importing import Desk, Sent
from longmai.domains.livelihood.persons.jobs import desk_of, take_and_link
from longmai.domains.livelihood.persons.queries import Person, persons
from longmai.domains.livelihood.persons.reading import DepartmentFile
from longmai.kernel.resident_id import check_character
from longmai.portal.accounts.visiting import operator
from longmai.portal.house import House
from longmai.portal.rights.model import EVERYWHERE
from longmai.store.table_window import Window

AS_OF = date(2025, 6, 30)
HEADINGS = (
    "登记号",
    "姓名",
    "性别",
    "身份证号",
    "出生日期",
    "户号",
    "与户主关系",
    "住址",
    "区划代码",
    "电话",
)


def id_number(county: str, born: str, order: int) -> str:
    """Return a made-up person's number, whose check is moved on."""
    body = f"{county}{born.replace('-', '')}{order:03d}"
    return body + check_character(body, sample=True)


@dataclass(frozen=True)
class Village:
    """Where the people live: codes of the house's sample village."""

    village: str

    @classmethod
    def of(cls, house: House) -> "Village":
        """Return the village of a house."""
        return cls(str(house.regions.about["sample_village"]))

    @property
    def county(self) -> str:
        """Its county, six digits."""
        return self.village[:6]

    def person(self, number: int, name: str, sex: str, born: str, **more: str) -> dict[str, str]:
        """Return a row of the household register."""
        return {
            "登记号": f"H{number:03d}",
            "姓名": name,
            "性别": sex,
            "身份证号": id_number(self.county, born, 2 * number + (sex == "男")),
            "出生日期": born,
            "户号": f"F{(number + 1) // 2:03d}",
            "与户主关系": "户主" if number % 2 else "配偶",
            "住址": f"{number}组{number}号",
            "区划代码": self.village,
            "电话": f"1000000{number:04d}",
            **more,
        }

    def register(self) -> list[dict[str, str]]:
        """Return the household register: six people, sound."""
        return [
            self.person(1, "王天来", "男", "1950-03-04"),
            self.person(2, "李月芳", "女", "1952-10-11"),
            self.person(3, "张地黄", "男", "1971-01-02"),
            self.person(4, "陈秋收", "女", "1974-12-24"),
            self.person(5, "王冬藏", "男", "2014-05-06"),
            self.person(6, "赵成岁", "女", "1990-08-09"),
        ]

    def assistance(self) -> list[dict[str, str]]:
        """Return civil affairs' list: one name of the same sound, one without number, one alike."""
        told = self.register()
        told[1] |= {"姓名": "李月方", "低保家庭": "是"}
        told[2] |= {"身份证号": "", "低保家庭": "是"}
        # The day of birth and the number are gone, the phone is another: nobody can be sure.
        told[3] |= {
            "身份证号": "", "出生日期": "1974-11-24", "电话": "10009999999", "住址": "",
            "低保家庭": "否",
        }  # fmt: skip
        return [{**row, "登记号": f"C{i:03d}", "户号": ""} for i, row in enumerate(told[1:4])]


def sheet(rows: Sequence[Mapping[str, str]], name: str = "户籍.csv") -> DepartmentFile:
    """Return rows as a CSV file."""
    headings = [*HEADINGS, *sorted({key for row in rows for key in row} - set(HEADINGS))]
    out = io.StringIO()
    writer = csv.DictWriter(out, headings, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return DepartmentFile(name, out.getvalue().encode())


def desk(house: House) -> Desk:
    """Return the operator's desk."""
    return desk_of(house, operator(house))


def take(
    house: House, file: DepartmentFile, department: str = "公安", **more: object
) -> Mapping[str, object]:
    """Send, take and link a file of the whole region; return what came of it."""
    at = desk(house)
    said = {"sample": True, "region": house.regions.code, "as_of": AS_OF, **more}
    with house.store.begin() as work:
        upload_id = importing.send(work, at, file, Sent(department=department, **said))  # type: ignore[arg-type]
    return take_and_link(house, at, upload_id, lambda _done, _total: None)


def taken_id(told: Mapping[str, object]) -> UUID:
    """Return the ID of the file that was taken."""
    return UUID(str(told["page"]).rsplit("/", 1)[1])


def everybody(house: House) -> list[Person]:
    """Return all persons by name."""
    with house.store.read() as connection:
        return persons(connection, EVERYWHERE, "", Window("name", size=1000, descending=False))[1]


def named(house: House, name: str) -> Person:
    """Return the person of a name."""
    [found] = [each for each in everybody(house) if each.name == name]
    return found
