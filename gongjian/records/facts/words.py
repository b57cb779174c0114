"""事实的说法: a fact's columns and data in the reader's words."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.ground import policy
from gongjian.ground.kernel import clock, registry
from gongjian.records.facts import names
from gongjian.records.facts.models import Fact

KEYS = {
    "on": gettext_lazy("日期"),
    "name": gettext_lazy("名称"),
    "org_kind": gettext_lazy("类型"),
    "kind": gettext_lazy("类别"),
    "parent": gettext_lazy("隶属"),
    "territory": gettext_lazy("属地"),
    "before": gettext_lazy("原为"),
    "after": gettext_lazy("改为"),
    "reason": gettext_lazy("原因"),
    "into": gettext_lazy("并入"),
    "of": gettext_lazy("原组织"),
    "new": gettext_lazy("新组织"),
    "from": gettext_lazy("从"),
    "to": gettext_lazy("到"),
    "years": gettext_lazy("任期（年）"),
    "fields": gettext_lazy("涉及"),
    "field": gettext_lazy("项目"),
    "purpose": gettext_lazy("用途"),
    "post": gettext_lazy("职务"),
    "part_time": gettext_lazy("兼职"),
    "sending_unit": gettext_lazy("派出单位"),
    "joined_on": gettext_lazy("入党日期"),
    "role": gettext_lazy("角色"),
    "line": gettext_lazy("沿"),
    "until": gettext_lazy("止"),
    "username": gettext_lazy("登录名"),
    "scopes": gettext_lazy("范围"),
    "code": gettext_lazy("编码"),
    "setup": gettext_lazy("组建方式"),
    "organisation": gettext_lazy("党组织"),
    "activity_kind": gettext_lazy("活动种类"),
    "method": gettext_lazy("签到方式"),
    "counts_for": gettext_lazy("计入"),
    "present": gettext_lazy("实到"),
    "expected": gettext_lazy("应到"),
    "duty": gettext_lazy("规定动作"),
    "period": gettext_lazy("周期"),
    "batch": gettext_lazy("导入批次"),
    "members": gettext_lazy("党员人数"),
    "children": gettext_lazy("下级组织数"),
    "units": gettext_lazy("覆盖单位"),
    "note": gettext_lazy("说明"),
    "state": gettext_lazy("状态"),
    "mobile": gettext_lazy("流动党员"),
    "mobile_to": gettext_lazy("外出地点"),
    "lost_since": gettext_lazy("失去联系"),
    "request": gettext_lazy("申请"),
    "accepted": gettext_lazy("采纳"),
    "learning_minutes": gettext_lazy("学习分钟"),
    "rows": gettext_lazy("行数"),
    "months": gettext_lazy("月份"),
    "receipt": gettext_lazy("收据号"),
    "timing": gettext_lazy("时间"),
    "use": gettext_lazy("用途"),
    "round": gettext_lazy("轮次"),
    "seats": gettext_lazy("应选人数"),
    "electorate": gettext_lazy("会议"),
    "number": gettext_lazy("人数"),
    "meeting_on": gettext_lazy("大会日期"),
    "winners": gettext_lazy("当选"),
    "tied": gettext_lazy("票数相等"),
    "missing": gettext_lazy("缺额"),
    "agreed": gettext_lazy("同意人数"),
    "valid": gettext_lazy("有效"),
    "end": gettext_lazy("届满"),
    "answer": gettext_lazy("批复"),
    "step": gettext_lazy("环节"),
    "rule": gettext_lazy("规则"),
    "secret": gettext_lazy("无记名"),
    "due": gettext_lazy("应到"),
    "handed_out": gettext_lazy("发出"),
    "collected": gettext_lazy("收回"),
    "invalid": gettext_lazy("无效"),
    "valid_ballots": gettext_lazy("有效票"),
    "abstain": gettext_lazy("弃权"),
    "by_member": gettext_lazy("本人提出"),
    "by_org": gettext_lazy("办理组织"),
    "bytes": gettext_lazy("字节数"),
    "card": gettext_lazy("送贺卡"),
    "category": gettext_lazy("类别"),
    "cause": gettext_lazy("原因"),
    "channel": gettext_lazy("方式"),
    "committee_member": gettext_lazy("委员"),
    "days": gettext_lazy("天数"),
    "decision": gettext_lazy("第几项决定"),
    "decisions": gettext_lazy("决定事项数"),
    "deed": gettext_lazy("依据"),
    "device": gettext_lazy("设备编号"),
    "direction": gettext_lazy("去向"),
    "document": gettext_lazy("证件"),
    "done": gettext_lazy("已完成"),
    "due_on": gettext_lazy("时限"),
    "dues_until": gettext_lazy("党费交至"),
    "ends_on": gettext_lazy("止"),
    "entered_later": gettext_lazy("补录"),
    "expires_on": gettext_lazy("有效期至"),
    "file": gettext_lazy("文件编号"),
    "file_kind": gettext_lazy("文件类型"),
    "first": gettext_lazy("起始行"),
    "form": gettext_lazy("方式"),
    "grade": gettext_lazy("等次"),
    "grades": gettext_lazy("各等次人数"),
    "host": gettext_lazy("流入地组织"),
    "how": gettext_lazy("方式"),
    "in_time": gettext_lazy("按时"),
    "judge": gettext_lazy("裁定组织"),
    "last": gettext_lazy("末行"),
    "late": gettext_lazy("临时改动"),
    "listed": gettext_lazy("公开祝贺"),
    "no": gettext_lazy("反对"),
    "objection": gettext_lazy("异议编号"),
    "old": gettext_lazy("原介绍信"),
    "passed": gettext_lazy("通过"),
    "pattern": gettext_lazy("安排"),
    "reached": gettext_lazy("送达人数"),
    "required": gettext_lazy("应完成"),
    "result": gettext_lazy("结果"),
    "secretary": gettext_lazy("书记"),
    "serial": gettext_lazy("介绍信编号"),
    "since": gettext_lazy("自"),
    "starts_on": gettext_lazy("起"),
    "subject": gettext_lazy("事项"),
    "warnings": gettext_lazy("提醒"),
    "working_days": gettext_lazy("工作日数"),
    "written": gettext_lazy("书面意见"),
    "year": gettext_lazy("年度"),
    "yes": gettext_lazy("赞成"),
    "deputy_secretary": gettext_lazy("副书记"),
    "offline": gettext_lazy("离线"),
    "device_id": gettext_lazy("设备编号"),
    "order_kind": gettext_lazy("种类"),
    "intake": gettext_lazy("受理类别"),
    "stars": gettext_lazy("星级"),
    "solved": gettext_lazy("是否解决"),
    "contact_in_time": gettext_lazy("按时联系"),
    "to_person": gettext_lazy("派给个人"),
    "limit": gettext_lazy("时限"),
    "due_at": gettext_lazy("到期"),
    "minutes": gettext_lazy("分钟"),
    "times": gettext_lazy("次数"),
    "standard": gettext_lazy("标准清单"),
    "item": gettext_lazy("条目"),
    "earned": gettext_lazy("得分"),
    "full": gettext_lazy("适用分值"),
    "percent": gettext_lazy("得分率"),
    "band": gettext_lazy("结论"),
    "object_until": gettext_lazy("异议截止"),
    "recheck_on": gettext_lazy("复查日"),
    "lapses_on": gettext_lazy("失效日"),
    "place": gettext_lazy("小区或服务中心编号"),
}
VALUES = {
    "formal": gettext_lazy("正式党员"),
    "probationary": gettext_lazy("预备党员"),
    "normal": gettext_lazy("正常"),
    "suspended": gettext_lazy("权利暂停"),
    "stopped": gettext_lazy("停止党籍"),
    "resident": gettext_lazy("居民"),
    "volunteer": gettext_lazy("志愿者"),
    "liaison": gettext_lazy("共建联建员"),
    "worker": gettext_lazy("专职工作者"),
    "identity": gettext_lazy("身份证号"),
    "phone": gettext_lazy("电话"),
    "address": gettext_lazy("住址"),
    "sex": gettext_lazy("性别"),
    "ethnic": gettext_lazy("民族"),
    "birth_date": gettext_lazy("出生日期"),
    "education": gettext_lazy("学历"),
    "degree": gettext_lazy("学位"),
    "work_unit": gettext_lazy("工作单位"),
    "occupation": gettext_lazy("工作岗位"),
    "died_on": gettext_lazy("去世日期"),
    "name": gettext_lazy("姓名或名称"),
    "short_name": gettext_lazy("简称"),
    "division_code": gettext_lazy("行政区划代码"),
    "trade": gettext_lazy("行业"),
    "sector": gettext_lazy("领域"),
    "unit_name": gettext_lazy("所在单位"),
    "credit_code": gettext_lazy("统一社会信用代码"),
    "urban": gettext_lazy("城市基层党组织"),
    "term_started_on": gettext_lazy("本届起始"),
    "households": gettext_lazy("户数"),
    "term_years": gettext_lazy("任期"),
    "parent": gettext_lazy("隶属"),
    "territory": gettext_lazy("属地"),
    "alone": gettext_lazy("单独建"),
    "joint": gettext_lazy("联合建"),
    "assigned": gettext_lazy("社区兜底建"),
    "grid": gettext_lazy("网格"),
    "estate": gettext_lazy("小区"),
    "building": gettext_lazy("楼栋"),
    "centre": gettext_lazy("党群服务中心"),
    "area": gettext_lazy("面积（平方米）"),
    "list": gettext_lazy("名单"),
    "import": gettext_lazy("导入"),
    "attendee": gettext_lazy("参加"),
    "chair": gettext_lazy("主持"),
    "lecturer": gettext_lazy("讲课"),
    "True": gettext_lazy("是"),
    "False": gettext_lazy("否"),
    "None": gettext_lazy("无"),
    "": gettext_lazy("无"),
    "group": gettext_lazy("党小组"),
    "membership": gettext_lazy("党员身份"),
    "on_time": gettext_lazy("按时"),
    "late": gettext_lazy("补交"),
    "cash": gettext_lazy("现金"),
    "online": gettext_lazy("网上"),
    "dues": gettext_lazy("党费"),
    "large": gettext_lazy("大额党费"),
    "members": gettext_lazy("党员大会"),
    "committee": gettext_lazy("委员会会议"),
    "first": gettext_lazy("首次投票"),
    "repeat": gettext_lazy("重新投票"),
    "tie": gettext_lazy("票数相等再次投票"),
    "fill": gettext_lazy("另行选举"),
    "term": gettext_lazy("换届选举"),
    "by": gettext_lazy("补选"),
    "committee_member": gettext_lazy("委员"),
    "secretary": gettext_lazy("书记"),
    "deputy_secretary": gettext_lazy("副书记"),
    "return_request": gettext_lazy("请示"),
    "return_candidates": gettext_lazy("候选人"),
    "return_result": gettext_lazy("结果"),
    "branch_assembly": gettext_lazy("支部党员大会表决"),
    "committee_meeting": gettext_lazy("支部委员会表决"),
    "admission": gettext_lazy("接收、转正表决"),
    "election": gettext_lazy("选举"),
    "review": gettext_lazy("民主测评"),
    "come": gettext_lazy("来"),
    "away": gettext_lazy("不来"),
    "remit": gettext_lazy("上缴"),
    "committee_and_members": gettext_lazy("支委和党员"),
    "among_committee": gettext_lazy("支委之间"),
    "among_members": gettext_lazy("党员之间"),
    "hands": gettext_lazy("举手"),
    "work": gettext_lazy("工作原因"),
    "ill": gettext_lazy("身体原因"),
    "family": gettext_lazy("家庭原因"),
    "other": gettext_lazy("其他"),
    "voluntary": gettext_lazy("自愿多交"),
    "training": gettext_lazy("教育培训"),
    "helping": gettext_lazy("帮助困难党员"),
    "company": gettext_lazy("企业"),
    "retired": gettext_lazy("离退休"),
    "civil_servant": gettext_lazy("机关"),
    "not_here": gettext_lazy("不在接收范围"),
    "visit": gettext_lazy("上门"),
    "letter": gettext_lazy("书信"),
    "city": gettext_lazy("市内"),
    "out": gettext_lazy("转出市外"),
    "in": gettext_lazy("转入"),
    "proof": gettext_lazy("党员证明信"),
    "face": gettext_lazy("面谈"),
    "automatic": gettext_lazy("自动"),
    "qualified": gettext_lazy("合格"),
    "excellent": gettext_lazy("优秀"),
    "basic": gettext_lazy("基本合格"),
    "unqualified": gettext_lazy("不合格"),
    "clear": gettext_lazy("无异议"),
    "device": gettext_lazy("离线设备"),
    "confidential": gettext_lazy("保密"),
    "web": gettext_lazy("网上"),
    "account": gettext_lazy("登录后"),
    "advice": gettext_lazy("咨询"),
    "help": gettext_lazy("求助"),
    "complaint": gettext_lazy("投诉"),
    "suggestion": gettext_lazy("建议"),
    "contact": gettext_lazy("首次联系"),
    "met": gettext_lazy("达标"),
    "nearly": gettext_lazy("基本达标"),
    "unmet": gettext_lazy("未达标"),
    "replaced": gettext_lazy("由新结果代替"),
    "overdue": gettext_lazy("到期没有复查"),
    "revoked": gettext_lazy("撤销"),
    "gone": gettext_lazy("组织或者小区已撤销"),
}
# Keys that hold ids of organisations when the value is a number.
ORGANISATION_KEYS = frozenset(
    {"parent", "territory", "from", "to", "into", "of", "new", "organisation", "by_org", "host", "judge"}
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*[+Z]")  # a time with its zone, as facts carry it
PACK_KEYS = {
    "org_kind": "org_kind", "activity_kind": "activity_kind", "post": "post", "role": "role", "duty": "duty",
    "standard": "standard_list",
}  # fmt: skip
ICONS = {
    "organisation": "sitemap",
    "person": "user",
    "member": "user-check",
    "appointment": "briefcase",
    "relation": "heart-handshake",
    "grant": "key",
    "account": "user-cog",
    "token": "plug",
    "place": "map-pin",
    "activity": "calendar-event",
    "points": "coin",
    "reminder": "bell",
    "standing": "checklist",
    "assessment": "clipboard-check",
    "import": "file-import",
    "election": "checkbox",
    "poll": "inbox",
    "circumstance": "user-off",
    "order": "hand-stop",
    "deadline": "clock",
}
TONES = {
    "organisation.dissolved": "bad",
    "organisation.merged": "warn",
    "organisation.founded": "good",
    "member.left": "bad",
    "person.unmasked": "warn",
    "person.exported": "warn",
    "activity.signed_off": "good",
    "activity.cancelled": "quiet",
}


def kind_title(code: str) -> str:
    """The Chinese title of a fact kind; the code itself for a kind that no room declares any more."""
    found = registry.fact_kinds().get(code)
    return str(found.title) if found else code


def _organisation_ids(data: Any) -> Iterable[int]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ORGANISATION_KEYS and isinstance(value, int) and not isinstance(value, bool):
                yield value
            else:
                yield from _organisation_ids(value)


def _said(key: str, value: Any, organisations: dict[int, str]) -> str:
    if isinstance(value, bool) or value is None:
        return str(VALUES[str(value)])
    if isinstance(value, dict):
        return "，".join(f"{_label(k)} {_said(k, v, organisations)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return "、".join(_said(key, item, organisations) for item in value) or str(VALUES[""])
    if key in ORGANISATION_KEYS and isinstance(value, int):
        return organisations.get(value, _("组织 #%(id)s") % {"id": value})
    if key in PACK_KEYS:
        try:
            return str(getattr(policy.current(), PACK_KEYS[key])(value).title)
        except policy.UnknownEntry:
            return str(value)
    if key == "step" and value in policy.current().admissions.steps:
        return str(policy.current().admissions.steps[value].title)
    if key in ("order_kind", "limit"):
        found = getattr(policy.current().orders, "kinds" if key == "order_kind" else "limits").get(str(value))
        return str(found.title if found else VALUES.get(str(value), value))
    if isinstance(value, str) and MOMENT.match(value):
        return f"{dt.datetime.fromisoformat(value).astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
    return str(VALUES.get(str(value), value))


def _label(key: str) -> str:
    return str(KEYS.get(key) or VALUES.get(key) or key)


def told(fact: Fact, organisations: dict[int, str], *, leave_out: Sequence[str] = ()) -> list[tuple[str, str]]:
    """A fact's data as (label, words), in the order it was written."""
    return [
        (_label(key), _said(key, value, organisations))
        for key, value in fact.data.items()
        if key not in leave_out and value not in (None, "", [], {})
    ]


