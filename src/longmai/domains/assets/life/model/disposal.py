"""Words of disposal: ways, causes, and where the proceeds go.

Source: one area's plan of disposal (its name is to be confirmed); the rules are the policy
``assets.disposal``.
"""

from collections.abc import Mapping

WAYS: Mapping[str, str] = {
    "auction": "拍卖",
    "sale": "转让",
    "conversion": "转产",
    "stop": "报停",
    "loss": "报损",
    "scrap": "报废",
}
CAUSES: Mapping[str, str] = {
    "disaster": "灾害",
    "demolition": "规划拆除",
    "expiry": "到期",
    "low_benefit": "低效",
    "equity_end": "股权期满",
    "replacement": "更新替代",
    "other": "其他",
}
PROCEEDS: Mapping[str, str] = {
    "collective": "归集体",
    "individuals": "分到个人",
    "dividend": "当年分红",
    "none": "无收益",
}
STAYS = ("conversion", "stop")
"""Ways after which the asset is still there, and in the ledger."""
