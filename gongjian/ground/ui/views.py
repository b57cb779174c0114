"""页面: the reader's preferences, the error pages and the gallery of components."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gongjian.ground.kernel import api
from gongjian.ground.kernel.access import public
from gongjian.ground.kernel.errors import GongjianError

from . import preferences, samples
from .shortcuts import fragment, page


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Back to the page the reader came from, if it is one of ours."""
    to = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        to = "/"
    return HttpResponseRedirect(to)


def _remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> HttpResponse:
    response.set_cookie(
        name, value, max_age=preferences.YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )
    return response


@public
@require_POST
def set_elder(request: HttpRequest) -> HttpResponse:
    """Turn the elder version on or off."""
    on = "1" if request.POST.get("on") == "1" else "0"
    return _remember(request, _back(request), preferences.ELDER, on)


@public
@require_POST
def set_still(request: HttpRequest) -> HttpResponse:
    """Turn motion off or on."""
    on = "1" if request.POST.get("on") == "1" else "0"
    return _remember(request, _back(request), preferences.STILL, on)


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Choose the language of the pages."""
    asked = request.POST.get("language", "")
    response = _back(request)
    if asked in dict(settings.LANGUAGES) and check_for_language(asked):
        _remember(request, response, settings.LANGUAGE_COOKIE_NAME, asked)
    return response


API_WORDS = {
    400: gettext_lazy("请求无法读取，请检查格式。"), 403: gettext_lazy("没有权限。"), 404: gettext_lazy("没有这个地址。"),
    413: gettext_lazy("内容太大，请分成几次发送。"), 500: gettext_lazy("服务器出错，请稍后再试。"),
}  # fmt: skip


class Broken(GongjianError):
    """What went wrong outside the rooms, with the status that says how."""

    code = "request"

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def error_page(request: HttpRequest, status: int, detail: str = "") -> HttpResponse:
    """The page for an error, in plain words with what to do next; `detail` is one more sentence for the reader.

    Rendered without context processors, so that neither session nor database is touched whatever broke. A program
    that asked the API gets the same as problem+json.
    """
    if request.path.startswith("/api/"):
        return api.problem(Broken(detail or str(API_WORDS[status]), status))
    context = {"detail": detail, "status": status, "request": request, "bare": True}
    return HttpResponse(render_to_string(f"{status}.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400; 413 for a program that sent more than is taken in."""
    if isinstance(exception, RequestDataTooBig) and request.path.startswith("/api/"):
        return error_page(request, 413)
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403; what a refusal of ours says is shown, other exceptions' words are not."""
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return error_page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere (setting CSRF_FAILURE_VIEW)."""
    if request.path.startswith("/api/"):
        return api.problem(Broken(_("用浏览器会话写入须带 X-CSRFToken；程序请用接口令牌。"), 403))
    context = {"status": 403, "request": request, "bare": True}
    return HttpResponse(render_to_string("403_csrf.html", context), status=403)


@public
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """All components with their code."""
    return page(request, "ui/gallery.html", samples.gallery(request))


@public
@require_safe
def gallery_phone(request: HttpRequest) -> HttpResponse:
    """The frame of members' and residents' pages."""
    samples.phone_frame(request)
    return page(request, "ui/gallery_phone.html", samples.phone(request))


@public
@require_safe
def gallery_screen(request: HttpRequest) -> HttpResponse:
    """The frame of large screens."""
    return page(request, "ui/gallery_screen.html", samples.screen(request))


@public
@require_safe
def gallery_options(request: HttpRequest) -> HttpResponse:
    """Options for the search field of the gallery, as `SearchSelect` asks for them."""
    return fragment(request, "ui/parts/options.html", {"options": samples.options(request.GET.get("q", ""))})
