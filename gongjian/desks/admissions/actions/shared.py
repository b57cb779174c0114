"""What several deeds on a file need: its Ref, the lock, when something counts as entered later."""

import datetime as dt

from gongjian.desks.admissions import queries
from gongjian.desks.admissions.models import Admission
from gongjian.desks.admissions.states import FLOW, UNDER_WAY
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.schema import Pack

LEAST_REASON = 5


def ref(admission: Admission) -> Ref:
    """The file as a Ref."""
    return Ref.of("admission", admission.pk)


def held(admission: Admission, by: Actor, *, even_moving: bool = False) -> Admission:
    """The file, locked, that the actor may see and that is still open. One's own file is never in one's own hands."""
    found = queries.get_for(by, admission.pk, lock=True)
    if found.state != UNDER_WAY:
        raise Refused(f"这份发展档案{FLOW.word(found.state)}，不能再办。")
    if found.target_id is not None and not even_moving:
        raise Refused(f"这份发展档案正在转往“{found.target.name}”，接收或者退回以后才能办。")
    return found


def entered_later(on: dt.date, today: dt.date, paper: bool, evidence: str, pack: Pack) -> bool:
    """Whether a deed counts as entered later (补录): said so, or long ago; then its evidence is asked for.

    Raises Invalid for a day that has not come and for a missing evidence.
    """
    if on > today:
        raise Invalid("日期不能晚于今天。", field="on")
    late = paper or (today - on).days > pack.admissions.late_days
    if late and len(evidence.strip()) < LEAST_REASON:
        raise Invalid(
            f"这是以前办的，补录须写明凭据，例如“2024年党员发展台账第3页，扫描件已上传”。（{pack.admissions.late_basis}）",
            field="evidence",
        )
    return late


def need_reason(reason: str, what: str, *, field: str = "reason") -> str:
    """The reason, tidied; Invalid if it is too short to be one."""
    text = reason.strip()
    if len(text) < LEAST_REASON:
        raise Invalid(f"请写明{what}，至少五个字。", field=field)
    return text[:300]
