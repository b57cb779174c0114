"""The sheets of people and appointments: the sixteen items of the national collection of 2017, and what goes with them."""

from gongjian.ground.sheets import Choice, Column, Sheet
from gongjian.records.people import codes
from gongjian.records.people.models import Membership, Relation


def _choices(table: dict[str, str], aliases: dict[str, tuple[str, ...]] | None = None) -> tuple[Choice, ...]:
    known = aliases or {}
    return tuple(Choice(code, label, (code, *known.get(code, ()))) for code, label in table.items())


_ETHNIC_ALIASES = {code: (name.removesuffix("族"),) for code, name in codes.ETHNIC.items() if name.endswith("族")}

PEOPLE_SHEET = Sheet(
    id="people",
    title="人员",
    key="identity",
    intro="一行一人，按身份证号比对：新的登记，已有的只写有变化的内容；空格子不改原有内容。组织关系变动请用“转接”办理。",
    columns=(
        Column("name", "姓名", required=True, kind="name", max_length=60),
        Column("identity", "身份证号", "18 位，核对校验位", required=True, kind="identity", unique=True),
        Column("sex", "性别", "不填则按身份证号", kind="choice", choices=_choices(codes.SEX)),
        Column("birth_date", "出生日期", "不填则按身份证号", kind="date"),
        Column("ethnic", "民族", kind="choice", choices=_choices(codes.ETHNIC, _ETHNIC_ALIASES), example="汉族"),
        Column("education", "学历", kind="choice", choices=_choices(codes.EDUCATION, codes.EDUCATION_ALIASES)),
        Column("degree", "学位", kind="choice", choices=_choices(codes.DEGREE)),
        Column("kind", "人员类别", "党员填写", kind="choice", choices=tuple(
            Choice(code, label, (label.removesuffix("党员"),)) for code, label in Membership.KINDS)),
        Column("relation", "其他关系", "不是党员的填写", kind="choice", choices=tuple(
            Choice(code, label) for code, label in Relation.BY_HAND)),
        Column("org_code", "所在组织代码", "党员填所在党支部，其他人填社区等", required=True, kind="code", aliases=("所在党支部代码",)),
        Column("group_code", "党小组代码", kind="code"),
        Column("joined_on", "入党日期", "党员填写", kind="date"),
        Column("formal_on", "转正日期", "正式党员填写", kind="date"),
        Column("state", "党籍状态", kind="choice", choices=tuple(Choice(code, label) for code, label in Membership.STATES)),
        Column("mobile", "是否流动党员", kind="bool"),
        Column("mobile_to", "外出地点", "流动党员填写省、市、县", max_length=60),
        Column("lost_since", "失去联系日期", kind="date"),
        Column("phone", "联系电话", "手机，或带区号的固定电话", kind="phone"),
        Column("address", "家庭住址", "到门牌号", max_length=200),
        Column("work_unit", "工作单位", max_length=200),
        Column("occupation", "工作岗位", max_length=40),
    ),
)  # fmt: skip

APPOINTMENTS_SHEET = Sheet(
    id="appointments",
    title="任职",
    key=("identity", "org_code", "post"),
    intro="一行一项任职；人员和组织须已登记。填了“免职日期”的，登记为已结束的任职。",
    columns=(
        Column("name", "姓名", "与登记的一致", required=True, kind="name", max_length=60),
        Column("identity", "身份证号", required=True, kind="identity"),
        Column("org_code", "组织代码", required=True, kind="code"),
        Column("post", "职务", "如书记、副书记、组织委员、兼职委员", required=True, max_length=40, example="书记"),
        Column("starts_on", "任职日期", required=True, kind="date"),
        Column("ends_on", "免职日期", kind="date"),
        Column("part_time", "是否兼职", kind="bool"),
        Column("sending_unit", "派出单位", max_length=200),
    ),
)

FULL = Sheet(
    id="people-full",
    title="人员完整信息",
    columns=(
        Column("name", "姓名"), Column("sex", "性别"), Column("ethnic", "民族"), Column("identity", "身份证号", kind="code"),
        Column("birth_date", "出生日期", kind="date"), Column("education", "学历"), Column("kind", "人员类别"),
        Column("org", "所在组织"), Column("joined_on", "入党日期", kind="date"), Column("formal_on", "转正日期", kind="date"),
        Column("phone", "联系电话", kind="code"), Column("address", "家庭住址"), Column("work_unit", "工作单位"),
    ),
)  # fmt: skip
