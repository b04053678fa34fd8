"""The charter's rules of distribution: a policy file with the numbers of one charter in it.

The file is an ordinary policy: the rules engine reads, checks and runs it. A village that has no
text of its own fills in the numbers of the model, which has none: there is no default.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml

from longmai.allocate.sharing import AT_LEAST, ON_TOP
from longmai.kernel.errors import Invalid, InvalidMany
from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import read_policy

MODEL = "assets.distribution"
LABOUR, FLOORS, LOSSES = "劳动报酬", "保底合计", "未弥补亏损"
COMPUTED = (LABOUR, FLOORS)
"""Data of the policy that follow from lists of the plan."""
AVAILABLE, FUND, KEPT, COVERED, BARRED, EARNED = (
    "可分配", "公积公益金", "结转下年", "弥补亏损", "不得分配合计", "当年收益",
)  # fmt: skip
STEPS = (AVAILABLE, FUND, KEPT, COVERED, BARRED, EARNED)
MODE = "保底方式"
MODES = {"不低于": AT_LEAST, "另加": ON_TOP}


def read_charter(text: str, file: str = "") -> Policy:
    """Read a charter.

    Raises:
        InvalidMany: what is wrong with it as a policy, or what a distribution needs and it lacks.
    """
    policy = read_policy(text, file)
    wanted = [name for name in STEPS if name not in policy.steps]
    wanted += [name for name in (LABOUR, FLOORS, LOSSES) if name not in policy.inputs]
    wanted += [name for name in (MODE,) if name not in policy.parameters]
    others = [
        each.name for each in policy.inputs.values() if each.type != "number" or each.unit != "元"
    ]
    findings = [
        Invalid("the charter lacks this", code="assets.charter.lacks", place=name,
                mend="take the model and change its numbers")
        for name in wanted
    ] + [
        Invalid("data of a charter are amounts in yuan", code="assets.charter.datum", place=name)
        for name in others
    ]  # fmt: skip
    if policy.members or findings:
        raise InvalidMany("this is no charter for a distribution", findings, code="assets.charter")
    return policy


def charter_text(
    model: str, organisation: str, numbers: Mapping[str, str], since: date, article: str
) -> str:
    """Return the model with the numbers of a charter.

    Args:
        model: text of the model.
        organisation: its full name, as who issues it.
        numbers: by the names of the model's parameters; all of them.
        since: from when the charter holds.
        article: of the charter that says so.

    Raises:
        Invalid: a number is missing.
    """
    told: dict[str, Any] = yaml.safe_load(model)
    for name, parameter in told["参数"].items():
        text = numbers.get(name, "").strip()
        if not text:
            raise Invalid("the charter says this", code="assets.charter.number", place=name)
        value: Any = text if parameter.get("类型") == "文本" else _number(text, name)
        parameter["值"] = [{"自": since, "值": value, "来源": "章程", "说明": article}]
    told |= {"发文机关": organisation, "状态": "现行", "施行": since, "版本": since.isoformat()}
    told["标题"], told["来源"]["章程"] = f"{organisation}收益分配办法", {
        "名称": f"{organisation}章程", "可信度": "已核对原文", "说明": article,
    }  # fmt: skip
    told.pop("英文", None)
    for each in told["示例"]:
        each["日期"] = max(each["日期"], since)
    return yaml.dump(told, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=1000)


class _Plain(yaml.SafeDumper):
    """Writes everything out: policy files have no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _number(text: str, name: str) -> int | float:
    try:
        value = float(text)
    except ValueError:
        raise Invalid(
            "this is no number", code="assets.charter.value", place=name, value=text
        ) from None
    return int(value) if value.is_integer() else value
