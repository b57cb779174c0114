"""Rights: every way in says who may enter, and only in words that some manifest declares and some role holds."""

import ast

import pytest

from gongjian.config.middleware import FOREIGN
from gongjian.ground import policy
from gongjian.ground.kernel import registry
from gongjian.ground.kernel.access import PUBLIC, SIGNED_IN
from tests.house import ground_plan
from tests.house.routes import operations, routes

# Views that others wrote cannot carry our plate; each group says why it may stand open.
OTHERS = {
    "allauth.": "log-in, second factor and sessions check the person themselves",
    "django.views.i18n": "set_language writes a cookie only; the catalogue of scripts is public",
    "django.contrib.staticfiles": "files of the package, without anybody's data",
    "ninja.openapi": "the API's description of itself, without anybody's data",
    "django.views.static": "files of the package, without anybody's data",
}


def ours():
    return [
        route for route in routes() if not route.of_ninja and not any(route.module.startswith(name) for name in OTHERS)
    ]


def plate(view) -> str | None:
    """What a view declares; a class's plate may hang on the class or on the function that as_view made."""
    return getattr(view, "gongjian_access", None) or getattr(getattr(view, "view_class", None), "gongjian_access", None)


def is_known(code: str) -> bool:
    return code in (PUBLIC, SIGNED_IN) or code in registry.permissions()


@pytest.mark.parametrize("route", ours(), ids=str)
def test_every_url_declares_who_may_enter(route):
    declared = plate(route.view)
    assert declared, f"{route}: {route.module} — put @needs(…) or @public on the view"
    assert is_known(declared), f"{route}: no manifest declares {declared!r}"


@pytest.mark.parametrize(
    ("path", "methods", "view"), operations(), ids=lambda item: item if isinstance(item, str) else ""
)
def test_every_api_operation_declares_who_may_enter(path, methods, view):
    declared = plate(view)
    assert declared, f"{methods} {path}: put @needs(…) or @public on the operation"
    assert is_known(declared), f"{methods} {path}: no manifest declares {declared!r}"


def test_the_entrance_excepts_no_others():
    """The middleware lets in views of libraries by their module; each of them stands above with its reason."""
    assert set(FOREIGN) <= {*OTHERS, "ninja."}


def test_others_are_still_there():
    """An exception that nothing needs any more is an open door without a house behind it."""
    modules = {route.module for route in routes()}
    assert any(module.startswith("allauth.") for module in modules)


@pytest.mark.django_db
def test_every_role_of_the_pack_uses_declared_permissions():
    rooms = {code.partition(".")[0] for code in registry.permissions()}
    unknown = {
        (role.id, code)
        for role in policy.current().roles
        for code in role.permissions
        if code != "*" and code not in registry.permissions() and not (code.endswith(".*") and code[:-2] in rooms)
    }
    assert not unknown


@pytest.mark.django_db
def test_every_permission_is_held_by_some_role():
    roles = policy.current().roles
    assert not [code for code in registry.permissions() if not any(role.allows(code) for role in roles)]


def test_every_permission_named_in_code_is_declared():
    """`require`, `may`, `may_at`, `scopes`, `scope_q`, `needs` name codes; a slip would raise only when it runs."""
    unknown = {}
    for path in ground_plan.sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in {"require", "may", "may_at", "scopes", "scope_q", "needs"}:
                continue
            position = 1 if name == "scope_q" else 0
            code = node.args[position] if len(node.args) > position else None
            if isinstance(code, ast.Constant) and isinstance(code.value, str) and not is_known(code.value):
                unknown[f"{ground_plan.where(path)}:{node.lineno}"] = code.value
    assert not unknown


def test_every_menu_entry_leads_somewhere():
    names = {route.name for route in routes()}
    assert registry.menu_entries()
    for entry in registry.menu_entries():
        assert entry.url in names, f"{entry.label}: no URL is named {entry.url}"
        assert not entry.needs or is_known(entry.needs)


def test_every_panel_leads_somewhere():
    names = {route.name for route in routes()}
    for room in registry.rooms():
        for panel in room.panels:
            assert panel.url in names, panel
            assert is_known(panel.needs), panel
