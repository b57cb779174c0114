"""Pages: who falls short and who will, an organisation's year, the records behind a cell, the duties themselves."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from gongjian.appraisal.standards import actions, queries
from gongjian.appraisal.standards.filters import ExcuseFilter, StandingFilter
from gongjian.appraisal.standards.forms import AnswerForm, EndForm, ExcuseForm, MoratoriumForm
from gongjian.appraisal.standards.wording import period_title
from gongjian.ground import policy
from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.access import needs
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.records.orgs import queries as orgs

LACKING = ("short", "at_risk")


def _may_plan(actor, org) -> bool:
    """Whether the actor may arrange a meeting there; the desk that declares the right may not be built in."""
    code = "activities.plan"
    return code in registry.permissions() and actor.may_at(code, org)


@needs("standards.view")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Where an actor begins: the highest organisation they see; a branch's own page for those who see only a branch."""
    roots = queries.roots(request.actor)
    if not roots:
        return page(request, "standards/nothing.html")
    where = "org" if roots[0].level in (queries.BRANCH_LEVEL, "group") else "under"
    address = reverse(f"standards:{where}", args=[roots[0].pk])
    query = request.GET.urlencode()
    return redirect(f"{address}?{query}" if query else address)


def _listing(request: HttpRequest, node) -> Listing:
    """The list below an organisation: what concerns people now unless a period is asked for, what lacks unless a state is."""
    found = queries.below(queries.visible_to(request.actor), node)
    if not request.GET.get("period"):
        found = found.filter(queries.now_q(clock.today()))
    if not request.GET.get("state"):
        found = found.filter(state__in=LACKING)
    duties = {duty.id: duty for duty in policy.current().duties}

    def handled(row) -> str:
        case = row.case
        if case is None:
            return ""
        if case.state == "escalated":
            return _("已上报")
        times = case.reminders + case.urged
        return _("已提醒%(times)d次") % {"times": times} if times else _("待提醒")

    return Listing(
        request, queries.with_case(found), filterset=StandingFilter, search=("org__name", "org__pinyin", "org__initials"),
        order=("due_on", "org_path", "duty", "id"), export="csv,xlsx", name=_("达标情况"), prepare=queries.put_cases,
        search_hint=_("组织名称或拼音"),
        empty=gettext_lazy("没有需要督促的事项"), empty_hint=gettext_lazy("所辖组织都已落实或有安排。"),
        columns=[
            Column("org.name", _("组织"), link=lambda row: reverse("standards:org", args=[row.org_id])),
            Column("duty", _("事项"), value=lambda row: duties[row.duty].short if row.duty in duties else row.duty,
                   link=lambda row: reverse("standards:cell", args=[row.org_id, row.duty, row.period])),
            Column("period", _("周期"), value=lambda row: period_title(row.period)),
            Column("state", _("状态"), kind="badge"),
            Column("done", _("完成"), value=lambda row: f"{row.done} / {row.required}", phone="hide"),
            Column("due_on", _("截止"), kind="date", sort=True, phone="hide"),
            Column("case", _("督办"), value=handled),
        ],
    )  # fmt: skip


@needs("standards.view")
@require_safe
def under(request: HttpRequest, pk: int) -> HttpResponse:
    """谁没达标、谁将不达标: counts by state and by the organisations below, and the list, with one button for all of it."""
    actor = request.actor
    node = queries.get_org(actor, pk)
    listing = _listing(request, node)
    if listing.is_export:
        return listing.response()
    period = request.GET.get("period", "")
    found = queries.below(queries.visible_to(actor), node)
    found = found.filter(period=period) if period else found.filter(queries.now_q(clock.today()))
    if request.GET.get("duty"):
        found = found.filter(duty=request.GET["duty"])
    address = reverse("standards:under", args=[node.pk])
    keep = {name: request.GET[name] for name in ("duty", "period") if request.GET.get(name)}
    suffix = "".join(f"&{name}={value}" for name, value in keep.items())
    children = queries.by_child(found, node)
    for child in children:
        if child.org is None:
            continue
        deeper = "org" if child.org.level in (queries.BRANCH_LEVEL, "group") else "under"
        child.url = reverse(f"standards:{deeper}", args=[child.org.pk])
    visible = {org.pk for org in orgs.visible_to(actor, permission="standards.view").filter(pk__in=node.ancestor_ids)}
    context = {
        "node": node,
        "line": [org for org in orgs.ancestors(node) if org.pk in visible],
        "counts": queries.counts(found),
        "tiles": {state: f"{address}?state={state}{suffix}" for state in queries.STATES},
        "children": children,
        "other_roots": [org for org in queries.roots(actor) if not node.path.startswith(org.path)],
        "may_remind": actor.may_at("standards.remind", node)
        and listing.count
        and request.GET.get("state", "") in ("", *LACKING),
        "may_sweep": actor.may("standards.sweep"),
        "fields": {"query": request.GET.urlencode()},
        "swept": queries.last_sweep(),
        "period_name": period_title(period) if period and not listing.problems else "",
    }
    return listing.response("standards/under.html", context)


