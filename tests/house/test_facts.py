"""Facts: every kind that code records is declared and described, and every declared kind is recorded somewhere."""

import ast
import re

import pytest

from gongjian.ground.kernel import registry
from tests.house import ground_plan


def _is_call(node: ast.AST, *names: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "facts"
    )


def _text(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def recorded() -> dict[str, str]:
    """Fact kinds written out where a fact is recorded → one place where that is."""
    found = {}
    for path in ground_plan.sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        many = any(_is_call(node, "record_many") for node in ast.walk(tree))
        for node in ast.walk(tree):
            kinds = []
            if _is_call(node, "record"):
                kinds = [_text(node.args[0]) if node.args else None]
                kinds += [_text(keyword.value) for keyword in node.keywords if keyword.arg == "kind"]
            elif many and isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
                kinds = [_text(keyword.value) for keyword in node.keywords if keyword.arg == "kind"]
            elif many and isinstance(node, ast.Dict):
                kinds = [
                    _text(value) for key, value in zip(node.keys, node.values, strict=True) if _text(key) == "kind"
                ]
            for kind in kinds:
                if kind and "." in kind:
                    found[kind] = f"{ground_plan.where(path)}:{node.lineno}"
    return found


def test_recorded_kinds_are_declared():
    assert recorded(), "no facts.record(…) was found: has its name changed?"
    unknown = {kind: place for kind, place in recorded().items() if kind not in registry.fact_kinds()}
    assert not unknown


def test_declared_kinds_are_recorded():
    """A kind that nobody records promises what does not happen."""
    written = {
        text
        for path in ground_plan.sources()
        if path.name != "manifest.py"
        for text in re.findall(r"[\"']([a-z_]+\.[a-z_]+)[\"']", path.read_text(encoding="utf-8"))
    }
    assert not [kind for kind in registry.fact_kinds() if kind not in written]


@pytest.mark.parametrize("kind", registry.fact_kinds().values(), ids=lambda kind: kind.code)
def test_kinds_are_described(kind):
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", kind.code)
    assert re.search(r"[\u4e00-\u9fff]{2}", str(kind.title))
    assert str(kind.about) not in ("", str(kind.title)), f"{kind.code}: say what it means or what its data carry"
