"""Frames: no SQL while rendering, preferences, errors in plain words, nothing from outside."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.template import engines
from django.test import Client, RequestFactory, override_settings

from gongjian.ground.kernel.errors import Forbidden, Refused
from gongjian.ground.ui import icons, samples, shortcuts, views
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import SqlWhileRendering, fragment, page

ROOM = Path(icons.__file__).parent
HOME = ROOM.parents[2]


@pytest.fixture
def client(settings):
    settings.ROOT_URLCONF = "tests.ui.entrance"
    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.CSRF_FAILURE_VIEW = "gongjian.ground.ui.views.csrf_failure"
    return Client()


# --- rendering asks no database ----------------------------------------------------------------------------------
def test_a_lazy_queryset_in_a_template_is_found(things, ask):
    things.objects.create(name="甲")
    with pytest.raises(SqlWhileRendering, match="tests_ui_thing"):
        page(ask(), "ui/parts/timeline.html", {"entries": things.objects.all()})
    with override_settings(FORBID_SQL_IN_TEMPLATES=False), pytest.MonkeyPatch.context() as patch:
        told = []
        patch.setattr(shortcuts.log, "warning", lambda *words: told.append(words))
        rows = {"entries": things.objects.all()}
        assert page(ask(), "ui/parts/timeline.html", rows).status_code == 200
        assert len(told) == 1


def test_sql_is_allowed_again_after_rendering(things, ask):
    with pytest.raises(SqlWhileRendering):
        page(ask(), "ui/parts/timeline.html", {"entries": things.objects.all()})
    assert things.objects.count() == 0


def test_a_fragment_is_not_taken_for_the_page(ask):
    assert "HX-Request" in fragment(ask(), "ui/parts/options.html", {"options": [("甲", "乙")]})["Vary"]


# --- deeds that are refused --------------------------------------------------------------------------------------
def test_a_refusal_lands_at_its_field_in_the_summary_or_in_a_message(client):
    request = RequestFactory().post("/")
    request._messages = told = type("Box", (list,), {"add": lambda self, level, text, extra="": self.append(text)})()
    form = samples.SampleForm({"name": "甲"})
    form.is_valid()
    with attempt(request, form) as ok:
        raise Refused("名称已经用过", field="name")
    assert not ok
    assert "名称已经用过" in form.errors["name"]
    with attempt(request, form) as ok:
        raise Refused("本月已经封账", field="no_such_field")
    assert "本月已经封账" in form.non_field_errors()
    with attempt(request) as ok:
        raise Refused("已经签认")
    assert told == ["已经签认"]
    with attempt(request, success="已保存") as ok:
        pass
    assert ok
    assert told[-1] == "已保存"
    with pytest.raises(Forbidden), attempt(request):
        raise Forbidden("不行")


# --- preferences -------------------------------------------------------------------------------------------------
def test_the_elder_version_is_a_choice_that_stays(client):
    assert "gj-elder" not in client.get("/ui/gallery/").content.decode()
    answer = client.post("/ui/preferences/elder/", {"on": "1", "next": "/ui/gallery/phone/?a=b"})
    assert (answer.status_code, answer["Location"]) == (302, "/ui/gallery/phone/?a=b")
    for address in ("/ui/gallery/", "/ui/gallery/phone/", "/ui/gallery/screen/", "/login/", "/error/404/"):
        assert 'class="gj-elder"' in client.get(address).content.decode()
    client.post("/ui/preferences/elder/", {"on": "0"})
    assert "gj-elder" not in client.get("/ui/gallery/").content.decode()
    client.post("/ui/preferences/still/", {"on": "1"})
    assert 'class="gj-still"' in client.get("/ui/gallery/").content.decode()


def test_preferences_change_by_post_only_and_lead_nowhere_else(client):
    assert client.get("/ui/preferences/elder/").status_code == 405
    for away in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"):
        assert client.post("/ui/preferences/elder/", {"on": "1", "next": away})["Location"] == "/"
    assert Client(enforce_csrf_checks=True).post("/ui/preferences/elder/", {"on": "1"}).status_code == 403


def test_the_language_is_a_choice_that_stays(client):
    client.post("/ui/preferences/language/", {"language": "en"})
    assert 'lang="en"' in client.get("/ui/gallery/").content.decode()
    client.post("/ui/preferences/language/", {"language": "zh-hans"})
    assert 'lang="zh-hans"' in client.get("/ui/gallery/").content.decode()
    client.post("/ui/preferences/language/", {"language": "xx"})
    assert 'lang="zh-hans"' in client.get("/ui/gallery/").content.decode()


# --- errors ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500, 503])
def test_errors_say_what_to_do_next_without_the_database(client, status):
    # No `db` fixture here: a query would make pytest-django raise.
    answer = client.get(f"/error/{status}/")
    text = answer.content.decode()
    assert answer.status_code == status
    assert re.search(r"<h1>[^<]{4,}</h1>", text)
    assert "请" in text
    assert "回到首页" in text


def test_djangos_handlers_are_ours(client):
    request = RequestFactory().get("/")
    request.COOKIES["gongjian_elder"] = "1"
    for view, status in ((views.bad_request, 400), (views.forbidden, 403), (views.not_found, 404)):
        assert view(request, Exception("inner words")).status_code == status
        assert b"inner words" not in view(request, Exception("inner words")).content
    assert views.server_error(request).status_code == 500
    assert b"gj-elder" in views.server_error(request).content
    refused = Client(enforce_csrf_checks=True).post("/login/", {"login": "x"})
    assert refused.status_code == 403
    assert "重新提交" in refused.content.decode()


def test_an_error_of_ours_is_shown_in_its_own_words(ask):
    answer = page(ask(), "ui/problem.html", {"error": Refused("本月已经封账")}, status=409)
    assert "本月已经封账" in answer.content.decode()


# --- what travels ------------------------------------------------------------------------------------------------
HARMLESS = re.compile(r"http://www\.w3\.org/(?:2000/svg|1999/xlink|1998/Math/MathML)|https://localhost/")
LICENCE = re.compile(r"/\*!.*?\*/", re.DOTALL)


def test_nothing_is_fetched_from_outside(client):
    for path in [
        *ROOM.rglob("*.html"),
        *ROOM.glob("static/**/*.css"),
        *ROOM.glob("static/**/*.svg"),
        ROOM / "static/ui/gongjian.js",
    ]:
        text = HARMLESS.sub("", LICENCE.sub("", path.read_text(encoding="utf-8")))
        assert not re.search(r"""https?://|["'(]//\w""", text), path
    for address in ("/ui/gallery/", "/ui/gallery/phone/", "/ui/gallery/screen/", "/login/"):
        drawn = HARMLESS.sub("", client.get(address).content.decode())
        assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", drawn)


