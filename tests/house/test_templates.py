"""Templates: none unused, none missing, and no page asks an outside address for anything."""

import ast
import re
from pathlib import Path

import django.forms
import pytest
from django.apps import apps
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from tests.house import ground_plan

NAME = re.compile(r"""["']([\w./{}%-]+\.(?:html|txt|xml|svg))(?:#\w+)?["']""")
# found by their name by Django itself
FOUND_BY_DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}

FORMS = Path(django.forms.__file__).parent


def name_of(path) -> str:
    """The name by which Django knows a template file."""
    parts = path.parts
    last = max(index for index, part in enumerate(parts) if part == "templates")
    return "/".join(parts[last + 1 :])


def references() -> dict[str, str]:
    """Template names as they are written in code and templates → one file that says them."""
    found = {}
    for path in ground_plan.sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in docstrings:
                for name in NAME.findall(ast.unparse(node)):
                    found[name] = ground_plan.where(path)
    for path in ground_plan.templates():
        for name in NAME.findall(path.read_text(encoding="utf-8")):
            found[name] = ground_plan.where(path)
    return found


def overrides_anothers(path) -> bool:
    """Whether an installed package brings a template of the same name, so that the package itself asks for ours."""
    name = name_of(path)
    elsewhere = [apps.get_app_config(label).path for label in apps.app_configs]
    folders = [folder for folder in elsewhere if not str(folder).startswith(str(ground_plan.PACKAGE))]
    return any((Path(folder) / "templates" / name).exists() for folder in [*folders, FORMS])


def test_no_template_is_unused():
    patterns = [re.compile(re.sub(r"\\\{.*?\\\}|%s", r"[\\w-]+", re.escape(name))) for name in references()]
    unused = [
        ground_plan.where(path)
        for path in ground_plan.templates()
        if name_of(path) not in FOUND_BY_DJANGO
        and not overrides_anothers(path)
        and not any(pattern.fullmatch(name_of(path)) for pattern in patterns)
    ]
    assert not unused


def test_no_template_is_missing():
    missing = {}
    for name, place in references().items():
        if "{" in name or "%" in name or name.startswith((".", "/")) or "/" not in name:
            continue
        if re.search(rf"static\s+[\"']{re.escape(name)}", (ground_plan.REPOSITORY / place).read_text(encoding="utf-8")):
            continue
        if name.endswith(".svg"):
            continue
        try:
            get_template(name)
        except TemplateDoesNotExist:
            missing[name] = place
    assert not missing


@pytest.mark.parametrize("path", ground_plan.templates(), ids=name_of)
def test_templates_parse(path):
    if path.suffix == ".html":
        get_template(name_of(path))


def test_pages_ask_no_outside_address():
    loads = re.compile(
        r"""<(?:script|img|iframe|source|video|audio|embed|object|use)\b[^>]*\s(?:src|href|data)=["'](?:https?:)?//"""
        r"""|<link\b[^>]*\shref=["'](?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import\s+["'](?:https?:)?//""",
        re.IGNORECASE,
    )
    calls = re.compile(
        r"""(?:fetch|import|WebSocket|EventSource|importScripts|sendBeacon)\(\s*["'`](?:https?:|wss?:)?//"""
    )
    found = []
    for path in sorted(ground_plan.PACKAGE.rglob("*")):
        if path.suffix in {".html", ".css", ".js", ".mjs", ".svg"} and "_packs" not in path.parts:
            text = path.read_text(encoding="utf-8")
            found += [f"{ground_plan.where(path)}: {hit[0][:120]}" for hit in loads.finditer(text)]
            found += [f"{ground_plan.where(path)}: {hit[0][:120]}" for hit in calls.finditer(text)]
            for name in re.findall(r"sourceMappingURL=(\S+\.map)", text):
                if not path.with_name(name).exists():
                    found.append(f"{ground_plan.where(path)}: names {name}, which is not shipped")
    assert not found, "\n".join(found)


def test_vendored_parts_carry_licence_and_version():
    for vendor in ground_plan.PACKAGE.rglob("static/**/vendor"):
        names = [path.name for path in vendor.iterdir()]
        assert any(name.startswith("VERSIONS") for name in names), f"{ground_plan.where(vendor)}: no VERSIONS file"
        assert any("LICENSE" in name.upper() for name in names), f"{ground_plan.where(vendor)}: no licence"
