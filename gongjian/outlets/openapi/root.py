"""/api/v1: the rooms' routers put together, one shape of errors, OpenAPI 3.1 and its page from our own files."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from gongjian.ground.kernel import api as kernel_api
from gongjian.ground.kernel.errors import GongjianError, Invalid, NotFound

ABOUT = """城市智慧党建与基层治理平台的开放接口。与网页同一套权限：看得到什么、能做什么，由授权决定。

- 身份：浏览器会话，或 `Authorization: Bearer 令牌`（在“账号与安全”页签发，可限定范围）。
- 翻页：`limit` 与 `cursor`；应答中的 `next` 是下一页的游标。
- 幂等：写操作可带 `Idempotency-Key`，同一请求重复发送得到同一答复，只生效一次。
- 出错：一律 `application/problem+json`，`title` 是写给人看的说明。
"""


class Described(NinjaAPI):
    """ninja's API whose document also says how an operation answers when it does not do what it was asked."""

    def get_openapi_schema(self, **asked: object) -> OpenAPISchema:
        """The document, with a problem as the default answer of every operation."""
        document = super().get_openapi_schema(**asked)
        shape = kernel_api.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = shape
        answer = {
            "description": "没有办成：原因写在 title 里。",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].setdefault("default", answer)
        return document


def build() -> NinjaAPI:
    """The API with every room's router."""
    api = Described(
        title="共建开放接口", version="1", description=ABOUT, urls_namespace="api", openapi_url="/openapi.json",
        docs_url=None,
    )  # fmt: skip
    for config in apps.get_app_configs():
        if config.name.startswith("gongjian.") and config.label != "kernel" and find_spec(config.name + ".api"):
            module = import_module(config.name + ".api")
            router = getattr(module, "router", None)
            if router is not None:
                api.add_router("", router)

    @api.exception_handler(GongjianError)
    def ours(request: HttpRequest, error: GongjianError) -> HttpResponse:
        return kernel_api.problem(error)

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return kernel_api.problem(NotFound("没有这个地址或对象。"))

    @api.exception_handler(HttpError)
    def http(request: HttpRequest, error: HttpError) -> HttpResponse:
        problem = Invalid(str(error))
        problem.status = error.status_code
        return kernel_api.problem(problem)

    @api.exception_handler(OverflowError)
    @api.exception_handler(DataError)
    def beyond(request: HttpRequest, error: Exception) -> HttpResponse:
        """A number or text that no column of the database holds: SQLite says so as OverflowError, PostgreSQL as DataError."""
        return kernel_api.problem(Invalid("请求中有超出范围的数字或不能保存的字符。"))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [
            {"where": ".".join(str(part) for part in item["loc"]), "message": item["msg"]} for item in error.errors
        ]
        where = "、".join(item["where"] for item in errors[:5])
        return kernel_api.problem(Invalid(f"请求中有不合要求的内容：{where}。"), errors)

    return api
