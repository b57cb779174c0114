"""PDF files: embedded Chinese fonts, selectable text, page numbers, the demo's mark, no outside address, proofs inside."""

import io
import re
import time

import pytest
from django.template import engines
from django.test import override_settings
from pypdf import PdfReader

from gongjian.ground import paper
from gongjian.ground.paper import press
from gongjian.ground.ui.shortcuts import SqlWhileRendering


@pytest.fixture
def template(tmp_path, settings):
    """`template(body)` writes a template that extends `paper/base.html` and returns its name."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [str(tmp_path)]}]

    def write(body: str) -> str:
        (tmp_path / "sheet.html").write_text(
            '{% extends "paper/base.html" %}{% load static %}{% block content %}' + body + "{% endblock %}", "utf-8"
        )
        for engine in engines.all():
            for loader in engine.engine.template_loaders:
                loader.reset()
        return "sheet.html"

    return write


def read(content: bytes) -> PdfReader:
    assert content.startswith(b"%PDF-")
    return PdfReader(io.BytesIO(content))


def fonts_of(reader: PdfReader) -> dict[str, bool]:
    """Name → whether the font is inside the file."""
    found = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            font = font.get_object()
            for inner in font.get("/DescendantFonts", [font]):
                described = inner.get_object()["/FontDescriptor"].get_object()
                found[font["/BaseFont"]] = any(f"/FontFile{n}" in described for n in ("", "2", "3"))
    return found


def test_a_long_table_breaks_well_and_everything_is_inside(template, clock):
    rows = "".join(f"<tr><td>{n}</td><td>党员大会决议第{n}项</td></tr>" for n in range(1, 121))
    name = template(f"<table><thead><tr><th>序号表头</th><th>内容</th></tr></thead><tbody>{rows}</tbody></table>")
    reader = read(paper.pdf(name, {}, title="支部决议<汇编>", author="榕荫第一网格党支部"))
    texts = [page.extract_text() for page in reader.pages]
    total = len(texts)
    assert total >= 3
    assert all(re.search(rf"第\s*{n}\s*页\s*共\s*{total}\s*页", text) for n, text in enumerate(texts, 1))
    assert all("序号表头" in text for text in texts), "each page repeats the heads of the table"
    assert "党员大会决议第120项" in "".join(texts)
    assert (reader.metadata.title, reader.metadata.author) == ("支部决议<汇编>", "榕荫第一网格党支部")
    size = reader.pages[0].mediabox
    assert (round(float(size.width)), round(float(size.height))) == (595, 842)
    fonts = fonts_of(reader)
    assert all(fonts.values()), fonts
    assert all(re.match(r"/[A-Z]{6}\+", font) for font in fonts), "only the used glyphs are inside"
    assert len(reader.stream.getvalue()) < 300_000


@pytest.mark.parametrize("demo", [True, False])
def test_the_demo_says_so_on_every_page(template, settings, demo):
    settings.DEMO = demo
    reader = read(paper.pdf(template('<p>第一页</p><p class="new-page">第二页</p>'), {}, title="测试"))
    assert [("演示数据" in page.extract_text()) for page in reader.pages] == [demo, demo]


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/x.png", "https://example.com/x.png", "file:///etc/passwd", "data:image/png;base64,AAAA",
     "/etc/passwd", "/static/../config/settings.py", "/static/%2e%2e/%2e%2e/x.png", "/accounts/login/"],
)  # fmt: skip
def test_nothing_but_the_packages_own_files_is_fetched(template, address):
    with pytest.raises(press.OutsideAddress):
        paper.pdf(template(f'<img src="{address}" alt="">'), {}, title="测试")


def test_our_own_files_are_found(template):
    assert read(paper.pdf(template('<img src="{% static \'ui/logo.svg\' %}" alt="">'), {}, title="测试"))


@pytest.mark.django_db
def test_sql_is_refused_while_a_sheet_is_set(template, city):
    from gongjian.records.orgs.models import Organisation

    with pytest.raises(SqlWhileRendering):
        paper.pdf(
            template("{% for org in orgs %}{{ org }}{% endfor %}"), {"orgs": Organisation.objects.all()}, title="测试"
        )


def test_attachments_travel_inside(template):
    note = paper.Attachment("清单.json", b'{"a": 1}', "说明")
    reader = read(paper.pdf(template("<p>正文</p>"), {}, title="测试", attachments=[note]))
    assert reader.attachments["清单.json"] == [b'{"a": 1}']


def test_words_of_people_are_text_not_markup(template):
    text = (
        read(paper.pdf(template("<p>{{ said }}</p>"), {"said": "<script>1</script>"}, title="测试"))
        .pages[0]
        .extract_text()
    )
    assert "<script>1</script>" in text


@pytest.mark.django_db
@pytest.mark.parametrize("lacking", ["engine", "font"])
def test_a_server_without_pango_or_font_says_so_in_words(monkeypatch, cast, lacking):
    from gongjian.records.facts.models import Fact

    if lacking == "engine":

        def nothing(name):
            raise OSError("cannot load library 'libpango-1.0-0'")

        press._engine.cache_clear()
        monkeypatch.setattr(press, "import_module", nothing)
    else:
        monkeypatch.setattr(press, "_has_font", lambda: False)
    fact = Fact.objects.filter(person=cast.member.person.pk).first()
    answer = cast.member.client.get(f"/facts/{fact.pk}/proof.pdf")
    assert answer.status_code == 503
    assert {"engine": "Pango", "font": "中文字体"}[lacking] in answer.content.decode()
    press._engine.cache_clear()
    from gongjian.outlets.upkeep import doctor

    assert [f.state for f in doctor._paper()] == [doctor.WARN]


@override_settings(DEMO=False)
def test_the_second_sheet_is_quick(template):
    name = template("<p>党员大会</p>")
    paper.pdf(name, {}, title="测试")
    started = time.monotonic()
    paper.pdf(name, {}, title="测试")
    assert time.monotonic() - started < 3.0, "each sheet looks for fonts anew?"
