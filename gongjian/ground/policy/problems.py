"""What can be wrong with a pack (政策包的问题), in words that name file, line, entry and field."""

from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

#: one sentence for each kind of problem; %(value)s is what was written, %(allowed)s what may be written
MESSAGES = {
    # the writing of a file
    "no_folder": gettext_noop("找不到政策包文件夹“%(value)s”。"),
    "unknown_file": gettext_noop("政策包里没有叫这个名字的文件，可用的有：%(allowed)s。"),
    "encoding": gettext_noop("文件不是 UTF-8 编码，请另存为 UTF-8。"),
    "syntax": gettext_noop("YAML 写法有误：%(value)s。"),
    "alias": gettext_noop("不要使用引用“*%(value)s”，请把内容写全。"),
    "tag": gettext_noop("不要使用标记“%(value)s”，这里只写文字、清单和键值。"),
    "key": gettext_noop("字段名必须是一个词。"),
    "top": gettext_noop("文件最外层要写成“字段: 内容”的形式。"),
    "double_key": gettext_noop("字段写了两次，第一次在第 %(value)s 行。"),
    "double_entry": gettext_noop("同一个编号写了两次，第一次在第 %(value)s 行。"),
    "remove_unknown": gettext_noop("要删除的条目在上级政策包里并不存在。"),
    "extends": gettext_noop("找不到要继承的政策包“%(value)s”。"),
    "extends_loop": gettext_noop("政策包“%(value)s”绕了一圈又继承了自己。"),
    "folder_id": gettext_noop("编号“%(value)s”与文件夹名“%(allowed)s”不一致。"),
    # one field
    "missing": gettext_noop("必须填写。"),
    "extra_forbidden": gettext_noop("没有这个字段，可用的字段有：%(allowed)s。"),
    "literal_error": gettext_noop("不能写“%(value)s”，只能写：%(allowed)s。"),
    "list": gettext_noop("要写成清单，每项一行，以“- ”开头。"),
    "mapping": gettext_noop("要写成“字段: 内容”的形式。"),
    "text": gettext_noop("要写一段文字。"),
    "empty": gettext_noop("不能为空。"),
    "integer": gettext_noop("“%(value)s”不是整数。"),
    "too_small": gettext_noop("“%(value)s”太小，不能小于 %(allowed)s。"),
    "too_large": gettext_noop("“%(value)s”太大，不能大于 %(allowed)s。"),
    "number": gettext_noop("“%(value)s”不是数。"),
    "boolean": gettext_noop("“%(value)s”不是是非，只能写：true、false。"),
    "date": gettext_noop("“%(value)s”不是日期，请写成 2026-01-31 这样。"),
    "hour": gettext_noop("“%(value)s”不是时刻，请写成 15:00 这样，要加引号。"),
    "weekday": gettext_noop("“%(value)s”不是星期，只能写 1（周一）到 7（周日）。"),
    "identifier": gettext_noop("“%(value)s”不能作编号：只用小写英文字母、数字和下划线，以字母开头。"),
    "fact_kind": gettext_noop("“%(value)s”不像事实种类，请写成“名词.动词”，如 activity.attended。"),
    "permission": gettext_noop("“%(value)s”不像权限代码，请写成“房间.动作”或“房间.*”。"),
    "version": gettext_noop("“%(value)s”不能作版本号，请用数字和点，如 2026.1。"),
    "not_fitting": gettext_noop("“%(value)s”不合要求：%(allowed)s。"),
    # entries among themselves
    "unknown_ref": gettext_noop("“%(value)s”没有登记，可用的有：%(allowed)s。"),
    "unknown_fact": gettext_noop("系统里没有叫“%(value)s”的事实种类。"),
    "unknown_permission": gettext_noop("系统里没有叫“%(value)s”的权限。"),
    "dates": gettext_noop("停用日期 %(value)s 早于启用日期 %(allowed)s。"),
    "bounds": gettext_noop("下限 %(value)s 大于上限 %(allowed)s。"),
    "zero_points": gettext_noop("分值不能是 0。"),
    "class_full": gettext_noop("这一类党员的满分 %(value)s 超过维度满分 %(allowed)s。"),
    "cap_sign": gettext_noop("扣分规则不设上限，请去掉 at_most。"),
    "cap_small": gettext_noop("上限 %(value)s 分小于一次的分值 %(allowed)s 分。"),
    "frame": gettext_noop("各维度满分合计 %(value)s 分，超过总分上限 %(allowed)s 分。"),
    "bands": gettext_noop("最低一档必须从 %(allowed)s 分起，现在从 %(value)s 分起。"),
    "step_number": gettext_noop("步骤要按 1、2、3 连续编号，这里应为 %(allowed)s，写的是 %(value)s。"),
    "step_names": gettext_noop("“%(allowed)s”里写的“%(value)s”没有登记，或者不在它前面。"),
    "condition_lacks": gettext_noop("条件“%(value)s”缺少：%(allowed)s。"),
    "list_kinds": gettext_noop("面向组织的清单要写 org_kinds，面向小区或服务中心的不写（现在面向 %(value)s）。"),
    "list_item_twice": gettext_noop("清单里已有编号“%(value)s”的条目。"),
    "list_evidence": gettext_noop("条目“%(value)s”要么从记录核（records），要么人工评（levels），只写一种。"),
    "list_levels": gettext_noop("评分档不能重分，最高一档应等于条目分值 %(allowed)s，现在是 %(value)s。"),
    "list_check": gettext_noop("“%(value)s”只能用于小区和服务中心的清单。"),
    "figure_value": gettext_noop("必须填写公布值（value），或区间（range）的下限和上限。"),
    "nothing_bound": gettext_noop("至少要写下限（at_least）、上限（at_most）或单数（odd）。"),
    "example_points": gettext_noop("算例不符：应得 %(allowed)s，实得 %(value)s。"),
    "example_assessment": gettext_noop("算例不符：应为 %(allowed)s，实为 %(value)s。"),
    "example_standing": gettext_noop("算例不符：应为“%(allowed)s”，实为“%(value)s”。"),
}


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong (一处问题). `kind` is a key of MESSAGES; `line` counts from 1; `field` may be dotted."""

    kind: str
    file: str
    line: int
    entry: str = ""
    field: str = ""
    value: str = ""
    allowed: str = ""

    @property
    def message(self) -> str:
        """What is wrong, without the place."""
        return gettext(MESSAGES[self.kind]) % {"value": self.value, "allowed": self.allowed}

    def __str__(self) -> str:
        """Place and message: 「points.yaml 第 12 行，条目 theme_day，字段 points：“两”不是整数。」"""
        place = gettext("%(file)s 第 %(line)s 行") % {"file": self.file, "line": self.line}
        if self.entry:
            place += gettext("，条目 %(entry)s") % {"entry": self.entry}
        if self.field:
            place += gettext("，字段 %(field)s") % {"field": self.field}
        return gettext("%(place)s：%(message)s") % {"place": place, "message": self.message}


class PackProblems(Exception):
    """A pack cannot be used (政策包不可用): carries every problem, each with its place."""

    def __init__(self, problems: list[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))
