"""待办: self-assessments and results of one's own organisation, objections to answer, visits to make, re-checks due."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.appraisal.assessments import queries
from gongjian.appraisal.assessments.states import FINAL, OBJECTED, SELF
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.manifest import Todo


def todos(actor: Actor, day: dt.date) -> list[Todo]:
    """What waits for this actor: two queries, at most twenty rows."""
    found = []
    for row in queries.waiting(actor, day):
        entry = queries.entry_of(row)
        what, link = f"{entry.short} {row.subject}", reverse("assessments:detail", args=[row.pk])
        if row.state == SELF:
            link = reverse("assessments:self", args=[row.pk])
            found.append(Todo(_("自评：%(what)s") % {"what": what}, link, button=_("去自评")))
        elif row.state == OBJECTED:
            found.append(Todo(_("答复异议：%(what)s") % {"what": what}, link, button=_("去答复")))
        elif row.state == FINAL:
            hint = _("上次结论：%(band)s") % {"band": entry.bands[row.band].title}
            found.append(
                Todo(_("复查：%(what)s") % {"what": what}, link, hint=hint, due_on=row.lapses_on, button=_("去安排"))
            )
        else:
            hint = _("有异议可以提出，到期自动生效。")
            found.append(
                Todo(
                    _("考评结果：%(what)s") % {"what": what}, link, hint=hint, due_on=row.object_until, button=_("去看")
                )
            )
    if actor.may("assessments.visit"):
        waiting = queries.to_visit(actor, limit=20)
        if waiting:
            title = _("走访核查：%(n)d 处待走访") % {"n": len(waiting)}
            found.append(Todo(title, reverse("assessments:visits"), hint=waiting[0].subject, button=_("去走访")))
    return found[:20]
