"""接口说明: the OpenAPI document, and its operations put in order for the page that people read."""

from functools import cache
from typing import Any

from gongjian.outlets.openapi.root import build

PREFIX = "/api/v1/"


@cache
def api():
    """The one API of this process."""
    return build()


@cache
def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the whole API."""
    return dict(api().get_openapi_schema(path_prefix=PREFIX))


def _type_of(schema: dict[str, Any]) -> str:
    """A schema as one word a reader knows."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " | ".join(_type_of(part) for part in schema["anyOf"])
    if schema.get("type") == "array":
        return _type_of(schema.get("items", {})) + "[]"
    return str(schema.get("format") or schema.get("type") or "any")


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, str]]:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    full = document["components"]["schemas"].get(name, schema)
    required = set(full.get("required", ()))
    return [
        {
            "name": key, "type": _type_of(value), "required": key in required,
            "about": value.get("description") or value.get("title") or "",
        }
        for key, value in full.get("properties", {}).items()
    ]  # fmt: skip


def operations_by_tag(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Groups of operations (by the rooms' tags) with parameters, body and answer, ready for the page."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            body = next(iter(content.values()), {}).get("schema", {})
            answer = operation.get("responses", {}).get(200, operation.get("responses", {}).get(201, {}))
            shape = answer.get("content", {}).get("application/json", {}).get("schema", {})
            groups.setdefault((operation.get("tags") or ["其他"])[0], []).append(
                {
                    "method": method.upper(), "path": path, "summary": operation.get("summary", ""),
                    "about": operation.get("description", ""), "id": operation.get("operationId", ""),
                    "parameters": [
                        {
                            "name": p["name"], "in": p["in"], "type": _type_of(p.get("schema", {})),
                            "required": p.get("required", False),
                            "about": p.get("description") or p.get("schema", {}).get("description", ""),
                        }
                        for p in operation.get("parameters", [])
                    ],
                    "body": _fields(document, body) if body else [],
                    "answer": _type_of(shape) if shape else "",
                    "fields": _fields(document, shape) if shape else [],
                }
            )  # fmt: skip
    return [{"tag": tag, "operations": operations} for tag, operations in groups.items()]
