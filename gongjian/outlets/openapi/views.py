"""The page that documents the API, made from its own description, without scripts and without outside addresses."""

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from gongjian.ground.kernel.access import public
from gongjian.ground.ui.shortcuts import page
from gongjian.outlets.openapi.document import PREFIX, description, operations_by_tag


@cache
def _operations(language: str) -> SafeString:
    """All operations, which are the same for everybody: rendering hundreds of them took twenty times the page around."""
    return render_to_string("openapi/operations.html", {"groups": operations_by_tag(description())})


@public
def docs(request: HttpRequest) -> HttpResponse:
    """接口文档: every operation with what it takes and gives."""
    document = description()
    return page(
        request, "openapi/docs.html",
        {"info": document["info"], "operations": _operations(get_language()), "address": PREFIX + "openapi.json"},
    )  # fmt: skip