@needs("standards.remind")
@require_POST
def remind_listed(request: HttpRequest, pk: int) -> HttpResponse:
    """一键督促: urge all that the list shows under its filters, on all of its pages."""
    node = queries.get_org(request.actor, pk)
    query = request.POST.get("query", "")
    request.GET = QueryDict(query)  # the list is read by the very filters under which the reader saw it
    ids = list(_listing(request, node).keyset.queryset.values_list("pk", flat=True))
    _urge(request, ids)
    address = reverse("standards:under", args=[node.pk])
    return redirect(f"{address}?{query}" if query else address)


def _urge(request: HttpRequest, ids: list[int]) -> None:
    with attempt(request) as ok:
        done = actions.remind(standings=ids, by=request.actor)
    if ok and done["urged"]:
        text = _("已督促 %(urged)d 项，通知到 %(reached)d 人。") % done
        if done["already"]:
            text += _("另有 %(already)d 项今天已经督促过。") % done
        messages.success(request, text)
    elif ok:
        messages.info(request, _("这些事项今天都已经督促过，明天可再次督促。"))


@needs("standards.remind")
@require_POST
def remind_org(request: HttpRequest, pk: int) -> HttpResponse:
    """Urge one organisation: about one duty, or all that it lacks now."""
    org = queries.get_org(request.actor, pk)
    lacking = [item for item in queries.items(request.actor, org) if item.is_lacking]
    duty, period = request.POST.get("duty", ""), request.POST.get("period", "")
    if duty:
        lacking = [queries.cell(request.actor, org.pk, duty, period)]
    _urge(request, [item.standing.pk for item in lacking])
    if duty:
        return redirect("standards:cell", org.pk, duty, period)
    return redirect("standards:org", org.pk)


@needs("standards.view")
@require_safe
def org(request: HttpRequest, pk: int) -> HttpResponse:
    """An organisation: what is due now with one button each, and its year, each cell leading to its records."""
    actor, today = request.actor, clock.today()
    found = queries.get_org(actor, pk)
    asked = request.GET.get("year", "")
    known = queries.years(actor, found, today)
    year = int(asked) if asked.isdecimal() and int(asked) in known else today.year
    items = queries.items(actor, found, today)
    visible = {row.pk for row in orgs.visible_to(actor, permission="standards.view").filter(pk__in=found.ancestor_ids)}
    return page(
        request,
        "standards/org.html",
        {
            "org": found,
            "line": [row for row in orgs.ancestors(found) if row.pk in visible],
            "lacking": [item for item in items if item.is_lacking],
            "under_way": [item for item in items if item.standing.state == "on_track"],
            "fine": [item for item in items if item.standing.state in ("kept", "made_good")],
            "grid": queries.grid(actor, found, year, today),
            "months": range(1, 13),
            "year": year,
            "years": [(str(y), str(y), f"?year={y}") for y in known] if len(known) > 1 else [],
            "may_plan": _may_plan(actor, found),
            "may_remind": actor.may_at("standards.remind", found),
            "today": today,
        },
    )


