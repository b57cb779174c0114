"""待办: drafts that wait for somebody's approval."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.manifest import Todo
from gongjian.outlets.trial import queries


def waiting(actor: Actor, day: dt.date) -> list[Todo]:
    """Policy drafts that others handed in."""
    return [
        Todo(
            title=_("政策草案待批准：%(title)s") % {"title": draft.title}, url=reverse("trial:draft", args=[draft.pk]),
            hint=_("拟自 %(day)s 起生效") % {"day": draft.effective_from}, button=_("去看"),
        )
        for draft in queries.waiting_for(actor)
    ]  # fmt: skip
