"""A file: the page with the next step and all twenty-five, and the same as PDF."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from gongjian.desks.admissions import queries, telling
from gongjian.desks.admissions.looks import STATE, WHEN
from gongjian.desks.admissions.permissions import abilities
from gongjian.engines.publication import queries as publications
from gongjian.ground import paper, policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.ui.shortcuts import page
from gongjian.records.facts.proof import proof_of
from gongjian.records.files import queries as files


def _shown(admission: queries.Admission, table: queries.Admissions) -> list[dict]:
    """The publications of a file, each with the step that it follows."""
    rows = publications.of_many("admission_step", queries.subject_ids(admission, table))
    return [
        {"publication": row, "title": table.steps[ident.split(":")[1]].title}
        for ident, row in sorted(rows.items(), key=lambda pair: pair[1].starts_on)
    ]


@signed_in
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, with what comes next on top. The applicant is led to the own page."""
    actor, today = request.actor, clock.today()
    own = queries.own(actor)
    if own is not None and own.pk == pk:
        return redirect("admissions:mine")
    admission = queries.get_for(actor, pk)
    pack = policy.current()
    table = pack.admissions
    can = abilities(admission, actor, pack)
    records = queries.records_of(admission, every=True)
    names = queries.names_of(telling.people_in(records, table))
    coming = telling.coming(admission, pack, today)
    kinds = {c.kind for c in coming.step.conditions} if coming else set()
    shows = next((c.of for c in coming.step.conditions if c.kind == "publication"), None) if coming else None
    published = publications.of(queries.subject_of(admission, shows)) if shows else None
    return page(
        request, "admissions/detail.html",
        {
            "frame": "ui/base.html" if can.organises or actor.may("admissions.view") else "ui/phone.html",
            "admission": admission, "person": admission.person, "can": can, "states": STATE, "looks": WHEN,
            "standing": telling.standing_word(admission, table), "coming": coming, "published": published,
            "asks_publication": bool(shows) and published is None, "asks_vote": "vote" in kinds,
            "poll": queries.poll_of(admission, coming.step) if coming and "vote" in kinds else None,
            "stages": telling.timeline(admission, pack, records=records, names=names), "names": names,
            "about": telling.about(admission, queries.guides_of(admission)),
            "observations": queries.observations_of(admission), "shown": _shown(admission, table),
            "shelf": files.on_shelf(actor, Ref.of("admission", admission.pk)),
            "done": admission.step - 1, "total": table.last, "may_again": can.keeps and admission.admitted_on is None
            and admission.state == "under_way" and admission.target_id is None,
        },
    )  # fmt: skip


@needs("admissions.view")
def paper_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole file as PDF, with the list of evidence and the proof from the facts' seal."""
    admission = queries.get_for(request.actor, pk)
    pack = policy.current()
    records = queries.records_of(admission, every=True)
    names = queries.names_of(telling.people_in(records, pack.admissions))
    facts = [record.fact for record in records if record.fact]
    return paper.response(
        request, "admissions/paper.html",
        {
            "admission": admission, "person": admission.person, "standing": telling.standing_word(admission, pack.admissions),
            "stages": telling.timeline(admission, pack, records=records, names=names), "names": names,
            "guides": telling.by_role(queries.guides_of(admission)), "observations": queries.observations_of(admission),
            "shown": _shown(admission, pack.admissions), "proof": proof_of(facts),
            "evidence": files.of(Ref.of("admission", admission.pk)),
        },
        title=_("发展党员档案"), filename=f"{_('发展党员档案')}-{admission.person.name}", author=admission.org.name,
    )  # fmt: skip
