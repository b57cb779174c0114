"""The page that documents the API, made from its own description, without scripts and without outside addresses."""

from django.http import HttpRequest, HttpResponse

from gongjian.ground.kernel.access import public
from gongjian.ground.ui.shortcuts import page
from gongjian.outlets.openapi.document import PREFIX, description, operations_by_tag


@public
def docs(request: HttpRequest) -> HttpResponse:
    """接口文档: every operation with what it takes and gives."""
    document = description()
    return page(
        request, "openapi/docs.html",
        {"info": document["info"], "groups": operations_by_tag(document), "address": PREFIX + "openapi.json"},
    )  # fmt: skip
