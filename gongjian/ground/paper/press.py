"""印制: renders a template to a PDF. The press asks no address: it finds the package's static files and nothing else.

Measured on one slow core: the first file of a process takes 2 s (loading the engine), a page 0.1 s after that, a table
of 45 rows 0.8 s, one of 500 rows 5 s: long lists go out as Excel. Fonts are found by fontconfig, which keeps its own
cache, and only the glyphs that a file uses are put into it (some 100 KB a face).
"""

import shutil
import subprocess
import threading
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.errors import GongjianError
from gongjian.ground.ui.shortcuts import settle, without_sql

BASE = "https://paper.invalid/"  # a name that no network knows (RFC 2606); only our own fetcher answers for it
WAIT = 60.0  # seconds that a reader waits for others' files
# One at a time: Pango is not meant for threads, and two long tables at once would take a small server's memory.
_turn = threading.Lock()


class PaperUnavailable(GongjianError):
    """This machine cannot make PDF files now; the message says what is missing."""

    status = 503
    code = "paper_unavailable"


class Attachment(NamedTuple):
    """附件: a file that travels inside the PDF."""

    name: str
    content: bytes
    about: str = ""


class OutsideAddress(BaseException):
    """A template asked for something that is not a static file of the package (a programmer's error).

    Not an Exception, because the engine would turn that into a warning and leave the picture out.
    """


@cache
def _engine() -> ModuleType:
    """WeasyPrint, loaded at the first file: it takes two seconds, and needs libraries that a server may lack."""
    try:
        return import_module("weasyprint")
    except (OSError, ImportError):
        raise PaperUnavailable(
            _("这台服务器还不能生成 PDF：缺少排版程序 Pango。请管理员安装 libpango-1.0-0、libpangoft2-1.0-0。")
        ) from None


@cache
def _has_font() -> bool:
    """Whether fontconfig knows a Chinese font; where its program is not there we cannot tell, and try."""
    program = shutil.which("fc-list")
    if program is None:
        return True
    asked = [program, ":lang=zh-cn", "family"]
    return bool(subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False).stdout.strip())


def missing() -> str:
    """What this machine lacks for making PDF files, in words; empty if nothing."""
    try:
        _engine()
    except PaperUnavailable as problem:
        return problem.message
    if not _has_font():
        return _("这台服务器还不能生成 PDF：没有中文字体。请管理员安装 fonts-noto-cjk。")
    return ""


@cache
def _fetcher() -> Any:
    urls = import_module("weasyprint.urls")

    class OnlyOurs(urls.URLFetcher):
        def fetch(self, url: str, headers: dict | None = None) -> Any:
            asked = urlsplit(url)
            found = None
            if url.startswith(BASE) and asked.path.startswith(settings.STATIC_URL):
                with suppress(SuspiciousFileOperation):  # a path with dots
                    found = finders.find(unquote(asked.path.removeprefix(settings.STATIC_URL)))
            if not found:
                raise OutsideAddress(url)
            place = Path(found)
            kind = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}.get(place.suffix)
            if kind is None:
                raise OutsideAddress(url)
            return urls.URLFetcherResponse(url, place.read_bytes(), {"Content-Type": kind})

    return OnlyOurs()


def pdf(
    template: str, context: dict | None = None, *, title: str, author: str = "", attachments: Iterable[Attachment] = ()
) -> bytes:
    """A template that extends `paper/base.html` as a PDF file (PDF/A-3: fonts inside, text selectable, tagged).

    `title` and `author` go into the head and the file's properties. Everything in `context` must be evaluated, as for
    `page`. A `proof` in the context (facts.proof) is attached by itself, so that the file can be checked offline.
    Raises PaperUnavailable where Pango or a Chinese font is missing, or where the queue is too long.
    """
    given = dict(context or {})
    given |= {
        "title": title,
        "author": author,
        "made_at": clock.now(),
        "is_demo": settings.DEMO,
        "language": get_language(),
    }
    lacking = missing()
    if lacking:
        raise PaperUnavailable(lacking)
    proof = given.get("proof")
    inside = [*attachments, *([proof.attachment()] if proof else [])]
    with without_sql(template):
        html = render_to_string(template, given)
    weasyprint, fetcher = _engine(), _fetcher()
    if not _turn.acquire(timeout=WAIT):
        raise PaperUnavailable(_("正在生成的 PDF 太多，请稍后再试。"))
    try:
        return weasyprint.HTML(string=html, base_url=BASE, url_fetcher=fetcher).write_pdf(
            pdf_variant="pdf/a-3u",
            pdf_tags=True,
            attachments=[
                weasyprint.Attachment(
                    string=item.content, name=item.name, description=item.about, url_fetcher=fetcher, base_url=BASE
                )
                for item in inside
            ],
        )  # fmt: skip
    finally:
        _turn.release()


def response(
    request: HttpRequest, template: str, context: dict | None = None, *, title: str, filename: str, author: str = "",
    attachments: Iterable[Attachment] = (),
) -> HttpResponse:  # fmt: skip
    """Answer with a PDF file to be saved; `filename` without `.pdf`. Never kept by caches: it may hold names."""
    settle(request)
    body = pdf(template, context, title=title, author=author, attachments=attachments)
    answer = HttpResponse(body, content_type="application/pdf")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename + '.pdf')}"
    answer["Cache-Control"] = "no-store"
    return answer
