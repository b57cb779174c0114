"""What changed from one pack to another (版本差异), in words."""

from django.utils.translation import gettext as _

from gongjian.ground.policy.folders import FILES
from gongjian.ground.policy.schema import Pack

#: section → what a reader calls one of its entries
NAMES = {
    "levels": "层级",
    "org_kinds": "组织种类",
    "posts": "职务",
    "roles": "角色",
    "activity_kinds": "活动种类",
    "duties": "规定动作",
    "figures": "指标",
    "dimensions": "积分维度",
    "bands": "积分档次",
    "rules": "积分规则",
    "days": "日历",
    "size_rules": "规模规则",
    "words": "用语",
    "settings": "设置",
    "frame": "积分总则",
    "ranks": "排名",
    "calendar": "日历",
    "examples": "算例",
    "points": "积分",
    "standings": "达标",
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
    """「积分规则 attend_theme_day 的 points」"""
    words = []
    for step in path:
        word = NAMES.get(step)
        if word is not None:
            words = [*words[:-1], word] if words and words[-1] in ("积分", "日历", "算例") else [*words, word]
        else:
            words.append(str(step))
    return " ".join(words)


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
        return "、".join(_show(child) for child in value) or "（空）"
    return f"“{value}”"