@needs("standards.view")
@require_safe
def cell(request: HttpRequest, pk: int, duty: str, period: str) -> HttpResponse:
    """The records behind a cell: the meetings with their facts, and what was done about it."""
    actor = request.actor
    item = queries.cell(actor, pk, duty, period)
    row = item.standing
    kinds = registry.fact_kinds()

    def told(fact) -> dict:
        kind = kinds.get(fact.kind)
        return {"at": fact.at, "title": kind.title if kind else fact.kind, "icon": ICONS.get(fact.kind, "point"),
                "tone": TONES.get(fact.kind, ""), "text": _explain(fact)}  # fmt: skip

    behind = [
        {"occurrence": found.occurrence, "entries": [told(fact) for fact in found.facts]}
        for found in queries.records_behind(item)
    ]
    return page(
        request,
        "standards/cell.html",
        {
            "item": item, "row": row, "org": row.org, "behind": behind,
            "history": [told(fact) for fact in queries.history_of(item)],
            "details": [
                (_("完成"), f"{row.done} / {row.required}"), (_("已计划"), row.planned), (_("截止日"), row.due_on),
                (_("自"), row.since), (_("补开日期"), row.made_good_on or ""), (_("政策包版本"), row.pack_version),
            ],
            "may_plan": _may_plan(actor, row.org),
            "may_remind": item.is_lacking and actor.may_at("standards.remind", row.org),
            "may_know": _may_know(actor, item.case),
            "excuses": queries.excuses_of(item),
            "may_excuse": row.state in ("short", "at_risk", "on_track") and actor.may_at("standards.excuse", row.org),
            "fields": {"duty": row.duty, "period": row.period},
        },
    )  # fmt: skip


def _may_know(actor, case) -> bool:
    """Whether the actor may still say that they know of a case: the organisation itself, or the level it went to."""
    if case is None or case.state == "closed":
        return False
    if case.escalated_to is not None and actor.may_at("standards.remind", case.escalated_to):
        return case.known_above_at is None
    return case.known_at is None and actor.may_at("standards.excuse", case.org)


@needs("standards.view")
@require_POST
def know(request: HttpRequest, pk: int, duty: str, period: str) -> HttpResponse:
    """已知悉: said once by the organisation, once by the level above."""
    case = queries.case_for(request.actor, pk, duty, period)
    with attempt(request, success=_("已记下知悉。")):
        actions.acknowledge(case=case, by=request.actor)
    return redirect("standards:cell", pk, duty, period)


@needs("standards.excuse")
def ask_excuse(request: HttpRequest, pk: int, duty: str, period: str) -> HttpResponse:
    """申请免除: why the duty cannot be done in this period."""
    item = queries.cell(request.actor, pk, duty, period)
    form = ExcuseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, success=_("已上报，批复后会通知您。")) as ok:
            actions.ask_excuse(
                org=item.standing.org, duty=duty, period=period, reason=form.cleaned_data["reason"], by=request.actor
            )
        if ok:
            return redirect("standards:cell", pk, duty, period)
    return page(request, "standards/ask_excuse.html", {"form": form, "item": item, "org": item.standing.org})


@needs("standards.view")
@require_safe
def excuses(request: HttpRequest) -> HttpResponse:
    """情况说明: all that were asked in one's scope, with their answers."""
    names = {duty.id: duty.short for duty in policy.current().duties}
    listing = Listing(
        request, queries.excuses_visible_to(request.actor), filterset=ExcuseFilter, search=("org__name", "org__pinyin", "org__initials"),
        order=("-asked_at", "-id"), export="csv,xlsx", name=_("情况说明"), search_hint=_("组织名称或拼音"),
        empty=gettext_lazy("没有申请免除的"), empty_hint=gettext_lazy("确实完不成的，支部在该事项的页面点“申请免除”，由上一级批复。"),
        columns=[
            Column("org.name", _("组织"), link=lambda row: reverse("standards:excuse", args=[row.pk])),
            Column("duty", _("事项"), value=lambda row: names.get(row.duty, row.duty)),
            Column("period", _("周期"), value=lambda row: period_title(row.period)),
            Column("state", _("状态"), value=lambda row: row.get_state_display()),
            Column("asked_at", _("申请时间"), kind="date", sort=True, phone="hide"),
        ],
    )  # fmt: skip
    context = {"moratoria": list(queries.moratoria_visible_to(request.actor).order_by("-id")[:20]),
               "may_suspend": request.actor.may("standards.suspend")}  # fmt: skip
    return listing.response("standards/excuses.html", context)


