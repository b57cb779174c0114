"""What waits for somebody in this room."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.dues import queries
from gongjian.desks.dues.models import Assessment, Charge, Consent, Movement, Relief
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.manifest import Todo
from gongjian.ground.kernel.scope import scope_q


def todos(actor: Actor, day: dt.date) -> list[Todo]:
    """One's own dues of this month; as a branch: entries and requests that wait; as a committee: reliefs, movements.

    At most four queries: the branch's three lists are one each only where the actor holds the right.
    """
    found: list[Todo] = []
    dues, month = queries.dues_on(day), clock.month_of(day)
    if actor.person and actor.may("dues.pay_own"):
        owed = list(
            Charge.objects.filter(person=actor.person, month__lte=month, payment__isnull=True, amount__gt=0)
            .order_by("month").values_list("month", flat=True)[:24]
        )  # fmt: skip
        if owed:
            late = owed[0] < month
            due_on = None if late else day.replace(day=dues.paying.pay_by_day)
            title = _("党费有 %(count)d 个月没有交") % {"count": len(owed)} if late else _("交纳本月党费")
            found.append(Todo(title, reverse("dues:mine"), due_on=due_on, button=_("去交纳")))
    if actor.may("dues.assess"):
        waiting = Assessment.objects.filter(scope_q(actor, "dues.assess", prefix="org__"), state="waiting")
        found += _count(waiting, _("有 %(count)d 名党员填报了收入，请核定"), "dues:assessments", _("去核定"))
        asked = Consent.objects.filter(scope_q(actor, "dues.collect", prefix="org__"), state="asked")
        found += _count(asked, _("有 %(count)d 项按季或者代交的申请，请答复"), "dues:consents", _("去答复"), plain=True)
    if actor.may("dues.approve"):
        reliefs = Relief.objects.filter(scope_q(actor, "dues.approve", prefix="org__parent__"), state="asked")
        found += _count(reliefs, _("有 %(count)d 项党费减免等待批复"), "dues:reliefs", _("去批复"), plain=True)
    if actor.may("dues.confirm"):
        moves = Movement.objects.filter(scope_q(actor, "dues.confirm", prefix="to__"), state="entered").exclude(
            entered_by=actor.person
        )
        found += _count(moves, _("有 %(count)d 笔党费上缴等待确认"), "dues:movements", _("去确认"), plain=True)
    return found


def _count(rows, title: str, url: str, button: str, *, plain: bool = False) -> list[Todo]:
    ids = list(rows.values_list("org", flat=True)[:100])
    if not ids:
        return []
    address = reverse(url) if plain else reverse(url, args=[ids[0]])
    return [Todo(title % {"count": len(ids)}, address, button=button)]
