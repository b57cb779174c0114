"""党员队伍动态: members away, lost, stopped, with what is due; and what people decide. The system shows and reminds only."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.desks.transfers import actions, forms, rules
from gongjian.desks.transfers.looks import CASE, STAY
from gongjian.desks.transfers.permissions import case_abilities
from gongjian.desks.transfers.queries import moving, watching
from gongjian.desks.transfers.views.deeds import Deed
from gongjian.desks.transfers.views.lists import tabs_for
from gongjian.desks.transfers.wording import span
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page
from gongjian.records.orgs import queries as orgs
from gongjian.records.people import queries as people


def own_branches(request: HttpRequest) -> list[orgs.Organisation]:
    """The organisations of which the actor looks after members in person: those of the own grants."""
    held = {grant.org for grant in request.actor.grants if "transfers.care" in grant.permissions}
    found = orgs.visible_to(request.actor, permission="transfers.care").filter(pk__in=held)
    return list(found.order_by("path")[:20])


@signed_in
def overview(request: HttpRequest) -> HttpResponse:
    """For a branch its members by name with what is due; for the level above numbers, each leading one step down."""
    actor = request.actor
    if not (actor.may("transfers.care") or actor.may("transfers.count")):
        actor.require("transfers.count")
    org = None
    if request.GET.get("org"):
        org = orgs.get_for(actor, request.GET["org"], permission="transfers.count")
    context: dict[str, Any] = {"tabs": tabs_for(request, "ranks"), "today": clock.today(), "states": CASE}
    care = actor.may_at("transfers.care", org) if org else actor.may("transfers.care")
    home = org or (own_branches(request) or [None])[0]
    if care and home is not None:
        context |= {"ranks": watching.ranks(actor, home), "signals": home.level == "branch"}
    if actor.may("transfers.count"):
        top = org or home or (orgs.roots(actor, "transfers.count") or [None])[0]
        rows = watching.counts_below(actor, top) if top is not None else []
        context |= {"below": rows, "home": top, "trail": _trail(actor, top)}
    context["standing"] = policy.current().transfers.standing
    context["guests"] = watching.guests_of(actor).count() if care else 0
    return page(request, "transfers/ranks.html", context)


def _trail(actor: Actor, org: orgs.Organisation | None) -> list[tuple[str, str]]:
    if org is None:
        return []
    line = [one for one in orgs.line_of(org) if actor.may_at("transfers.count", one)]
    here = reverse("transfers:ranks")
    return [(one.name, f"{here}?org={one.pk}" if one != org else "") for one in line]


@needs("transfers.care")
def signals(request: HttpRequest) -> HttpResponse:
    """Private, for the branch's own secretary: who has no record for six months, with the rule's text. No verdict, no score."""
    homes = [org for org in own_branches(request) if org.level == "branch"]
    if not homes:
        raise Forbidden(_("这一页只给支部书记看自己的支部。"))
    home = next((org for org in homes if str(org.pk) == request.GET.get("org")), homes[0])
    return page(
        request, "transfers/signals.html",
        {"org": home, "homes": homes, "found": watching.signals(request.actor, home), "today": clock.today()},
    )  # fmt: skip


@needs("transfers.care")
def guests(request: HttpRequest) -> HttpResponse:
    """Members of other branches who live here for a while: they may attend, they have no vote here."""
    rows = list(watching.guests_of(request.actor)[:200])
    return page(
        request,
        "transfers/guests.html",
        {"rows": rows, "basis": policy.current().transfers.mobile.documents["card"].basis},
    )


@signed_in
def cases(request: HttpRequest) -> HttpResponse:
    """All decisions on 党籍 of one's branch, or reported to one's committee."""
    actor = request.actor
    if not (actor.may("transfers.care") or actor.may("transfers.approve")):
        actor.require("transfers.care")
    titles = {one.id: one.title for one in policy.current().transfers.proceedings}
    listing = Listing(
        request, watching.cases_visible_to(actor),
        columns=[
            Column("person.name", _("姓名"), link="transfers:case", phone="title"),
            Column("kind", _("事项"), value=lambda case: titles.get(case.kind, case.kind), phone="meta"),
            Column("org.name", _("支部"), phone="meta"),
            Column("state", _("状态"), kind="badge", looks=CASE, phone="meta"),
            Column("meeting_on", _("支部大会"), kind="date", phone="meta"),
            Column("approved_on", _("批准日期"), kind="date", phone="meta"),
        ],
        filterset=forms.CaseFilter, search=("person__name", "person__initials", "org__name"), order=("-proposed_at", "-id"),
        name=_("党籍处理"), empty=_("没有党籍处理"), empty_hint=_("到期的会在“党员队伍动态”里提醒，由支部决定是否提出。"),
    )  # fmt: skip
    return listing.response("transfers/cases.html", {})


MEMBER_DEEDS = {
    "stay": Deed(
        gettext_lazy("登记外出"), gettext_lazy("组织关系仍在本支部。外出时间较长、地点相对固定的，应当转接组织关系，到时候会提醒。"), forms.StayForm,
        lambda member, by, data: actions.leave_home(person=member.person, by=by, **data), gettext_lazy("已登记。"), "route", "primary",
    ),
    "contact": Deed(
        gettext_lazy("登记联系"), gettext_lazy("只记哪天、用什么方式、是否联系上；不记谈了什么、人在哪里。"), forms.ContactForm,
        lambda member, by, data: actions.contact(person=member.person, by=by, **data), gettext_lazy("已登记。"), "phone", "primary",
    ),
    "lost": Deed(
        gettext_lazy("登记失去联系"), gettext_lazy("登记之后继续查找；到了规定时间仍找不到的，由支部决定是否提出停止党籍。"), forms.LostForm,
        lambda member, by, data: actions.declare_lost(person=member.person, by=by, **data), gettext_lazy("已登记。"), "user-question",
    ),
    "found": Deed(
        gettext_lazy("重新取得联系"), gettext_lazy("停止了党籍的，是否恢复由支部提出、上级批准。"), forms.DayForm,
        lambda member, by, data: actions.found_again(person=member.person, by=by, **data), gettext_lazy("已登记。"), "user-check", "primary",
    ),
    "propose": Deed(
        gettext_lazy("提出党籍处理"), gettext_lazy("由支部查明情况后提出，支部大会决定，上级党组织批准。系统不会自动处理。"), forms.ProposeForm,
        lambda member, by, data: actions.propose(person=member.person, by=by, **data), gettext_lazy("已提出，等支部大会决定。"), "clipboard-list",
    ),
}  # fmt: skip


def member_abilities(member: watching.Membership) -> list[str]:
    """What the branch can do for a member now."""
    found = ["contact"]
    found.append("found" if member.lost_since else "lost")
    if not member.mobile and member.state != "stopped":
        found.insert(0, "stay")
    return [*found, "propose"]


@needs("transfers.care")
def member(request: HttpRequest, person_id: int) -> HttpResponse:
    """One member of the branch: where things stand, contacts, decisions."""
    row = watching.member_for(request.actor, person_id)
    cases = list(watching.cases_visible_to(request.actor).filter(person=person_id).order_by("-id")[:20])
    titles = {one.id: one.title for one in policy.current().transfers.proceedings}
    for one in cases:
        one.title = titles.get(one.kind, one.kind)
    stay = watching.stays_visible_to(request.actor).filter(person=person_id, state="away").first()
    return page(
        request, "transfers/member.html",
        {
            "member": row, "contacts": watching.contacts_of(person_id), "cases": cases, "stay": stay, "states": CASE,
            "deeds": [(name, MEMBER_DEEDS[name]) for name in member_abilities(row) if not (name == "stay" and stay)],
            "going": moving.open_of(person_id), "standing": policy.current().transfers.standing,
        },
    )  # fmt: skip


@needs("transfers.care")
def member_deed(request: HttpRequest, person_id: int, deed: str) -> HttpResponse:
    """One deed for a member."""
    row = watching.member_for(request.actor, person_id)
    what = MEMBER_DEEDS.get(deed)
    if what is None:
        raise Http404
    bound = request.POST if request.method == "POST" else None
    extra: dict[str, Any] = {}
    if deed == "stay":
        extra["people"] = _colleagues(row)
    if deed == "propose":
        extra["kinds"] = watching.proceedings_for(row)
    initial = {"on": clock.today(), "since": clock.today()} if deed in ("found", "stay") else {}
    form = what.form(bound, initial=initial, **extra)
    if bound is not None and form.is_valid():
        data = _with_people(dict(form.cleaned_data), request.actor)
        with attempt(request, form, str(what.done)) as done:
            made = what.run(row, request.actor, data)
        if done:
            if deed == "propose":
                return redirect("transfers:case", made.pk)
            return redirect("transfers:stay", made.pk) if deed == "stay" else redirect("transfers:member", person_id)
    return page(
        request, "transfers/member_deed.html",
        {"deed": what, "form": form, "title": row.person.name, "sub": row.org.name,
         "back": reverse("transfers:member", args=[person_id]), "rules": watching.proceedings_for(row) if deed == "propose" else []},
    )  # fmt: skip


def _colleagues(row: watching.Membership) -> list[tuple[int, str]]:
    return [(one.person_id, one.person.name) for one in people.members_of(row.org_id) if one.person_id != row.person_id]


def _with_people(data: dict, by: Actor) -> dict:
    """The contact as a person."""
    if "contact" in data:
        data["contact"] = people.get_for(by, data["contact"]) if data["contact"] else None
    return data


STAY_DEEDS = {
    "change": Deed(
        gettext_lazy("修改登记"), "", forms.StayForm, lambda stay, by, data: actions.change_stay(stay=stay, by=by, **data),
        gettext_lazy("已修改。"), "edit",
    ),
    "stays": Deed(
        gettext_lazy("暂不转接"), gettext_lazy("外出时间较长、地点相对固定的，应当转移组织关系；确有原因暂不转的，写明原因。"), forms.StaysForm,
        lambda stay, by, data: actions.answer_about_transfer(stay=stay, by=by, **data), gettext_lazy("已登记。"), "clock-pause",
    ),
    "paper": Deed(
        gettext_lazy("开具外出凭证"), gettext_lazy("党员证明信或者流动党员活动证：编号之后打印，送开具党委盖章。"), forms.PaperForm,
        lambda stay, by, data: actions.issue_paper(stay=stay, by=by, **data), gettext_lazy("已编号，可以打印。"), "id", "primary",
    ),
    "return": Deed(
        gettext_lazy("登记返回"), gettext_lazy("返回之后收回外出凭证。"), forms.DayForm,
        lambda stay, by, data: actions.return_home(stay=stay, by=by, **data), gettext_lazy("已登记返回。"), "home", "primary",
    ),
    "report": Deed(
        gettext_lazy("反馈表现"), gettext_lazy("反馈给党员组织关系所在的支部；同一年度再次反馈会替换原来的。"), forms.ReportForm,
        lambda stay, by, data: actions.report(stay=stay, by=by, **data), gettext_lazy("已反馈给原支部。"), "report", "primary",
    ),
}  # fmt: skip


@signed_in
def stay(request: HttpRequest, stay_id: int) -> HttpResponse:
    """One registration: for the branch, the contact person, and the member."""
    row = watching.stay_for(request.actor, stay_id)
    care = request.actor.may_at("transfers.care", row.org)
    table = policy.current().transfers.mobile
    must = rules.must_transfer_from(row.since, table)
    return page(
        request, "transfers/stay.html",
        {
            "stay": row, "care": care and row.state == "away", "states": STAY, "reports": watching.reports_of(row), "must": must,
            "ask": must <= clock.today() and row.state == "away" and not row.abroad, "basis": table.basis,
            "span": span(table.must_transfer_months),
            "paper": table.documents.get(row.document), "papers": watching.papers_of(row),
            "may_print": care or row.person_id == request.actor.person,
            "contacts": watching.contacts_of(row.person_id) if care else [],
            "frame": "ui/base.html" if care else "ui/phone.html",
            "due": rules.contact_due(row.last_contact, table, abroad=row.abroad),
        },
    )  # fmt: skip


@needs("transfers.care")
def stay_deed(request: HttpRequest, stay_id: int, deed: str) -> HttpResponse:
    """One deed for a member away; the report is the host branch's."""
    what = STAY_DEEDS.get(deed)
    if what is None:
        raise Http404
    if deed == "report":
        row = watching.guest_for(request.actor, stay_id)
    else:
        row = watching.stay_for(request.actor, stay_id)
        request.actor.require("transfers.care", row.org)
    bound = request.POST if request.method == "POST" else None
    if deed == "change":
        names = ("place", "abroad", "back_by", "host", "document", "document_number")
        start = {name: getattr(row, name) for name in names} | {"contact": row.contact_id}
        member_row = people.membership_of(row.person_id)
        form = forms.StayForm(bound, people=_colleagues(member_row) if member_row else [], change=True, initial=start)
    else:
        form = what.form(bound, **({"initial": {"on": clock.today()}} if deed == "return" else {}))
    home = reverse("transfers:guests") if deed == "report" else reverse("transfers:stay", args=[row.pk])
    if bound is not None and form.is_valid():
        with attempt(request, form, str(what.done)) as done:
            what.run(row, request.actor, _with_people(dict(form.cleaned_data), request.actor))
        if done:
            return redirect(home)
    return page(
        request, "transfers/member_deed.html",
        {"deed": what, "form": form, "title": row.person.name, "sub": row.org.name, "back": home},
    )  # fmt: skip