@needs("standards.view")
@require_safe
def excuse(request: HttpRequest, excuse_id: int) -> HttpResponse:
    """One excuse with its answer, or the form for it."""
    row = queries.excuse_for(request.actor, excuse_id)
    duty = next((duty for duty in policy.current().duties if duty.id == row.duty), None)
    may_decide = actions.may_decide(row, request.actor)
    return page(
        request,
        "standards/excuse.html",
        {
            "row": row, "duty": duty, "period_title": period_title(row.period), "form": AnswerForm(),
            "may_decide": row.state == "asked" and may_decide,
            "may_revoke": row.state == "approved" and may_decide,
            "may_withdraw": row.state in ("asked", "approved") and not may_decide
            and request.actor.may_at("standards.excuse", row.org),
        },
    )  # fmt: skip


@needs("standards.decide")
@require_POST
def decide_excuse(request: HttpRequest, excuse_id: int) -> HttpResponse:
    """Approve or refuse."""
    row = queries.excuse_for(request.actor, excuse_id)
    with attempt(request, success=_("已批复，申请人会收到消息。")):
        actions.decide_excuse(
            excuse=row,
            approve=request.POST.get("approve") == "1",
            answer=request.POST.get("answer", ""),
            by=request.actor,
        )
    return redirect("standards:excuse", row.pk)


@needs("standards.view")
@require_POST
def withdraw_excuse(request: HttpRequest, excuse_id: int) -> HttpResponse:
    """Take back a request, or an approval."""
    row = queries.excuse_for(request.actor, excuse_id)
    with attempt(request, success=_("已撤回，这一项恢复要求。")):
        actions.withdraw_excuse(excuse=row, reason=request.POST.get("answer", ""), by=request.actor)
    return redirect("standards:excuse", row.pk)


@needs("standards.suspend")
def declare(request: HttpRequest) -> HttpResponse:
    """提出暂缓: where, which duties, from when to when, on what basis."""
    places = queries.places_to_suspend(request.actor)
    form = MoratoriumForm(request.POST or None, places=places)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        chosen = values.pop("org")
        org = next(org for org in places if org.pk == chosen)
        made = None
        with attempt(request, form, success=_("已提出，由另一位负责人批准后生效。")) as ok:
            made = actions.declare_moratorium(org=org, by=request.actor, **values)
        if ok and made:
            return redirect("standards:moratorium", made.pk)
    return page(request, "standards/declare.html", {"form": form})


@needs("standards.view")
@require_safe
def moratorium(request: HttpRequest, moratorium_id: int) -> HttpResponse:
    """One moratorium: its scope, duties, dates and basis, and what can be done about it."""
    row = queries.moratorium_for(request.actor, moratorium_id)
    names = {duty.id: duty.title for duty in policy.current().duties}
    may = request.actor.may_at("standards.suspend", row.org)
    return page(
        request,
        "standards/moratorium.html",
        {
            "row": row, "duties": [names.get(duty, duty) for duty in row.duties], "form": AnswerForm(), "end_form": EndForm(),
            "may_decide": may and row.state == "declared" and row.declared_by != request.actor.person,
            "waits": row.state == "declared" and row.declared_by == request.actor.person,
            "may_end": may and row.state == "approved" and row.ends_on > clock.today(),
        },
    )  # fmt: skip


@needs("standards.suspend")
@require_POST
def decide_moratorium(request: HttpRequest, moratorium_id: int) -> HttpResponse:
    """Approve or refuse."""
    row = queries.moratorium_for(request.actor, moratorium_id)
    with attempt(request, success=_("已批复。")):
        actions.decide_moratorium(
            moratorium=row, approve=request.POST.get("approve") == "1", answer=request.POST.get("answer", ""),
            by=request.actor,
        )  # fmt: skip
    return redirect("standards:moratorium", row.pk)


