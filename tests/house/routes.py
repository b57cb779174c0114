"""All ways in: every URL pattern and every operation of the API, as the resolver knows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import PathView


@dataclass(frozen=True)
class Route:
    """One URL pattern: its name with namespaces, its text, its view and the parameters it takes."""

    name: str
    text: str
    view: Any
    parameters: dict[str, Any]

    @property
    def module(self) -> str:
        view = self.view
        while isinstance(view, partial):
            view = view.func
        view = getattr(view, "view_class", view)
        return getattr(view, "__module__", "")

    @property
    def path_view(self) -> PathView | None:
        """The operations of ninja behind this view: bound to it, or held in its closure (by ninja's version)."""
        held = [getattr(self.view, "__self__", None)]
        held += [cell.cell_contents for cell in getattr(self.view, "__closure__", None) or ()]
        return next((found for found in held if isinstance(found, PathView)), None)

    @property
    def of_ninja(self) -> bool:
        return self.path_view is not None

    def __str__(self) -> str:
        return f"{self.text} ({self.name})"


def routes() -> Iterator[Route]:
    """Every URL pattern of the program."""

    def walk(patterns, names: tuple[str, ...], text: str, parameters: dict) -> Iterator[Route]:
        for pattern in patterns:
            here = text + str(pattern.pattern)
            taken = {**parameters, **getattr(pattern.pattern, "converters", {})}
            if isinstance(pattern, URLResolver):
                inner = (*names, pattern.namespace) if pattern.namespace else names
                yield from walk(pattern.url_patterns, inner, here, taken)
            elif isinstance(pattern, URLPattern):
                yield Route(":".join((*names, pattern.name or "")), here, pattern.callback, taken)

    yield from walk(get_resolver().url_patterns, (), "/", {})


def operations() -> list[tuple[str, str, Any]]:
    """Every operation of the API: its path, its methods and the function that answers."""
    found = {}
    for route in routes():
        if route.of_ninja:
            for operation in route.path_view.operations:
                found[route.text, ",".join(operation.methods)] = operation.view_func
    return [(path, methods, view) for (path, methods), view in found.items()]
