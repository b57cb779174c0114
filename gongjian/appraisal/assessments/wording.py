"""Words and looks: bands, states, what a check asks and found, the deeds that are offered."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.appraisal.assessments.models import Assessment
from gongjian.appraisal.assessments.permissions import Abilities
from gongjian.appraisal.assessments.rules import Found
from gongjian.ground import policy
from gongjian.ground.policy.assessments_schema import ListItem, RecordsCheck, StandardList
from gongjian.ground.policy.schema import Pack
from gongjian.ground.ui.looks import Look
from gongjian.records.facts import words

ICONS = {"good": "circle-check", "warn": "alert-triangle", "bad": "circle-x"}
STATES = {
    "self": Look("info", "edit", gettext_lazy("自评")),
    "visiting": Look("info", "map-pin", gettext_lazy("走访核查")),
    "assessed": Look("info", "scale", gettext_lazy("已评定")),
    "told": Look("warn", "bell", gettext_lazy("已告知")),
    "objected": Look("warn", "message-report", gettext_lazy("有异议")),
    "final": Look("good", "circle-check", gettext_lazy("已生效")),
    "lapsed": Look("quiet", "history", gettext_lazy("已失效")),
    "cancelled": Look("quiet", "ban", gettext_lazy("已取消")),
}
LAPSED = {
    "replaced": gettext_lazy("由新结果代替"), "overdue": gettext_lazy("到期没有复查"), "revoked": gettext_lazy("撤销"),
    "gone": gettext_lazy("组织或者小区已撤销"),
}  # fmt: skip


def bands(entry: StandardList) -> dict[str, Look]:
    """How each band of a list looks."""
    return {band.id: Look(band.tone, ICONS[band.tone], band.title) for band in entry.bands}


def dimension_of(entry: StandardList, item: ListItem) -> str:
    """The dimension in which an item stands."""
    return next(part.id for part in entry.dimensions if item.id in part.items)


def check(asked: RecordsCheck | None, pack: Pack) -> str:
    """What a check asks, in one sentence; "" for an item by hand."""
    if asked is None:
        return ""
    if asked.check == "facts":
        kinds = [pack.activity_kinds[k].title for k in asked.where.get("activity_kind", ()) if k in pack.activity_kinds]
        what = words.kind_title(asked.fact or "") + (f"（{'、'.join(kinds)}）" if kinds else "")
        return _("最近 %(months)d 个月“%(what)s”至少 %(times)d 次") % {
            "months": asked.months, "what": what, "times": asked.times,
        }  # fmt: skip
    if asked.check == "duty":
        duty = pack.duties.get(asked.duty or "")
        return _("最近 %(months)d 个月“%(duty)s”没有补上的缺项不超过 %(n)d 次") % {
            "months": asked.months, "duty": duty.short if duty else asked.duty, "n": asked.allowed,
        }  # fmt: skip
    if asked.check == "members":
        who = _("正式党员") if asked.measure == "formal_members" else _("党员")
        if asked.at_most is None:
            return _("%(who)s不少于 %(n)d 人") % {"who": who, "n": asked.at_least}
        if asked.at_least is None:
            return _("%(who)s不超过 %(n)d 人") % {"who": who, "n": asked.at_most}
        return _("%(who)s %(low)d 至 %(high)d 人") % {"who": who, "low": asked.at_least, "high": asked.at_most}
    if asked.check == "posts":
        titles = "、".join(pack.posts[post].title for post in asked.posts if post in pack.posts)
        return _("有人担任：%(posts)s（其中一个即可）") % {"posts": titles}
    if asked.check == "area":
        least = _("面积不少于 %(n)d 平方米") % {"n": asked.at_least}
        if not asked.per_100_households:
            return least
        return least + _("，并且每百户 %(n)d 平方米") % {"n": asked.per_100_households}
    return {
        "committee": _("该设委员会的设了委员会"), "term": _("任期没有超期"), "covered": _("有现有的党组织覆盖"),
    }[asked.check]  # fmt: skip


def found(asked: RecordsCheck | None, got: Found | None) -> str:
    """What was found, in one sentence."""
    if asked is None or got is None:
        return ""
    if got.met is None:
        return _("不适用")
    if asked.check == "facts":
        return _("记录里有 %(value)s 次") % {"value": got.value}
    if asked.check == "duty":
        return _("缺 %(value)s 次") % {"value": got.value}
    if asked.check == "members":
        return _("现有 %(value)s 人") % {"value": got.value}
    if asked.check == "term":
        return _("任期到 %(value)s") % {"value": got.value}
    if asked.check == "area":
        return _("登记 %(value)s 平方米，应有 %(needed)s 平方米") % {"value": got.value, "needed": got.needed}
    return _("有") if got.met else _("没有")


def deeds(can: Abilities) -> list[dict[str, Any]]:
    """The deeds that ask for a reason, as they are offered below the page."""
    offered = (
        ("return_self", can.return_self, _("退回自评"), _("请对方重新自评。"), "arrow-back-up"),
        ("reopen", can.reopen, _("重新核查"), _("回到走访核查，再评定一次。"), "rotate"),
        ("revoke", can.revoke, _("撤销结果"), _("结果随即失效，被考评的组织会收到原因。"), "ban"),
        ("cancel", can.cancel, _("取消考评"), _("不再进行，已有的评分留着备查。"), "x"),
    )
    return [
        {"deed": deed, "title": title, "hint": hint, "icon": icon} for deed, may, title, hint, icon in offered if may
    ]


def particulars(found: Assessment, people: Mapping[int, str]) -> list[tuple[str, Any]]:
    """Names and dates of an assessment for its card."""
    rows = [
        (_("党组织"), found.org.name if found.place_id else ""),
        (_("开始"), f"{found.opened_on} {people.get(found.opened_by or 0, '')}"),
        (_("自评"), f"{found.self_at:%Y-%m-%d} {people.get(found.self_by or 0, '')}" if found.self_at else ""),
        (_("评定"), f"{found.assessed_at:%Y-%m-%d} {people.get(found.assessed_by or 0, '')}" if found.assessed_at else ""),
        (_("异议截止"), found.object_until), (_("复查日"), found.recheck_on), (_("失效日"), found.lapses_on),
        (_("怎样失效"), str(LAPSED.get(found.lapse_how, ""))), (_("原因"), found.reason),
        (_("政策包"), policy.on(found.opened_on).version),
    ]  # fmt: skip
    return [(name, value) for name, value in rows if value]


def form_parts(entry: StandardList, form: Any, own: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """A score form by dimension: each item with its two fields, or what the system reads by itself."""
    pack = policy.current()
    return [
        {
            "dimension": dimension,
            "items": [
                {
                    "item": item, "how": check(item.records, pack), "own": (own or {}).get(item.id),
                    "points": form[f"p_{item.id}"] if item.levels else None,
                    "note": form[f"n_{item.id}"] if item.levels else None,
                    "levels": [(str(level.points), level) for level in item.levels],
                    "chosen": str(form[f"p_{item.id}"].value() or "") if item.levels else "",
                }
                for item in dimension.items
            ],
        }
        for dimension in entry.dimensions
    ]  # fmt: skip
