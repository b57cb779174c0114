"""Components: each draws what it is given, escapes it, and never tells a state by its colour alone."""

import html
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.utils.translation import override

from gongjian.ground.ui import icons, samples
from gongjian.ground.ui.looks import KNOWN, TONES, look_of

ROOM = Path(icons.__file__).parent


def draw(source: str, **context) -> str:
    request = RequestFactory().get("/here/")
    return Template("{% load ui %}" + source).render(Context({"request": request, **context}))


@pytest.mark.parametrize("state", KNOWN)
def test_a_state_is_tone_icon_and_word(state):
    look = KNOWN[state]
    drawn = draw("{% badge state %}", state=state)
    assert look.tone in TONES
    assert look.icon in icons.names()
    assert f"#{look.icon}" in drawn
    assert str(look.word) in drawn


def test_a_room_brings_its_own_looks_and_an_unknown_state_is_shown_as_it_is():
    looks = {"suspended": ("warn", "player-pause", "停止党籍")}
    assert "停止党籍" in draw("{% badge 'suspended' looks %}", looks=looks)
    assert look_of("never heard").word == "never heard"
    assert draw("{% badge state %}", state=None) == ""
    assert "&lt;b&gt;" in draw("{% badge state %}", state="<b>")


def test_an_icon_that_is_not_in_the_sprite_is_found_in_tests():
    with pytest.raises(icons.UnknownIcon):
        draw("{% icon 'no-such' %}")
    with override_settings(FORBID_SQL_IN_TEMPLATES=False):
        assert "#point" in draw("{% icon 'no-such' %}")


def test_every_icon_named_in_our_templates_is_in_the_sprite():
    named = {
        name
        for path in ROOM.rglob("*.html")
        for name in re.findall(r"""\{% icon "([\w-]+)" """, path.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    assert named <= icons.names()


@pytest.mark.parametrize(
    "source",
    [
        "{% card title=bad hint=bad %}{{ bad }}{% endcard %}",
        "{% empty title=bad hint=bad %}{{ bad }}{% endempty %}",
        "{% alert title=bad %}{{ bad }}{% endalert %}",
        "{% statbox bad bad hint=bad %}",
        "{% progress 1 2 label=bad %}",
        "{% timeline entries %}",
        "{% deflist pairs %}",
        "{% tabs tabs bad %}",
        "{% chips chips %}",
        "{% breadcrumbs pairs %}",
        "{% steps pairs bad %}",
        "{% datatable titles rows caption=bad %}",
        "{% confirm_button bad bad text=bad fields=fields %}",
        "{% orgpath orgs %}",
        "{% masked person 'phone' %}",
        "{% qr bad label=bad %}",
    ],
)
def test_components_escape_what_they_are_given(source):
    bad = '<script>"x"</script>'
    drawn = draw(
        source, bad=bad, entries=[{"title": bad, "text": bad, "who": bad, "at": bad}], pairs=[(bad, bad)],
        tabs=[(bad, bad, bad)], chips=[{"label": bad, "text": bad, "url": bad}], titles=[bad], rows=[[bad]],
        fields={bad: bad}, orgs=[SimpleNamespace(pk=1, short_name=bad, name=bad)], person=SimpleNamespace(phone_masked=bad),
    )  # fmt: skip
    assert "<script" not in drawn
    assert html.escape(bad) in drawn


def test_block_components_keep_the_markup_inside_them():
    for source in (
        "{% card %}<b>x</b>{% endcard %}",
        "{% empty %} <b>x</b> {% endempty %}",
        "{% alert %}<b>x</b>{% endalert %}",
    ):
        assert "<b>x</b>" in draw(source)


def test_progress_never_runs_over_its_end():
    assert 'max="4" value="4"' in draw("{% progress 9 4 %}")
    assert "gj-good" in draw("{% progress 9 4 %}")
    assert 'max="1" value="0"' in draw("{% progress 0 0 %}")


def test_steps_mark_what_is_done_and_where_we_are():
    drawn = draw("{% steps states 'b' %}", states=[("a", "甲"), ("b", "乙"), ("c", "丙")])
    assert drawn.count("is-done") == 1
    assert re.search(r'aria-current="step".*乙', drawn)


def test_a_deed_is_posted_with_a_token():
    drawn = draw("{% confirm_button '/do/' '删除' fields=fields %}", fields={"id": 7})
    assert 'method="post"' in drawn
    assert re.search(r'name="csrfmiddlewaretoken" value="\w{64}"', drawn)
    assert 'name="id" value="7"' in drawn
    assert "确定要“删除”吗？" in drawn


def test_a_form_says_what_is_required_what_helps_and_what_is_wrong():
    form = samples.SampleForm(
        {"name": "", "kind": "lecture", "on": "2026-11-18", "starts": "2026-11-18T19:30", "shape": "here"}
    )
    assert not form.is_valid()
    drawn = draw("{% formfields form %}", form=form)
    assert '<a href="#id_name">活动名称</a>' in drawn
    assert 'id="id_name_error"' in drawn
    assert re.search(r'<input[^>]*name="name"[^>]*aria-describedby="id_name_helptext id_name_error"', drawn)
    assert re.search(r'<input[^>]*name="name"[^>]*aria-invalid="true"', drawn)
    assert re.search(r'type="date"[^>]*value="2026-11-18"', drawn)
    assert re.search(r'type="datetime-local"[^>]*value="2026-11-18T19:30"', drawn)
    assert 'name="agreed" class="form-check-input' in drawn
    assert drawn.count('<span class="gj-required">必填</span>') == len([f for f in form.fields.values() if f.required])
    assert 'list="id_organisation_options"' in drawn


def test_dates_reach_the_browser_in_its_own_form_whatever_the_language():
    from datetime import date, datetime

    class Dates(forms.Form):
        day = forms.DateField()
        moment = forms.DateTimeField()
        hour = forms.TimeField()

    for language in ("zh-hans", "en"):
        with override(language):
            form = Dates(initial={"day": date(2026, 1, 2), "moment": datetime(2026, 1, 2, 3, 4), "hour": "05:06"})
            drawn = draw("{% formfields form %}", form=form)
            assert 'value="2026-01-02"' in drawn
            assert 'value="2026-01-02T03:04"' in drawn
            assert 'value="05:06"' in drawn
            assert Dates({"day": "2026-01-02", "moment": "2026-01-02T03:04", "hour": "05:06"}).is_valid()


def test_the_gallery_shows_every_tag():
    tags = (ROOM / "templatetags" / "ui.py").read_text(encoding="utf-8")
    names = re.findall(r"@register\.(?:simple_|inclusion_)(?:block_)?tag[^\n]*\n(?:\s+[^\n]*\n)*?def (\w+)\(", tags)
    frames = {
        "link_to",
        "demo",
        "frame",
        "is_elder",
        "languages",
        "again",
        "pager",
    }  # parts of the frame; pager is in listing
    shown = "".join(path.read_text(encoding="utf-8") for path in samples.PARTS.glob("*.html"))
    missing = [name for name in names if name not in frames and f"{{% {name}" not in shown]
    assert len(names) > 20
    assert missing == []
    assert {path.stem for path in samples.PARTS.glob("*.html")} == set(samples.titles())
