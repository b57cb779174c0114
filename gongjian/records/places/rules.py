"""规则: how a grid or estate gets its Party organisation, and how its code is made; pure functions.

三种方式 (单独建、联合建、社区兜底建) follow 支部工作条例: 正式党员3人以上单独成立; 不足的联合成立, 一般不超过5个单位; 其余由社区
党组织兜底. The numbers are those of the pack's size rules for `branch` and `joint_branch`.
"""

from typing import Any

from gongjian.records.orgs.rules import Finding, Size, size_findings


def setup_findings(pack: Any, setup: str, *, formal_members: int | None, units: int | None) -> list[Finding]:
    """What speaks against covering a place in one of the three ways; None where a number is not known."""
    if setup == "alone":
        found = size_findings(pack, Size(kind="branch", formal_members=formal_members))
        return [finding for finding in found if finding.rule == "branch_formal"]
    if setup == "joint":
        found = size_findings(pack, Size(kind="joint_branch", covered_units=units))
        return [finding for finding in found if finding.rule == "joint_branch_units"]
    return []


def advised_setup(pack: Any, *, formal_members: int, units: int) -> str:
    """The way that the rules point to: alone if the members suffice, else joint if there are members, else assigned."""
    if not setup_findings(pack, "alone", formal_members=formal_members, units=units):
        return "alone"
    joint = formal_members > 0 and not setup_findings(pack, "joint", formal_members=formal_members, units=units)
    return "joint" if joint else "assigned"


def code_problem(kind: str, code: str, division: str) -> str:
    """What is wrong with a place's code, in words; "" if nothing is.

    网格: 统计用区划代码 12 位 + 网格顺序号 3 位 = 15 位; 小区、楼栋 carry a letter before their own number.
    """
    if kind == "grid" and not (code.isascii() and code.isdigit() and len(code) == 15):
        return "网格编码应为 15 位数字：社区区划代码 12 位加网格顺序号 3 位。"
    if kind == "grid" and division and not code.startswith(division):
        return f"网格编码应以所属社区的区划代码 {division} 开头。"
    if kind == "grid" and code.endswith("000"):
        return "网格顺序号从 001 起。"
    return "" if code and len(code) <= 32 else "请填写编码，不超过 32 位。"


def next_code(kind: str, stem: str, taken: set[str]) -> str:
    """The first free code after a stem (the community's division code, or the code of the grid or estate above)."""
    mark = {"grid": "", "estate": "E", "building": "B", "centre": "C"}[kind]
    number = 1
    while f"{stem}{mark}{number:03d}" in taken:
        number += 1
    return f"{stem}{mark}{number:03d}"


def share(covered: int, total: int) -> int | None:
    """Per cent covered, rounded down so that 100 means all; None where there is nothing to cover."""
    return covered * 100 // total if total else None