CASE_DEEDS = {
    "decide": Deed(
        gettext_lazy("登记支部大会决定"), gettext_lazy("有表决权的党员半数以上到会；赞成人数超过应到会有表决权党员的半数为通过。"), forms.DecideForm,
        lambda case, by, data: actions.decide(case=case, by=by, **data), gettext_lazy("已登记。"), "checks", "primary",
    ),
    "approve": Deed(
        gettext_lazy("批准"), gettext_lazy("批准之后党籍状态随之改变，从批准之日起算。"), forms.ApproveForm,
        lambda case, by, data: actions.approve(case=case, by=by, **data), gettext_lazy("已批准。"), "circle-check", "primary",
    ),
    "reject": Deed(
        gettext_lazy("不批准"), gettext_lazy("写明理由；党籍状态不变。"), forms.CaseAnswerForm,
        lambda case, by, data: actions.reject(case=case, by=by, **data), gettext_lazy("已登记。"), "ban", "danger",
    ),
    "drop": Deed(
        gettext_lazy("不再提出"), gettext_lazy("如重新取得联系、查明有正当理由。"), forms.CaseAnswerForm,
        lambda case, by, data: actions.drop(case=case, by=by, reason=data["answer"]), gettext_lazy("已登记。"), "x",
    ),
    "finish": Deed(
        gettext_lazy("了结限期改正"), gettext_lazy("没有改正的，下一步由支部另行提出。"), forms.FinishForm,
        lambda case, by, data: actions.finish(case=case, by=by, corrected=data["corrected"], result=data["answer"]),
        gettext_lazy("已了结。"), "checks", "primary",
    ),
}  # fmt: skip


