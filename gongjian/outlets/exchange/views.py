"""Pages of imports and exports."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.sheets import write_template
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.outlets.exchange import actions, exports, queries, states
from gongjian.outlets.exchange.bindings import binding_for, exportable, importable, title_of
from gongjian.outlets.exchange.filters import ImportFilter
from gongjian.outlets.exchange.forms import ExportForm, UploadForm

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX if kind == "xlsx" else "text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.{kind}")
    response["Cache-Control"] = "no-store"
    return response


def _offers(request: HttpRequest) -> list[dict[str, Any]]:
    """The tables, with what this actor may do with each."""
    into, out = importable(request.actor), exportable(request.actor)
    found = []
    for ident, binding in {**into, **out}.items():
        sheet = binding.sheet
        found.append(
            {
                "id": ident, "title": title_of(binding), "about": sheet.intro,
                "import_url": reverse("exchange:new", args=[ident]) if ident in into else "",
                "export_url": reverse("exchange:export", args=[ident]) if ident in out else "",
            }
        )  # fmt: skip
    return found


@needs("exchange.export")
def index(request: HttpRequest) -> HttpResponseBase:
    """What can be imported and exported, and the imports so far."""
    titles = queries.titles()
    listing = Listing(
        request, queries.visible_to(request.actor),
        columns=[
            Column("file_name", _("文件"), link="exchange:detail", phone="title"),
            Column("sheet", _("表格"), value=lambda job: titles.get(job.sheet, job.sheet)),
            Column("state", _("状态"), kind="badge", looks=states.LOOKS),
            Column("rows", _("行数"), kind="number"),
            Column("problem_count", _("问题"), kind="number"),
            Column("user", _("上传人"), value=lambda job: job.user.person.name if job.user.person else job.user.username),
            Column("uploaded_at", _("上传时间"), kind="datetime", sort=True),
        ],
        filterset=ImportFilter, search=("file_name",), order=("-uploaded_at", "-id"), search_hint=_("搜索文件名"),
        empty=_("还没有导入过文件"), empty_hint=_("在上面选一种表格，下载模板，填好后上传。"),
    )  # fmt: skip
    return listing.response("exchange/list.html", {"offers": _offers(request)})


@needs("exchange.import")
def new(request: HttpRequest, sheet_id: str) -> HttpResponse:
    """One table: its columns in words, its template, and where to upload."""
    binding = binding_for(sheet_id, importable(request.actor))
    sheet = binding.sheet
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        given, job = form.cleaned_data["file"], None
        with attempt(request, form):
            job = actions.upload(sheet=sheet_id, file_name=given.name, chunks=given.chunks(), by=request.actor)
        if job is not None:
            actions.at_once(job)
            return HttpResponseRedirect(reverse("exchange:detail", args=[job.pk]))
    columns = [
        (column.title, _("必填") if column.required else _("选填"), column.help, column.example)
        for column in sheet.columns
    ]
    context = {
        "sheet": sheet, "title": title_of(binding), "form": form, "columns": columns,
        "heads": [_("列"), _("要求"), _("怎么填"), _("例")], "steps": states.STEPS, "step": "upload",
    }  # fmt: skip
    return page(request, "exchange/new.html", context, status=422 if form.errors else 200)


@needs("exchange.import")
def template(request: HttpRequest, sheet_id: str) -> HttpResponse:
    """The empty template of a table."""
    sheet = binding_for(sheet_id, importable(request.actor)).sheet
    kind = "csv" if request.GET.get("format") == "csv" else "xlsx"
    return _file(write_template(sheet, kind), _("%(title)s模板") % {"title": sheet.title}, kind)


@needs("exchange.import")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an import stands: progress, problems or summary, and what can be done next."""
    job = queries.get_for(request.actor, pk)
    standing = queries.standing(job)
    context: dict[str, Any] = {"job": job, "standing": standing, "here": reverse("exchange:detail", args=[pk])}
    if request.htmx:
        response = fragment(request, "exchange/progress.html", context)
        if not standing["busy"]:
            response["HX-Refresh"] = "true"
        return response
    own = job.user_id == request.actor.user
    problems = queries.problems_of(job) if own else []
    binding = importable(request.actor).get(job.sheet)
    context |= {
        "title": queries.titles().get(job.sheet, job.sheet), "own": own, "looks": states.LOOKS, "steps": states.STEPS,
        "step": states.STEP_OF[job.state], "who": job.user.person.name if job.user.person else job.user.username,
        "problems": [(problem.where, problem.message, problem.value) for problem in problems[:200]],
        "problem_heads": [_("位置"), _("问题"), _("原来的内容")], "kinds": queries.by_kind(problems)[:8],
        "kept": len(job.problems), "can_undo": bool(own and job.state == states.APPLIED and binding and binding.undo),
        "has_file": bool(job.stored), "again": queries.same_before(job) if job.state == states.CHECKED else None,
        "changes": job.created + job.updated, "known": job.sheet in queries.titles(),
    }  # fmt: skip
    return page(request, "exchange/detail.html", context)


@needs("exchange.import")
def marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The person's own file back with its problems marked."""
    job = queries.get_for(request.actor, pk, own=True)
    stem = job.file_name.rpartition(".")[0] or job.file_name
    return _file(queries.marked(job), _("%(name)s-问题标注") % {"name": stem}, "xlsx")


@require_POST
@needs("exchange.import")
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree that it is written."""
    job = queries.get_for(request.actor, pk, own=True)
    with attempt(request) as ok:
        job = actions.agree(job=job, by=request.actor)
    if ok:
        job = actions.at_once(job)
        if job.state == states.APPLIED:
            messages.success(request, _("已写入。"))
    return HttpResponseRedirect(reverse("exchange:detail", args=[pk]))


@require_POST
@needs("exchange.import")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a written import back."""
    with attempt(request) as ok:
        count = actions.undo(job=queries.get_for(request.actor, pk, own=True), by=request.actor)
    if ok:
        messages.success(request, _("已整份撤销，共 %(count)d 行。") % {"count": count})
    return HttpResponseRedirect(reverse("exchange:detail", args=[pk]))


@require_POST
@needs("exchange.import")
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it up before it is written."""
    with attempt(request, success=_("已放弃，上传的文件已删除，系统里没有写入任何内容。")):
        actions.drop(job=queries.get_for(request.actor, pk, own=True), by=request.actor)
    return HttpResponseRedirect(reverse("exchange:list"))


@needs("exchange.export")
def export(request: HttpRequest, sheet_id: str) -> HttpResponseBase:
    """Export one table: choose the part of the tree and the format (POST, for it leaves a fact)."""
    binding = binding_for(sheet_id, exportable(request.actor))
    sheet = binding.sheet
    nodes = exports.nodes(request.actor)
    if request.method == "POST":
        form = ExportForm(request.POST)
        if not form.is_valid():
            raise NotFound(_("没有这种导出格式。"))
        with attempt(request) as ok:
            kind = form.cleaned_data["format"]
            stream = exports.export(sheet=sheet_id, org=form.cleaned_data["org"], kind=kind, by=request.actor)
        if ok:
            name = f"{title_of(binding)}-{clock.today():%Y%m%d}.{kind}"
            response = FileResponse(
                stream,
                as_attachment=True,
                filename=name,
                content_type=XLSX if kind == "xlsx" else "text/csv; charset=utf-8",
            )
            response["Cache-Control"] = "no-store"
            return response
    columns = "、".join(str(column.title) for column in sheet.columns)
    return page(
        request,
        "exchange/export.html",
        {"sheet": sheet, "title": title_of(binding), "nodes": nodes, "columns": columns},
    )
