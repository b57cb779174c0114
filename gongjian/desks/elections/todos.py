"""待办: what waits in elections, for who runs them and for who answers from above."""

import datetime as dt

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.desks.elections import queries
from gongjian.desks.elections.models import Election, TermShift
from gongjian.desks.elections.states import FLOW
from gongjian.ground import policy
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.manifest import Todo
from gongjian.ground.kernel.scope import scope_q
from gongjian.records.orgs.models import Organisation

ANSWERS = ("asked", "proposed", "reported")
STEPS = {
    "preparing": gettext_lazy("完善方案后报上级请示"),
    "allowed": gettext_lazy("确定候选人预备人选，报上级"),
    "accepted": gettext_lazy("确定监票人，召开选举大会"),
    "meeting": gettext_lazy("投票、计票、确认结果"),
    "elected": gettext_lazy("召开委员会第一次会议，选举书记、副书记"),
    "complete": gettext_lazy("向上级报告选举结果"),
}
MOST = 20


def answers(actor: Actor, org: Organisation) -> bool:
    """Whether the actor belongs to those above who answer an organisation's requests."""
    return org.parent is not None and actor.may_at("elections.approve", org.parent)


def todos(actor: Actor, day: dt.date) -> list[Todo]:
    """What waits: requests to answer, own steps to take, terms that end soon; four queries."""
    runs, approves = (
        scope_q(actor, "elections.run", prefix="org__"),
        scope_q(actor, "elections.approve", prefix="org__"),
    )
    if not actor.scopes("elections.run") and not actor.scopes("elections.approve"):
        return []
    found = []
    waiting = Election.objects.filter((approves & Q(state__in=ANSWERS)) | (runs & Q(state__in=STEPS)))
    for election in waiting.select_related("org", "org__parent").order_by("meeting_on", "pk")[: 3 * MOST]:
        url = reverse("elections:detail", args=[election.pk])
        if election.state in ANSWERS:
            if answers(actor, election.org):
                title = _("答复选举：%(org)s（%(state)s）") % {
                    "org": election.org.name, "state": FLOW.word(election.state),
                }  # fmt: skip
                found.append(Todo(title, url, election.org.name, election.meeting_on, _("去答复")))
        elif _is_home(actor, election.org):
            title = _("%(kind)s：%(step)s") % {"kind": election.get_kind_display(), "step": STEPS[election.state]}
            found.append(Todo(title, url, election.org.name, election.meeting_on, _("去办理")))
    shifts = TermShift.objects.filter(approves, state="asked").select_related("org", "org__parent").order_by("asked_at")
    for shift in shifts[:MOST]:
        if answers(actor, shift.org):
            url = reverse("elections:term", args=[shift.org_id])
            found.append(
                Todo(_("答复延期换届：%(org)s") % {"org": shift.org.name}, url, shift.reason, None, _("去答复"))
            )
    if len(found) < MOST:
        found += _terms(actor, day)
    return found[:MOST]


def _is_home(actor: Actor, org: Organisation) -> bool:
    """Whether an organisation is the actor's own to run: not only one somewhere below."""
    return any(grant.org == org.pk and "elections.run" in grant.permissions for grant in actor.grants)


def _terms(actor: Actor, day: dt.date) -> list[Todo]:
    """Terms that end within the reminder: one's own by name, those below in one line."""
    ending = queries.expiring(actor, "elections.run" if actor.may("elections.run") else "elections.approve", day)
    own = [(org, end) for org, end in ending if _is_home(actor, org)]
    below = [(org, end) for org, end in ending if not _is_home(actor, org)]
    months = policy.on(day).settings.terms.remind_months_before
    found = [
        Todo(
            _("%(org)s任期将满，准备换届") % {"org": org.name} if end >= day else _("%(org)s任期已满，尚未换届") % {"org": org.name},
            reverse("elections:term", args=[org.pk]), _("届满前约 %(n)s 个月提醒") % {"n": months}, end, _("去准备"),
        )
        for org, end in own
    ]  # fmt: skip
    if below and actor.may("elections.approve"):
        url = reverse("elections:list") + "?show=terms"
        title = _("%(n)s 个下级组织任期将满或已满，提醒换届") % {"n": len(below)}
        found.append(Todo(title, url, "、".join(org.name for org, _end in below[:3]), below[0][1], _("看看是谁")))
    return found
