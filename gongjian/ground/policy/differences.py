"""What changed from one pack to another (版本差异), in words."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gongjian.ground.policy.folders import FILES
from gongjian.ground.policy.schema import Pack

#: where a difference stands → what a reader calls it; the longest beginning of the path counts
PLACES = {
    ("levels",): gettext_noop("层级"),
    ("org_kinds",): gettext_noop("组织种类"),
    ("posts",): gettext_noop("职务"),
    ("roles",): gettext_noop("角色"),
    ("activity_kinds",): gettext_noop("活动种类"),
    ("duties",): gettext_noop("规定动作"),
    ("transfers",): gettext_noop("组织关系"),
    ("figures",): gettext_noop("指标"),
    ("points", "frame"): gettext_noop("积分总则"),
    ("points", "dimensions"): gettext_noop("积分维度"),
    ("points", "bands"): gettext_noop("积分档次"),
    ("points", "classes"): gettext_noop("党员类别"),
    ("points", "verdicts"): gettext_noop("年度评定"),
    ("points", "ranks"): gettext_noop("积分排名"),
    ("points", "rules"): gettext_noop("积分规则"),
    ("calendar", "days"): gettext_noop("日历"),
    ("calendar",): gettext_noop("日历"),
    ("meetings", "kinds"): gettext_noop("会议要素"),
    ("meetings",): gettext_noop("会议规则"),
    ("feeds",): gettext_noop("日历订阅"),
    ("notices", "kinds"): gettext_noop("消息种类"),
    ("notices",): gettext_noop("消息渠道"),
    ("burden", "budgets"): gettext_noop("负担预算"),
    ("burden", "deeds"): gettext_noop("一件事的负担"),
    ("burden",): gettext_noop("负担"),
    ("statistics", "ages"): gettext_noop("统计年龄段"),
    ("statistics", "standing"): gettext_noop("统计党龄段"),
    ("statistics", "education"): gettext_noop("统计学历"),
    ("statistics",): gettext_noop("年度统计"),
    ("trials",): gettext_noop("政策试算"),
    ("voting", "rules"): gettext_noop("表决规则"),
    ("voting", "circumstances"): gettext_noop("不计入应到情形"),
    ("files", "kinds"): gettext_noop("文件类型"),
    ("files",): gettext_noop("文件"),
    ("assessments", "lists"): gettext_noop("标准清单"),
    ("assessments",): gettext_noop("标准化考评"),
    ("reviews", "grades"): gettext_noop("评议等次"),
    ("reviews",): gettext_noop("民主评议"),
    ("talks", "anniversary"): gettext_noop("政治生日"),
    ("talks",): gettext_noop("谈心谈话"),
    ("elections",): gettext_noop("换届选举规则"),
    ("orders", "kinds"): gettext_noop("点单种类"),
    ("orders", "limits"): gettext_noop("点单时限"),
    ("orders",): gettext_noop("点单规则"),
    ("words",): gettext_noop("用语"),
    ("settings",): gettext_noop("设置"),
    ("examples", "points"): gettext_noop("积分算例"),
    ("examples", "standings"): gettext_noop("达标算例"),
    ("examples", "assessments"): gettext_noop("考评算例"),
    ("id",): gettext_noop("编号"),
    ("title",): gettext_noop("名称"),
    ("version",): gettext_noop("版本"),
    ("effective_from",): gettext_noop("生效日期"),
    ("extends",): gettext_noop("继承"),
    ("about",): gettext_noop("说明"),
}


def diff(old: Pack | dict, new: Pack | dict) -> list[str]:
    """One sentence for each difference, in the order of the files. Packs, or their stored content."""
    before, after = _plain(old), _plain(new)
    lines: list[str] = []
    for sections in FILES.values():
        for section in sections:
            _compare((section,), before.get(section), after.get(section), lines)
    return lines


def _plain(pack):
    return pack.model_dump(mode="json", by_alias=True, exclude_defaults=True) if isinstance(pack, Pack) else pack


def _place(path: tuple) -> str:
    """「积分规则 attend_theme_day points」"""
    for length in (2, 1):
        name = PLACES.get(path[:length])
        if name is not None:
            return " ".join((_(name), *path[length:]))
    return " ".join(path)


def _entries(value) -> dict | None:
    """A list of entries by id or date; None for any other value."""
    if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
        return None
    keys = [entry.get("id") or entry.get("date") for entry in value]
    return dict(zip(keys, value, strict=True)) if all(keys) else None


def _compare(path: tuple, before, after, lines: list[str]) -> None:
    if before == after:
        return
    left, right = _entries(before), _entries(after)
    if isinstance(before, dict) and isinstance(after, dict):
        left, right = before, after
    elif left is None and right is None:
        if before in (None, "", [], {}):
            lines.append(_("%(place)s：新增 %(new)s") % {"place": _place(path), "new": _show(after)})
        elif after in (None, "", [], {}):
            lines.append(_("%(place)s：删去 %(old)s") % {"place": _place(path), "old": _show(before)})
        else:
            lines.append(
                _("%(place)s：由 %(old)s 改为 %(new)s")
                % {"place": _place(path), "old": _show(before), "new": _show(after)}
            )
        return
    left, right = left or {}, right or {}
    for key in [*left, *(k for k in right if k not in left)]:
        if key in left and key in right:
            _compare((*path, key), left[key], right[key], lines)
        elif key in right:
            lines.append(_("%(place)s：新增 %(new)s") % {"place": _place((*path, key)), "new": _show(right[key])})
        else:
            lines.append(_("%(place)s：删去 %(old)s") % {"place": _place((*path, key)), "old": _show(left[key])})


def _show(value) -> str:
    if isinstance(value, dict):
        name = value.get("title") or value.get("label") or value.get("text")
        return f"“{name}”" if name else "、".join(f"{key}={_show(child)}" for key, child in value.items())
    if isinstance(value, list):
        return "、".join(_show(child) for child in value) or _("（空）")
    return f"“{value}”"