@needs("standards.suspend")
@require_POST
def end_moratorium(request: HttpRequest, moratorium_id: int) -> HttpResponse:
    """End it early."""
    row = queries.moratorium_for(request.actor, moratorium_id)
    form = EndForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请填写新的止日。"))
        return redirect("standards:moratorium", row.pk)
    with attempt(request, success=_("已提前结束，之后的周期恢复要求。")):
        actions.end_moratorium(moratorium=row, on=form.cleaned_data["on"], by=request.actor)
    return redirect("standards:moratorium", row.pk)


ICONS = {
    "reminder.acknowledged": "eye", "excuse.asked": "file-text", "excuse.approved": "circle-check",
    "excuse.refused": "circle-x", "excuse.withdrawn": "arrow-back-up",
    "reminder.sent": "bell-ringing", "standing.fell_short": "circle-x", "standing.escalated": "arrow-up",
    "standing.made_good": "rotate", "activity.planned": "calendar-plus", "activity.rescheduled": "calendar-time",
    "activity.cancelled": "calendar-off", "activity.signed_off": "signature",
}  # fmt: skip
TONES = {
    "reminder.sent": "info", "standing.fell_short": "bad", "standing.escalated": "warn", "standing.made_good": "good",
    "activity.signed_off": "good",
}  # fmt: skip


def _explain(fact) -> str:
    """What a fact says, for the reader: the day it is about, who came, how many were told."""
    data, parts = fact.data, []
    if fact.kind == "reminder.sent":
        how = _("人工督促") if data.get("how") == "urged" else _("自动提醒")
        return _("%(how)s，通知到 %(reached)d 人") % {"how": how, "reached": data.get("reached", 0)}
    if fact.kind == "reminder.acknowledged":
        return _("上级") if data.get("side") == "above" else _("本组织")
    if fact.kind == "standing.fell_short":
        return _("应完成 %(required)d 次，已完成 %(done)d 次") % {
            "required": data.get("required", 0), "done": data.get("done", 0),
        }  # fmt: skip
    if data.get("on"):
        parts.append(_("日期 %(day)s") % {"day": data["on"]})
    if data.get("counts_for"):
        parts.append(_("补%(period)s") % {"period": period_title(data["counts_for"])})
    if "present" in data and "expected" in data:
        parts.append(_("应到 %(expected)s 人，实到 %(present)s 人") % data)
    if data.get("reason"):
        parts.append(str(data["reason"]))
    return "；".join(parts)


@needs("standards.sweep")
@require_POST
def sweep_now(request: HttpRequest) -> HttpResponse:
    """Judge the whole city now."""
    with attempt(request) as ok:
        done = actions.sweep(by=request.actor)
    if ok:
        messages.success(
            request,
            _("巡检完成：变动 %(changed)d 项，提醒 %(reminded)d 项，上报 %(escalated)d 项，办结 %(closed)d 项。")
            % {name: getattr(done, name) for name in ("changed", "reminded", "escalated", "closed")},
        )
    return redirect("standards:overview")


@needs("standards.view")
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """The duties as published: text, who is asked, how often, when it warns and reports, and on what basis."""
    pack = policy.current()
    kinds = {kind.id: kind.title for kind in pack.org_kinds}
    per = {"month": _("每月"), "quarter": _("每季度"), "year": _("每年")}
    shown = [
        {
            "duty": duty,
            "often": _("%(per)s%(times)d次") % {"per": per[duty.per], "times": duty.times},
            "kinds": "、".join(kinds.get(kind, kind) for kind in duty.applies_to),
            "needs": {"committee": _("设支部委员会的支部"), "groups": _("划分党小组的支部"), "none": ""}[duty.needs],
            "reminds": "、".join(str(days) for days in duty.remind_days_before),
        }
        for duty in sorted(pack.duties_on(clock.today()), key=lambda duty: duty.order)
    ]
    return page(request, "standards/duties.html", {"duties": shown, "pack": pack})


@needs("standards.view")
@require_safe
def panel_org(request: HttpRequest) -> HttpResponse:
    """A part for the organisation's page: what it lacks, and how those below it stand."""
    found = queries.get_org(request.actor, request.GET.get("org", ""))
    context = queries.summary(request.actor, found) | {"may_plan": _may_plan(request.actor, found)}
    context["below"] = found.level not in (queries.BRANCH_LEVEL, "group")
    return fragment(request, "standards/panel_org.html", context)
