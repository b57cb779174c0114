"""Publish what a step waits for, and open its poll; both are kept by engines under the step's Ref."""

import datetime as dt

from django.db import transaction
from django.urls import reverse

from gongjian.desks.admissions import queries
from gongjian.desks.admissions.actions.shared import held
from gongjian.desks.admissions.models import Admission
from gongjian.engines.publication import actions as publications
from gongjian.engines.voting import actions as polls
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Refused
from gongjian.records.notices import actions as notices
from gongjian.records.people import codes
from gongjian.records.people import queries as people

WORDS = {
    "activist": "拟确定入党积极分子公示", "candidate": "拟列为发展对象公示", "pre_review": "拟接收预备党员公示",
    "formal_application": "预备党员拟转正公示",
}  # fmt: skip


@transaction.atomic
def publish(*, admission: Admission, by: Actor, at: dt.datetime | None = None) -> object:
    """Publish the person for the next step, by the table's working days; masked (个人信息保护法第二十五条)."""
    admission = held(admission, by)
    by.require("admissions.keep", admission.org)
    moment = at or clock.now()
    pack = policy.on(clock.day_of(moment))
    step = queries.next_step(admission, pack.admissions)
    condition = next((c for c in step.conditions if c.kind == "publication"), None) if step else None
    if condition is None:
        raise Refused("下一步不需要公示。")
    person, shown = admission.person, condition.of or ""
    age = queries.years_old(person.birth_date, clock.day_of(moment))
    row = {
        "姓名": person.name, "性别": codes.label(codes.SEX, person.sex), "年龄": f"{age} 岁" if age is not None else "",
        "单位": person.work_unit, "申请入党日期": admission.applied_on.isoformat(),
    }  # fmt: skip
    posted = publications.publish(
        by=by, org=admission.org, subject=queries.subject_of(admission, shown), rows=[row], at=moment,
        title=f"{admission.org.short_name or admission.org.name}{WORDS.get(shown, '发展党员公示')}",
        intro="对公示对象有异议的，请在公示期内向党支部或者上级党委反映；来电、来访、来信和登录提出都可以。",
        working_days=condition.working_days, link=reverse("admissions:detail", args=[admission.pk]),
    )  # fmt: skip
    notices.tell(
        people={one.person_id for one in people.members_of(admission.org_id)}, kind="publication", title=posted.title,
        body=f"公示到 {posted.ends_on} 为止，有异议的请在期内提出。", link=reverse("publication:detail", args=[posted.pk]),
        key=f"publication:{posted.pk}", at=moment,
    )  # fmt: skip
    return posted


@transaction.atomic
def open_poll(*, admission: Admission, by: Actor, at: dt.datetime | None = None) -> object:
    """Open the secret ballot of the branch meeting for this one person (逐个表决, 细则第二十一条); again: the same one."""
    admission = held(admission, by)
    by.require("admissions.keep", admission.org)
    moment = at or clock.now()
    pack = policy.on(clock.day_of(moment))
    step = queries.next_step(admission, pack.admissions)
    condition = next((c for c in step.conditions if c.kind == "vote"), None) if step else None
    if step is None or condition is None:
        raise Refused("下一步不需要投票。")
    known = queries.poll_of(admission, step)
    if known is not None:
        return known
    return polls.open_poll(
        org=admission.org, subject=queries.subject_of(admission, step), rule=condition.rule or "", by=by, at=moment,
        title=f"{step.title}：{admission.person.name}",
    )  # fmt: skip
