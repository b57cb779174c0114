"""End a file, or hand it to another branch; the time of education counts on (细则第十二条)."""

import datetime as dt

from django.db import transaction

from gongjian.desks.admissions.actions import effects
from gongjian.desks.admissions.actions.shared import held, need_reason, ref
from gongjian.desks.admissions.actions.starting import put_window
from gongjian.desks.admissions.models import Admission
from gongjian.desks.admissions.states import UNDER_WAY
from gongjian.engines.flow.moves import touch
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation

BY_PEOPLE = {"withdrew", "removed", "failed", "died", "left", "mistake"}


@transaction.atomic
def end(
    *, admission: Admission, kind: str, reason: str, by: Actor, on: dt.date | None = None, at: dt.datetime | None = None
) -> Admission:
    """End a file (终止): the applicant withdraws, the branch strikes off, it did not pass, the person died or left.

    A probationary member is cancelled only by the branch meeting and the committee: Refused then, except for a death.
    """
    admission = held(admission, by, even_moving=True)
    by.require("admissions.keep", admission.org)
    moment = at or clock.now()
    on = on or clock.day_of(moment)
    if kind not in BY_PEOPLE:
        raise Invalid("请选择终止的情形。", field="kind")
    if not admission.applied_on <= on <= clock.day_of(moment):
        raise Invalid("终止日期应在申请日期之后、今天之前。", field="on")
    if admission.admitted_on is not None and kind != "died":
        raise Refused(
            "已是预备党员，不能在这里终止；取消资格须经支部大会讨论通过和上级党委批准。（细则第三十一条）", field="kind"
        )
    text = need_reason(reason, "终止的原因")
    if admission.admitted_on is None:
        effects.end_relation(admission, by=by, on=on, reason="入党申请终止", at=moment)
    effects.close(admission, kind, text, on, by=by, at=moment)
    return admission


@transaction.atomic
def offer_move(
    *, admission: Admission, to: Organisation, reason: str, by: Actor, at: dt.datetime | None = None
) -> Admission:
    """Hand the file to another branch (转出): it waits until that branch accepts, and is locked meanwhile.

    Whoever keeps both branches does both at once. A probationary member goes by 组织关系转接, and the file follows.
    """
    admission = held(admission, by)
    by.require("admissions.keep", admission.org)
    if admission.admitted_on is not None:
        raise Refused("已是预备党员，请办理组织关系转接，发展档案自动跟随。", field="to")
    if to.pk == admission.org_id or to.level != "branch" or not to.is_alive:
        raise Invalid("请选择另一个党支部。", field="to")
    moment, text = at or clock.now(), need_reason(reason, "转移的原因")
    touch(admission, (UNDER_WAY,), target=to, target_reason=text[:200])
    facts.record(
        "admission.move_offered", by=by, at=moment, person=admission.person_id, org=admission.org_id, obj=ref(admission),
        data={"from": admission.org_id, "to": to.pk},
    )  # fmt: skip
    if by.may_at("admissions.keep", to):
        return _arrive(admission, by=by, at=moment)
    return admission


@transaction.atomic
def accept_move(*, admission: Admission, by: Actor, at: dt.datetime | None = None) -> Admission:
    """Take the file over (接收): the steps and their dates stand, guides of the old branch are let go."""
    admission = held(admission, by, even_moving=True)
    if admission.target is None:
        raise Refused("这份发展档案没有在转移。")
    by.require("admissions.keep", admission.target)
    return _arrive(admission, by=by, at=at or clock.now())


def _arrive(admission: Admission, *, by: Actor, at: dt.datetime) -> Admission:
    source, target, day = admission.org, admission.target, clock.day_of(at)
    effects.hand_over(admission, target, by=by, on=day, at=at)
    touch(admission, (UNDER_WAY,), org=target, target=None)
    effects.let_guides_go(admission, day)
    put_window(admission, policy.on(day), day)
    facts.record(
        "admission.moved", by=by, at=at, person=admission.person_id, org=target.pk, obj=ref(admission),
        data={"from": source.pk, "to": target.pk},
    )  # fmt: skip
    return admission


@transaction.atomic
def decline_move(*, admission: Admission, reason: str, by: Actor, at: dt.datetime | None = None) -> Admission:
    """Send the file back (退回), or take it back before it is accepted (收回)."""
    admission = held(admission, by, even_moving=True)
    if admission.target is None:
        raise Refused("这份发展档案没有在转移。")
    if not by.may_at("admissions.keep", admission.org):
        by.require("admissions.keep", admission.target)
    need_reason(reason, "退回的原因")
    target = admission.target_id
    touch(admission, (UNDER_WAY,), target=None, target_reason=f"未接收：{reason.strip()}"[:200])
    facts.record(
        "admission.move_declined", by=by, at=at, person=admission.person_id, org=admission.org_id, obj=ref(admission),
        data={"from": admission.org_id, "to": target},
    )  # fmt: skip
    return admission
