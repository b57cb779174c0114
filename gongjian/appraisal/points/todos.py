"""待办: appeals to review, exemptions to approve, and the posting of one's own branch."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.appraisal.points.queries import appeals, closing, deciding
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.manifest import Todo


def waiting(actor: Actor, day: dt.date) -> list[Todo]:
    """What waits for this actor in points; four queries at most."""
    found = [
        Todo(
            _("复核积分申诉"), reverse("points:appeal", args=[row.pk]), hint=row.org.name, due_on=row.due_on,
            button=_("去复核"),
        )
        for row in appeals.waiting_for(actor)
    ]  # fmt: skip
    if actor.may("points.exempt"):
        found += [
            Todo(
                _("批准评定豁免：%(name)s") % {"name": row.person.name}, reverse("points:exemption", args=[row.pk]),
                hint=row.org.name, button=_("去办理"),
            )
            for row in deciding.to_approve(actor)
        ]  # fmt: skip
    if actor.person and actor.may("points.view_own"):
        found += [
            Todo(
                _("%(period)s积分正在公示") % {"period": row.period}, reverse("points:posted", args=[row.pk]),
                hint=_("有异议可以在公示期内申诉。"), due_on=row.open_until, button=_("看公示"),
            )
            for row in closing.open_for_appeals(actor.person, day) if row.posted
        ]  # fmt: skip
    return found
