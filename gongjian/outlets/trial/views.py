"""Pages: drafts, their entries, a trial with its progress and results, and the organisations behind a number."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.outlets.trial import actions, queries, states
from gongjian.outlets.trial.filters import DraftFilter, LackFilter
from gongjian.outlets.trial.forms import PARTS, DescribeForm, DraftForm, EntryForm, SubmitForm, TryForm


@needs("trial.view")
def index(request: HttpRequest) -> HttpResponseBase:
    """All drafts."""
    names: dict[int, str] = {}

    def prepare(rows: list) -> None:
        names.update(queries.names_of([row.author for row in rows]))

    listing = Listing(
        request, queries.visible_to(request.actor).defer("base", "uploaded"),
        columns=[
            Column("title", _("草案"), link="trial:draft", phone="title"),
            Column("state", _("状态"), kind="badge", looks=states.LOOKS, phone="meta"),
            Column("edits", _("改动"), value=lambda row: len(row.edits), kind="number", phone="hide"),
            Column("author", _("起草人"), value=lambda row: names.get(row.author, _("系统")), phone="meta"),
            Column("effective_from", _("生效日期"), kind="date", sort=True, phone="hide"),
            Column("changed_at", _("最近修改"), kind="datetime", sort=True, phone="meta"),
        ],
        filterset=DraftFilter, search=("title", "reason"), order=("-changed_at", "-id"), prepare=prepare,
        export="xlsx,csv", name=_("政策草案"), search_hint=_("草案名称"),
        empty=gettext_lazy("还没有政策草案"),
        empty_hint=gettext_lazy("先起草要改的规则，用过去一年的记录试算，看清影响，再提交发布。"),
    )  # fmt: skip
    return listing.response("trial/list.html", {"may_draft": queries.may(request.actor, "trial.draft")})


@needs("trial.draft")
def new(request: HttpRequest) -> HttpResponse:
    """Begin a draft."""
    queries.require(request.actor, "trial.draft")
    form = DraftForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        files = {one.name: one.read(actions.LARGEST + 1) for one in given["files"]}
        with attempt(request, form) as done:
            try:
                row = actions.begin(title=given["title"], reason=given["reason"], files=files, by=request.actor)
            except actions.Wrong as wrong:
                for problem in wrong.problems[:50]:
                    form.add_error("files", str(problem))
        if done and not form.errors:
            return redirect("trial:draft", row.pk)
    return page(request, "trial/new.html", {"form": form}, status=422 if form.errors else 200)


def _draft_page(request: HttpRequest, row: Any, *, submit: Any = None, attempt_form: Any = None) -> HttpResponse:
    actor = request.actor
    may_draft, may_approve = (queries.may(actor, code) for code in ("trial.draft", "trial.approve"))
    drafting, submitted = row.state == states.DRAFTING, row.state == states.SUBMITTED
    behind = (drafting or submitted) and queries.is_behind(row)
    proposed = row.version or queries.proposed_version(row)
    starts = row.effective_from or clock.today()
    names = queries.names_of([row.author, row.submitted_by, row.decided_by])
    tried = queries.tried(row)
    changes, others = queries.changes_of(row, starts)
    years = queries.years()
    trials = [
        {"trial": one, "progress": queries.progress_of(one), "current": one.digest == queries.digest_of(row)}
        for one in queries.trials_for(actor).filter(draft=row).order_by("-pk")[:20]
    ]
    own = actor.person is not None and actor.person == row.submitted_by
    return page(request, "trial/draft.html", {
        "draft": row, "looks": states.LOOKS, "silent": queries.silent_in(row) if drafting else [],
        "changes": changes, "others": others, "trials": trials, "behind": behind,
        "author": names.get(row.author, _("系统")), "submitter": names.get(row.submitted_by, _("系统")),
        "decider": names.get(row.decided_by, ""), "tried": tried, "parts": [*PARTS.items()],
        "may_edit": may_draft and drafting, "may_try": may_draft and (drafting or submitted),
        "may_submit": may_draft and drafting and not behind, "must_try": policy.current().trials.must_try,
        "may_publish": may_approve and submitted and not own, "may_return": submitted and (own or may_approve),
        "over": queries.over_budget(row, starts) if submitted else [],
        "own": own, "may_drop": may_draft and (drafting or submitted),
        "try_form": attempt_form or TryForm(years=years, initial={"year": years[0]}),
        "submit_form": submit or SubmitForm(initial={"effective_from": None, "version": proposed}),
    }, status=422 if (submit is not None and submit.errors) else 200)  # fmt: skip


@needs("trial.view")
def draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """A draft: what it changes, its trials, and what can be done with it."""
    return _draft_page(request, queries.get_for(request.actor, draft_id))


@needs("trial.draft")
def describe(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Its name and reason."""
    row = queries.get_for(request.actor, draft_id)
    form = DescribeForm(request.POST or None, initial={"title": row.title, "reason": row.reason})
    if request.method == "POST" and form.is_valid():
        with attempt(request, form) as done:
            actions.describe(draft=row, by=request.actor, **form.cleaned_data)
        if done:
            return redirect("trial:draft", row.pk)
    return page(request, "trial/describe.html", {"form": form, "draft": row}, status=422 if form.errors else 200)