def test_pages_need_no_inline_script_or_style(client):
    for address in ("/ui/gallery/", "/ui/gallery/phone/", "/ui/gallery/screen/", "/login/"):
        drawn = client.get(address).content.decode()
        assert not re.search(r"<script(?![^>]*\ssrc=)", drawn)
        assert not re.search(r"<style|\sstyle=|\son(?:click|load|change|submit)=", drawn)


def test_the_vendored_files_are_those_of_the_lock_file():
    versions = json.loads((ROOM / "static/ui/vendor/VERSIONS.json").read_text(encoding="utf-8"))
    lock = json.loads((HOME / "frontend/package-lock.json").read_text(encoding="utf-8"))
    for name, about in versions.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == about["version"]
        for file in about["files"]:
            assert (ROOM / "static/ui/vendor" / file).is_file()
    assert not any("resolved" in package for package in lock["packages"].values())
    assert len(list((ROOM / "static/ui/vendor").glob("LICENSE-*.txt"))) == len(versions)
    wished = (HOME / "frontend/icons.txt").read_text(encoding="utf-8").split()
    assert set(wished) == icons.names()


def test_every_template_compiles():
    engine = engines["django"].engine
    paths = sorted((ROOM / "templates").rglob("*.html"))
    assert len(paths) > 60
    for path in paths:
        name = str(path.relative_to(ROOM / "templates"))
        if not name.startswith("allauth/"):  # those need allauth's own tags
            engine.get_template(name)


def test_the_frame_hides_what_is_not_built_in(client, settings):
    settings.ROOT_URLCONF = "tests.ui.alone"
    drawn = client.get("/ui/gallery/").content.decode()
    assert 'role="search" action=' not in drawn
    assert "退出登录" not in drawn


def test_packed_files_hold_what_lies_beside_them():
    packed = sorted(ROOM.glob("static/**/*.gz"))
    assert packed, "run `npm run build` in frontend/"
    for path in packed:
        assert gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes(), f"{path.name}: build again"
