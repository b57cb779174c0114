"""Kept files: encrypted, given out to those the owning room lets in, and none of the things that uploads are abused for."""

import io
import stat
import threading
import zipfile
from hashlib import sha256
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from PIL import Image

from gongjian.ground import policy
from gongjian.ground.kernel import registry
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records.facts.models import Fact
from gongjian.records.files import actions, content, queries, shelf
from gongjian.records.files.models import StoredFile

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
SUBJECT = Ref("case", "7")


@pytest.fixture(autouse=True)
def room(monkeypatch, settings, tmp_path, request):
    """A room whose cases the branch's people may read and its secretary may change; contents in a folder of the test."""
    settings.MEDIA_ROOT = str(tmp_path / "files")
    if "cast" not in request.fixturenames:
        return None
    cast = request.getfixturevalue("cast")

    def gate(actor, ident, change):
        readers = {cast.secretary.person.pk} if change else {cast.secretary.person.pk, cast.member.person.pk}
        return ident == "7" and actor.person in readers

    gates = {"case": gate}
    monkeypatch.setattr(registry, "file_gates", lambda: gates)
    return gate


def picture(kind: str = "JPEG", size=(60, 40), exif: bool = False) -> bytes:
    out = io.BytesIO()
    extra = {}
    if exif:
        tags = Image.Exif()
        tags[0x010F] = "CAMERA-MAKER"
        tags[0x0112] = 6  # turned by 90 degrees
        tags.get_ifd(0x8825)[2] = (25.0, 16.0, 0.0)  # where it was taken
        extra["exif"] = tags
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, **extra)
    return out.getvalue()