def organisations_in(facts: Iterable[Fact]) -> dict[int, str]:
    """Names of all organisations that some facts speak of; one query."""
    wanted: set[int] = set()
    for fact in facts:
        wanted.update(_organisation_ids(fact.data))
        if fact.org:
            wanted.add(fact.org)
    return names.names_of("organisation", wanted)


def entries(facts: Sequence[Fact], *, about: str = "") -> list[dict]:
    """Facts as entries of the `{% timeline %}` component; two queries for all of them.

    `about` is what the timeline is of (`person` or `organisation`) and need not be said again in each entry.
    """
    facts = list(facts)
    organisations = organisations_in(facts)
    people = names.names_of("person", {f.by for f in facts} | {f.person for f in facts})
    shown = []
    for fact in facts:
        parts = [f"{label}：{words}" for label, words in told(fact, organisations, leave_out=("on", "name"))]
        if about != "person" and fact.person in people:
            parts.insert(0, people[fact.person])
        if about != "organisation" and fact.org in organisations:
            parts.append(organisations[fact.org])
        shown.append(
            {
                "at": fact.at,
                "title": kind_title(fact.kind),
                "text": "；".join(parts),
                "who": people.get(fact.by, _("人员 #%(id)s") % {"id": fact.by}) if fact.by else _("系统"),
                "icon": ICONS.get(fact.kind.partition(".")[0], "point"),
                "tone": TONES.get(fact.kind, ""),
                "url": reverse("facts:detail", args=[fact.pk]),
            }
        )
    return shown


def _linked(text: str, url: str) -> str:
    return format_html('<a href="{}">{}</a>', url, text) if url else text


def columns(fact: Fact) -> list[tuple[str, str]]:
    """What a fact says, in words: (label, value, with a link where it names something that has a page)."""
    organisations = organisations_in([fact])
    people = names.names_of("person", {fact.person})
    kind = registry.fact_kinds().get(fact.kind)
    rows = [(_("发生了什么"), kind_title(fact.kind)), (_("含义"), str(kind.about) if kind else "")]
    if fact.person:
        text = people.get(fact.person, f"#{fact.person}")
        rows.append((_("当事人"), _linked(text, names.url_of("person", fact.person))))
    if fact.org:
        text = organisations.get(fact.org, f"#{fact.org}")
        rows.append((_("组织"), _linked(text, names.url_of("organisation", fact.org))))
    if fact.object_kind and fact.object_kind not in ("person", "organisation"):
        text = f"{names.title_of(fact.object_kind)} #{fact.object_id}"
        rows.append((_("对象"), _linked(text, names.url_of(fact.object_kind, fact.object_id))))
    if fact.quantity != 1:
        rows.append((_("数量"), str(fact.quantity)))
    return rows + told(fact, organisations)