def _part(name: str) -> str:
    if name not in PARTS:
        raise NotFound(_("政策草案没有这一部分。"))
    return str(PARTS[name])


@needs("trial.draft")
def part(request: HttpRequest, draft_id: int, part: str) -> HttpResponse:
    """The entries of a part, with what they say and what is changed."""
    title, row = _part(part), queries.get_for(request.actor, draft_id)
    entries = queries.entries_of(row, part)
    tabs = [(name, str(word), reverse("trial:part", args=[row.pk, name])) for name, word in PARTS.items()]
    return page(request, "trial/part.html", {
        "draft": row, "title": title, "entries": entries, "tabs": tabs, "part": part,
    })  # fmt: skip


@needs("trial.draft")
def entry(request: HttpRequest, draft_id: int, part: str, entry: str) -> HttpResponse:
    """One entry as a form."""
    _part(part)
    row = queries.get_for(request.actor, draft_id)
    found = queries.entry_of(row, part, entry)
    form = EntryForm(
        request.POST or None, part=part, pack=policy.current(), start=found["start"],
        initial=EntryForm.shown(found["values"]),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        revision = request.POST.get("revision", "")
        with attempt(request, form) as done:
            try:
                actions.change(
                    draft=row, part=part, ident=entry, values=form.given, by=request.actor,
                    revision=int(revision) if revision.isdigit() else None,
                )  # fmt: skip
            except actions.Wrong as wrong:
                form.complain(wrong.problems, entry)
        if done and not form.errors:
            return redirect("trial:part", row.pk, part)
    return page(request, "trial/entry.html", {
        "form": form, "draft": row, "part": part, "part_title": PARTS[part], "entry": entry, **found,
    }, status=422 if form.errors else 200)  # fmt: skip


@require_POST
@needs("trial.draft")
def reset(request: HttpRequest, draft_id: int, part: str, entry: str) -> HttpResponse:
    """One entry as it was."""
    _part(part)
    row = queries.get_for(request.actor, draft_id)
    found = queries.entry_of(row, part, entry)
    with attempt(request, success=_("已恢复成改之前的样子。")):
        actions.change(draft=row, part=part, ident=entry, values=found["start"], by=request.actor)
    return redirect("trial:part", row.pk, part)


@require_POST
@needs("trial.draft")
def try_out(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Begin a trial."""
    row = queries.get_for(request.actor, draft_id)
    form = TryForm(request.POST, years=queries.years())
    if form.is_valid():
        with attempt(request, form) as done:
            made = actions.try_out(draft=row, year=form.cleaned_data["year"], by=request.actor)
        if done:
            return redirect("trial:trial", made.pk)
    return _draft_page(request, row, attempt_form=form)


@require_POST
@needs("trial.draft")
def submit(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Hand it in."""
    row = queries.get_for(request.actor, draft_id)
    form = SubmitForm(request.POST)
    if form.is_valid():
        with attempt(request, form, success=_("已提交，请另一位同志批准。")) as done:
            actions.submit(draft=row, by=request.actor, **form.cleaned_data)
        if done:
            return redirect("trial:draft", row.pk)
    return _draft_page(request, row, submit=form)


@require_POST
@needs("trial.view")
def send_back(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Return it, or take it back."""
    row = queries.get_for(request.actor, draft_id)
    with attempt(request, success=_("已退回，可以继续修改。")):
        actions.send_back(draft=row, by=request.actor, reason=request.POST.get("reason", ""))
    return redirect("trial:draft", row.pk)


@require_POST
@needs("trial.approve")
def publish(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Approve and publish it."""
    row = queries.get_for(request.actor, draft_id)
    with attempt(request, success=_("已发布为政策包的新版本。")):
        actions.publish(draft=row, by=request.actor, burden_reason=request.POST.get("burden_reason", ""))
    return redirect("trial:draft", row.pk)


@require_POST
@needs("trial.draft")
def renew(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Lay it over the newest pack."""
    row = queries.get_for(request.actor, draft_id)
    with attempt(request, success=_("已换成最新的底稿，请核对改动后重新试算。")):
        actions.renew(draft=row, by=request.actor)
    return redirect("trial:draft", row.pk)


@require_POST
@needs("trial.draft")
def drop(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Give it up."""
    row = queries.get_for(request.actor, draft_id)
    with attempt(request, success=_("已作废，现行政策没有变化。")):
        actions.drop(draft=row, by=request.actor)
    return redirect("trial:draft", row.pk)


@needs("trial.view")
def trial(request: HttpRequest, trial_id: int) -> HttpResponse:
    """A trial: how far it is, or what came of it."""
    row = queries.trial_for(request.actor, trial_id)
    progress = queries.progress_of(row)
    here = reverse("trial:trial", args=[row.pk])
    context: dict[str, Any] = {"trial": row, "progress": progress, "here": here}
    if request.htmx:
        response = fragment(request, "trial/progress.html", context)
        if not progress["busy"]:
            response["HX-Refresh"] = "true"
        return response
    context |= {"looks": states.LOOKS, "may_cancel": progress["busy"] and queries.may(request.actor, "trial.draft")}
    if row.results is not None:
        context |= queries.results_of(row) | {
            "lists": reverse("trial:organisations", args=[row.pk]), "counts": queries.lack_counts(row),
            "seconds": round((row.finished_at - row.started_at).total_seconds()) if row.started_at else 0,
            "stale": row.digest != queries.digest_of(queries.get_for(request.actor, row.draft_id)),
        }  # fmt: skip
    return page(request, "trial/trial.html", context)


@require_POST
@needs("trial.draft")
def cancel(request: HttpRequest, trial_id: int) -> HttpResponse:
    """Stop it."""
    row = queries.trial_for(request.actor, trial_id)
    with attempt(request, success=_("已取消，算到一半的结果已删除。")):
        actions.cancel(trial=row, by=request.actor)
    return redirect("trial:draft", row.draft_id)


@needs("trial.view")
def organisations(request: HttpRequest, trial_id: int) -> HttpResponseBase:
    """Who would lack what, by the pack in force and by the draft."""
    row = queries.trial_for(request.actor, trial_id)
    duties = (row.results or {}).get("titles", {}).get("duties", {})
    kinds = {kind.id: kind.short for kind in policy.current().org_kinds}
    listing = Listing(
        request, queries.lacks_for(request.actor, row), filterset=LackFilter,
        columns=[
            Column("org.name", _("组织"), link=lambda one: reverse("standards:org", args=[one.org_id]), phone="title"),
            Column("org.kind", _("类型"), value=lambda one: kinds.get(one.org.kind, one.org.kind), phone="meta"),
            Column("duty", _("事项"), value=lambda one: duties.get(one.duty, one.duty), phone="meta"),
            Column("short_before", _("不达标：现行"), kind="number", sort=True),
            Column("short_after", _("不达标：草案"), kind="number", sort=True),
            Column("good_before", _("补做：现行"), kind="number", sort=True, phone="hide"),
            Column("good_after", _("补做：草案"), kind="number", sort=True, phone="hide"),
        ],
        search=("org__name", "org__pinyin", "org__initials"), order=("-short_after", "-short_before", "id"),
        export="xlsx,csv", name=_("试算不达标"), size=50, search_hint=_("组织名称或拼音"),
        empty=gettext_lazy("没有组织不达标"), empty_hint=gettext_lazy("按现行规定和按草案，都没有。"),
    )  # fmt: skip
    return listing.response("trial/organisations.html", {"trial": row})
