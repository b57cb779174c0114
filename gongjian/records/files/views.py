"""Files on pages: download, add, remove. The page that shows them belongs to the room that owns the object."""

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gongjian.ground.kernel.access import signed_in
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.ui.deeds import attempt
from gongjian.records.files import actions, queries


def as_attachment(file: queries.StoredFile) -> HttpResponse:
    """The content as an attachment that no browser runs or guesses about, and no cache keeps."""
    answer = HttpResponse(queries.content_of(file), content_type=file.mime)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer


@signed_in
@require_safe
def download(request: HttpRequest, key: str) -> HttpResponse:
    """One file, if the room that owns its object lets the reader in."""
    return as_attachment(queries.get_for(request.actor, key))


def _back(request: HttpRequest) -> HttpResponseRedirect:
    to = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(to if safe else "/")


@signed_in
@require_POST
def add(request: HttpRequest, subject_kind: str, subject_id: str) -> HttpResponse:
    """Keep what was uploaded and go back to the page it came from."""
    subject = Ref(subject_kind, subject_id)
    if not queries.may(request.actor, subject):
        raise NotFound(queries.NOTHING)
    uploads = request.FILES.getlist("file")
    if not uploads:
        messages.error(request, _("请先选择文件。"))
    for upload in uploads:
        with attempt(request, success=_("已存入“%(name)s”。") % {"name": upload.name}):
            actions.keep(
                by=request.actor, upload=upload, subject=subject, title=request.POST.get("title", ""),
                org=queries.org_of(subject),
            )  # fmt: skip
    return _back(request)


@signed_in
@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Remove one file, with a reason."""
    file = queries.get_for(request.actor, key, change=True)
    with attempt(request, success=_("已撤下“%(title)s”。") % {"title": file.title}):
        actions.remove(by=request.actor, file=file, reason=request.POST.get("reason", ""))
    return _back(request)