@signed_in
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case: what was found, decided and approved."""
    row = watching.case_for(request.actor, case_id)
    what = policy.current().transfers.proceedings.get(row.kind)
    able = case_abilities(row, request.actor)
    return page(
        request, "transfers/case.html",
        {"case": row, "what": what, "states": CASE, "deeds": [(name, CASE_DEEDS[name]) for name in able],
         "rule": policy.current().transfers.standing},
    )  # fmt: skip


@signed_in
def case_deed(request: HttpRequest, case_id: int, deed: str) -> HttpResponse:
    """One deed on a case."""
    what = CASE_DEEDS.get(deed)
    if what is None:
        raise Http404
    row = watching.case_for(request.actor, case_id)
    if deed not in case_abilities(row, request.actor):
        return redirect("transfers:case", row.pk)
    bound = request.POST if request.method == "POST" else None
    start = {"meeting_on": clock.today(), "entitled": watching.entitled_at(row.org)} if deed == "decide" else {}
    form = what.form(bound, initial=start | ({"on": clock.today()} if deed == "approve" else {}))
    if bound is not None and form.is_valid():
        with attempt(request, form, str(what.done)) as done:
            what.run(row, request.actor, form.cleaned_data)
        if done:
            return redirect("transfers:case", row.pk)
    return page(
        request, "transfers/member_deed.html",
        {"deed": what, "form": form, "title": row.person.name, "sub": row.org.name,
         "back": reverse("transfers:case", args=[row.pk])},
    )  # fmt: skip
