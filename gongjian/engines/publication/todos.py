"""待办: objections without an answer, and publications that can be ended."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.engines.publication import queries
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.manifest import Todo


def waiting(actor: Actor, day: dt.date) -> list[Todo]:
    """What waits for this actor: an answer is due by the last day of the publication."""
    objections, over = queries.waiting_for(actor, day)
    found = [
        Todo(
            _("答复异议：%(title)s") % {"title": row.publication.title}, reverse("publication:answer", args=[row.pk]),
            hint=_("%(day)s 收到，答复后公示才能结束。") % {"day": row.raised_on}, due_on=row.publication.ends_on,
            button=_("去答复"),
        )
        for row in objections
    ]  # fmt: skip
    found += [
        Todo(
            _("公示期满：%(title)s") % {"title": row.title}, reverse("publication:detail", args=[row.pk]),
            hint=_("没有未答复的异议，可以结束。"), due_on=row.ends_on, button=_("去结束"),
        )
        for row in over
    ]  # fmt: skip
    return found
