"""Policies whose unknown values are filled with made-up ones, so that thresholds can be crossed."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from longmai.kernel.regions import find_pack
from longmai.rules.policy.library import Library

MADE_UP: Mapping[str, str] = {
    "起始年龄": "62",
    "月标准": "100",
    "年标准": "3000",
    "城市低保标准": "700",
    "农村低保标准": "450",
    "单人保标准": "300",
    "边缘倍数": "1.5",
    "上年人均收入": "18000",
    "支出比例": "60",
    "抵扣比例": "50",
    "公办园标准": "350",
    "小额救助标准": "500",
    "救助标准": "2000",
    "机构养育标准": "1500",
    "社会散居标准": "1000",
}
_NAME = re.compile(r"  (\S+):$")
_UNKNOWN = re.compile(r"(- \{自: [^值]*?)状态: 待核定")


def library(folder: Path) -> Library:
    """Write the region's policies for people with made-up values, and read them."""
    folder.mkdir()
    for file in sorted((find_pack("62") / "policies" / "livelihood").glob("*.yaml")):
        text = "\n".join(_filled(file.read_text("utf-8")))
        (folder / file.name).write_text(text + "\n", "utf-8")
    return Library.load([folder])


def _filled(text: str) -> Iterator[str]:
    name, in_values = "", False
    for line in text.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            in_values = line == "参数:"
            if line == "示例:":
                # Its own say what comes of the values that are not known.
                yield "示例: [{名称: 不知道, 日期: 2026-08-01, 给定: {}, 期望: {结果: 缺数据}}]"
                return
        found = _NAME.match(line)
        name = found[1] if found else name
        if in_values and name in MADE_UP:
            yield _UNKNOWN.sub(rf"\g<1>值: {MADE_UP[name]}, 状态: 待核定", line)
        else:
            yield line
