"""Small policies for tests, made from one text with changes."""

from longmai.rules.policy.model import Policy
from longmai.rules.policy.reading import read_policy

HOUSEHOLD = """\
标题: 困难家庭补助
英文: Aid to poor households
编号: livelihood.aid
版本: "2026"
领域: livelihood
对象: 家庭
发文机关: 某县民政局
状态: 示例
地区: "99"
施行: 2026-01-01
来源:
  办法: {名称: 补助办法, 可信度: 未核}
条文:
  第二条: 人均收入低于标准的家庭，有残疾成员或者经评议确有困难的，给予补助。
  第三条: 有商品房的不予补助。
数据:
  商品房: {类型: 是否, 部门: 住建, 英文: flat bought}
成员:
  年龄: {类型: 数, 单位: 岁, 部门: 公安}
  月收入: {类型: 数, 单位: 元, 部门: 人社}
  残疾等级: {类型: 文本, 部门: 残联, 可选: [无, 一级, 二级]}
参数:
  标准:
    单位: 元/月
    条: 第二条
    值:
      - {自: 2026-01-01, 至: 2026-06-30, 值: 500, 来源: 办法}
      - {自: 2026-07-01, 值: 600, 来源: 办法}
      - {自: 2026-01-01, 地区: "9901", 值: 550, 来源: 办法}
计算:
  人均收入: {算式: sum(成员.月收入) / 户人数, 单位: 元/月, 英文: income a head}
条件:
  - {名称: 收入低, 条: 第二条, 判断: 人均收入 < 标准, 英文: low income}
  - 名称: 有困难
    条: 第二条
    任一:
      - {名称: 有残疾成员, 判断: 'count(成员[残疾等级 in ("一级", "二级")]) > 0'}
      - {名称: 经评议, 人工: 村里的评议记录}
排除:
  - {名称: 有商品房, 条: 第三条, 判断: 商品房}
金额:
  算式: (标准 - 人均收入) * 户人数
  单位: 元/月
  条: 第二条
示例:
  - 名称: 二人户
    日期: 2026-03-01
    地区: "9902"
    给定:
      商品房: 否
      成员: [{年龄: 40, 月收入: 301, 残疾等级: 无}, {年龄: 8, 月收入: 0, 残疾等级: 二级}]
    期望: {结果: 符合, 金额: 699}
"""


def household(*changes: tuple[str, str]) -> Policy:
    """Return the policy of aid to poor households, with some texts replaced."""
    text = HOUSEHOLD
    for old, new in changes:
        if old not in text:
            raise ValueError(f"the policy has no {old!r}")
        text = text.replace(old, new, 1)
    return read_policy(text, "aid.yaml")
