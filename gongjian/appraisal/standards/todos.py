"""待办: excuses and moratoria without an answer."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.appraisal.standards import queries
from gongjian.appraisal.standards.wording import period_title
from gongjian.ground import policy
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.manifest import Todo

MOST = 10


def waiting(actor: Actor, day: dt.date) -> list[Todo]:
    """What waits for this actor's answer; two queries."""
    found = []
    if actor.may("standards.decide"):
        names = {duty.id: duty.short for duty in policy.on(day).duties}
        found += [
            Todo(
                _("批复免除：%(org)s") % {"org": row.org.name}, reverse("standards:excuse", args=[row.pk]),
                hint=f"{names.get(row.duty, row.duty)} {period_title(row.period)}", button=_("去批复"),
            )
            for row in queries.excuses_waiting(actor)[:MOST]
        ]  # fmt: skip
    if actor.may("standards.suspend"):
        found += [
            Todo(
                _("批复暂缓：%(org)s") % {"org": row.org.name}, reverse("standards:moratorium", args=[row.pk]),
                hint=_("%(first)s 至 %(last)s") % {"first": row.starts_on, "last": row.ends_on}, button=_("去批复"),
            )
            for row in queries.moratoria_waiting(actor)[:MOST]
        ]  # fmt: skip
    return found