def package(*parts: str, bomb: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.writestr(part, "<x/>")
        if bomb:
            archive.writestr("word/media/a.xml", b"\0" * bomb)
    return out.getvalue()


DOCX = package("[Content_Types].xml", "word/document.xml")


def keep(who, body: bytes = PDF, name: str = "入党申请书.pdf", **more):
    return actions.keep(by=who.actor, upload=SimpleUploadedFile(name, body), subject=SUBJECT, **more)


def test_what_is_kept_can_be_fetched_and_lies_encrypted(cast, city):
    file = keep(cast.secretary, org=city.branch.pk)
    place = shelf.place_of(file.sha256)
    raw = place.read_bytes()
    assert PDF not in raw
    assert b"PDF" not in raw
    assert file.sha256 not in str(place), "the folder does not tell which known document lies here"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert queries.content_of(file) == PDF
    answer = cast.member.client.get(f"/files/{file.key}/")
    assert answer.content == PDF
    assert (
        answer["Content-Disposition"]
        == "attachment; filename*=UTF-8''%E5%85%A5%E5%85%9A%E7%94%B3%E8%AF%B7%E4%B9%A6.pdf"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    fact = Fact.objects.get(kind="file.kept")
    assert (fact.org, fact.object_kind, fact.object_id) == (city.branch.pk, "case", "7")
    assert "申请书" not in str(fact.data)


def test_who_may_not_read_learns_nothing(cast):
    file = keep(cast.secretary)
    for name in ("outsider", "resident", "colleague"):
        assert getattr(cast, name).client.get(f"/files/{file.key}/").status_code == 404
        assert getattr(cast, name).client.get("/files/" + "0" * 32 + "/").status_code == 404
    assert cast.member.client.get(f"/files/{file.pk}/").status_code == 404, "the row's number is no address"
    for person in (cast.member, cast.outsider):
        with pytest.raises(Forbidden):
            keep(person)
        with pytest.raises(NotFound):
            queries.get_for(person.actor, file.key, change=True)
        with pytest.raises(Forbidden):
            actions.remove(by=person.actor, file=file, reason="不该在")
    with pytest.raises(Forbidden):  # an object whose room has no gate
        actions.keep(by=cast.secretary.actor, upload=SimpleUploadedFile("a.pdf", PDF), subject=Ref("person", "7"))
    assert (
        cast.outsider.client.post("/files/case/7/add/", {"file": SimpleUploadedFile("a.pdf", PDF)}).status_code == 404
    )
    assert queries.on_shelf(cast.outsider.actor, SUBJECT) is None
    assert queries.on_shelf(cast.member.actor, SUBJECT).may_change is False


BAD = {
    "a page named pdf": (b"<html><script>1</script></html>", "a.pdf", "类型"),
    "a script": (b"#!/bin/sh\nrm -rf /", "a.pdf", "类型"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.png", "类型"),
    "a program": (b"MZ" + b"\0" * 500, "a.docx", "类型"),
    "a zip named jpg": (package("a.txt"), "a.jpg", "类型"),
    "docx named jpg": (DOCX, "a.jpg", "Word"),
    "pdf named docx": (PDF, "a.docx", "PDF"),
    "no ending": (PDF, "pdf", "结尾"),
    "nothing": (b"", "a.pdf", "空"),
    "a bomb in a docx": (package("[Content_Types].xml", "word/document.xml", bomb=400 << 20), "a.docx", "炸弹"),
    "a bomb named jpg": (package("a", bomb=400 << 20), "a.jpg", "炸弹"),
    "macros": (package("word/document.xml", "word/vbaProject.bin"), "a.docx", "宏"),
    "half a zip": (DOCX[: len(DOCX) // 2], "a.docx", "损坏"),
    "half a picture": (picture()[:300], "a.jpg", "损坏"),
    "a picture's head only": (b"\xff\xd8\xff\xe0" + b"\0" * 40, "a.jpg", "损坏"),
    "png inside jpg": (picture("PNG"), "a.jpg", "PNG"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_not_what_it_says_is_refused(cast, case):
    body, name, word = BAD[case]
    with pytest.raises(Invalid) as refused:
        keep(cast.secretary, body, name)
    assert word in refused.value.message
    assert not StoredFile.objects.exists()


def test_a_huge_file_is_refused_before_it_is_read_whole(cast):
    most = policy.current().files.max_megabytes

    class Endless:
        name, served = "a.pdf", 0

        def chunks(self):
            while True:
                self.served += 1
                yield PDF + b"\0" * (1 << 20)

    endless = Endless()
    with pytest.raises(Invalid):
        actions.keep(by=cast.secretary.actor, upload=endless, subject=SUBJECT)
    assert endless.served <= most + 1


def test_a_picture_of_too_many_pixels_is_refused_without_unpacking(cast):
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")  # a hundred kilobytes, 900 million pixels
    with pytest.raises(Invalid) as refused:
        keep(cast.secretary, out.getvalue(), "a.png")
    assert "像素" in refused.value.message or "损坏" in refused.value.message


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.pdf", "C:\\Windows\\a.pdf", "/abs/a.pdf", "a\0b.pdf", "\u202efdp.a.pdf"]
)
def test_a_path_in_the_name_is_no_path(cast, name):
    file = actions.keep(by=cast.secretary.actor, upload=actions.Given(name, PDF), subject=SUBJECT)
    assert not set(file.name) & set('/\\\0\u202e:<>"')
    assert not file.name.startswith(".")
    assert shelf.place_of(file.sha256).is_file()
    answer = cast.secretary.client.get(f"/files/{file.key}/")
    assert "\n" not in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a/b/c.pdf", "c.pdf"), (" 申请 书 .pdf", "申请 书 .pdf"), ("..", ""), ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
     ("a\r\nX: y.pdf", "a X y.pdf"), ("报告\u200b.pdf", "报告.pdf")],
)  # fmt: skip
def test_names_are_cleaned(given, kept):
    assert content.clean_name(given) == kept


@pytest.mark.parametrize(("kind", "name"), [("JPEG", "合影.jpg"), ("PNG", "合影.png")])
def test_a_picture_loses_what_the_camera_wrote(cast, kind, name):
    body = picture(kind, exif=True) + (b"<script>behind the picture</script>" if kind == "JPEG" else b"")
    file = keep(cast.secretary, body, name)
    kept = queries.content_of(file)
    with Image.open(io.BytesIO(kept)) as drawn:
        assert not drawn.getexif()
        assert drawn.size == (40, 60), "stands upright although the mark is gone"
    assert b"CAMERA" not in kept
    assert b"script" not in kept


@pytest.mark.parametrize(
    ("name", "part"), [("a.docx", "word/document.xml"), ("a.xlsx", "xl/workbook.xml"), ("a.ofd", "OFD.xml")]
)
def test_office_and_ofd_files_are_told_by_their_parts(cast, name, part):
    assert keep(cast.secretary, package("[Content_Types].xml", part), name).kind == name[2:]


def test_the_same_content_twice_is_one(cast):
    first, second = keep(cast.secretary), keep(cast.secretary, name="另一个名字.pdf")
    assert first == second
    assert Fact.objects.filter(kind="file.kept").count() == 1
    actions.remove(by=cast.secretary.actor, file=first, reason="重复了")
    actions.remove(by=cast.secretary.actor, file=first, reason="重复了")
    assert Fact.objects.filter(kind="file.removed").count() == 1
    assert queries.of(SUBJECT) == []
    assert cast.secretary.client.get(f"/files/{first.key}/").status_code == 404
    third = keep(cast.secretary)
    assert third.pk != first.pk, "removed by mistake: kept anew"
    assert StoredFile.objects.count() == 2


def test_a_removal_says_why(cast):
    file = keep(cast.secretary)
    with pytest.raises(Invalid):
        actions.remove(by=cast.secretary.actor, file=file, reason=" ")
    assert queries.of(SUBJECT) == [file]


def test_the_pack_decides_kinds_and_limits(cast, monkeypatch):
    limits, actor = policy.current().files, cast.secretary.actor

    def kept_under(limits, body: bytes = PDF):
        monkeypatch.setattr(actions, "policy", SimpleNamespace(on=lambda day: SimpleNamespace(files=limits)))
        return actions.keep(by=actor, upload=actions.Given("a.pdf", body), subject=SUBJECT)

    with pytest.raises(Invalid):
        kept_under(limits.model_copy(update={"kinds": type(limits.kinds)(k for k in limits.kinds if k.id != "pdf")}))
    with pytest.raises(Invalid):
        kept_under(limits.model_copy(update={"max_megabytes": 1}), PDF + b"%" * (1 << 20))
    one = limits.model_copy(update={"max_per_subject": 1})
    kept_under(one)
    with pytest.raises(Refused):
        kept_under(one, PDF + b"%2")


def test_a_changed_or_lost_content_is_told(cast):
    from gongjian.outlets.upkeep import doctor

    file = keep(cast.secretary)
    assert [f.state for f in doctor._files()] == [doctor.OK]
    place = shelf.place_of(file.sha256)
    raw = bytearray(place.read_bytes())
    raw[-1] ^= 1
    place.write_bytes(raw)
    assert cast.secretary.client.get(f"/files/{file.key}/").status_code == 409
    assert [f.state for f in doctor._files()] == [doctor.WRONG]
    place.unlink()
    assert cast.secretary.client.get(f"/files/{file.key}/").status_code == 409
    assert [f.state for f in doctor._files()] == [doctor.WRONG]


def test_the_form_uploads_removes_and_goes_back_home(cast, queries):
    client = cast.secretary.client
    given = {"file": SimpleUploadedFile("a.pdf", PDF), "next": "/facts/"}
    assert client.post("/files/case/7/add/", given)["Location"] == "/facts/"
    file = StoredFile.objects.get()
    assert client.post("/files/case/7/add/", {"next": "https://example.com/"})["Location"] == "/"
    bad = {"file": SimpleUploadedFile("a.jpg", b"no"), "next": "/facts/"}
    assert "不在可以上传的类型里" in client.post("/files/case/7/add/", bad, follow=True).content.decode()
    with queries(20):
        assert client.get(f"/files/{file.key}/").status_code == 200
    assert client.get(f"/files/{file.key}/remove/").status_code == 405
    client.post(f"/files/{file.key}/remove/", {"reason": "传错了", "next": "/facts/"})
    file.refresh_from_db()
    assert (file.removed_reason, file.removed_by) == ("传错了", cast.secretary.person.pk)


def test_the_api_does_the_same(cast):
    client = cast.secretary.client
    sent = client.post("/api/v1/files/case/7", {"file": SimpleUploadedFile("a.pdf", PDF), "title": "申请书"})
    assert sent.status_code == 201, sent.content
    key = sent.json()["key"]
    assert sent.json()["sha256"] == sha256(PDF).hexdigest()
    assert [row["title"] for row in client.get("/api/v1/files/case/7").json()] == ["申请书"]
    assert client.get(f"/api/v1/file/{key}/content").content == PDF
    assert cast.outsider.client.get("/api/v1/files/case/7").status_code == 404
    assert cast.outsider.client.get(f"/api/v1/file/{key}/content").status_code == 404
    refused = client.post("/api/v1/files/case/7", {"file": SimpleUploadedFile("a.jpg", PDF)})
    assert (refused.status_code, refused.json()["field"]) == (422, "file")
    done = client.post(f"/api/v1/file/{key}/remove", {"reason": "传错了"}, content_type="application/json")
    assert done.status_code == 204
    assert client.get("/api/v1/files/case/7").json() == []


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one(cast):
    actor, done = cast.secretary.actor, []
    start = threading.Barrier(2)

    def work():
        try:
            start.wait()
            upload = actions.Given("a.pdf", PDF)
            done.append(actions.keep(by=actor, upload=upload, subject=SUBJECT).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 2
    assert len(set(done)) == 1
    assert StoredFile.objects.count() == 1
    assert Fact.objects.filter(kind="file.kept").count() == 1
    assert connection.vendor in ("sqlite", "postgresql")
