"""Upload, check, agree, write, take back: by page, API and console; nothing half, nothing twice, nobody else's."""

import datetime as dt
import io
import threading

import openpyxl
import pytest
from django.urls import reverse

from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.outlets.exchange import actions, jobs, queries, store
from gongjian.outlets.exchange.models import ImportJob
from gongjian.records.facts.models import Fact
from gongjian.records.orgs.models import Organisation
from tests.exchange.conftest import OTHER, PHONES, file_of

pytestmark = pytest.mark.django_db


def upload(by, rows, sheet=PHONES, as_=None, kind="xlsx"):
    content = file_of(as_ or sheet, rows, kind)
    return actions.upload(sheet=sheet.id, file_name=content.name, chunks=[content.getvalue()], by=by.actor)


def checked(by, rows, **options):
    job = upload(by, rows, **options)
    return actions.work(actions.claim(only=job.pk))


def written(by, job):
    actions.agree(job=job, by=by.actor)
    return actions.work(actions.claim(only=job.pk))


def phone_of(code):
    return Organisation.objects.get(code=code).phone


def test_checked_then_agreed_then_written_and_again_changes_nothing(phones, cast, good):
    job = checked(cast.street, good)
    assert (job.state, job.rows, job.updated, job.unchanged) == ("checked", 2, 2, 0)
    assert phone_of("T003") == ""
    assert not Fact.objects.filter(kind="import.applied").exists()
    job = written(cast.street, job)
    assert (job.state, job.updated) == ("applied", 2)
    assert phone_of("T003") == "0000-111"
    assert job.stored == ""
    assert not list(store.folder().iterdir()), "the file is not kept longer than needed"
    fact = Fact.objects.get(kind="import.applied")
    assert (fact.by, fact.quantity, fact.data["sheet"]) == (cast.street.person.pk, 2, "phones")
    again = checked(cast.street, good)
    assert (again.updated, again.unchanged) == (0, 2)
    assert written(cast.street, again).unchanged == 2
    assert queries.same_before(again).pk == job.pk


def test_every_problem_is_told_and_nothing_is_written(phones, cast, good):
    bad = [*good, {"code": "", "phone": "1"}, {"code": "T003", "phone": ""}, {"code": "T011", "phone": "3"}]
    job = checked(cast.street, bad)
    assert job.state == "refused"
    assert job.problem_count >= 3
    told = {(problem.row, problem.letter) for problem in queries.problems_of(job)}
    assert (5, "A") in told
    assert (6, "B") in told
    assert (7, "A") in told, "an organisation of another district is not known here"
    assert phone_of("T003") == ""
    with pytest.raises(Refused):
        actions.agree(job=job, by=cast.street.actor)
    book = openpyxl.load_workbook(io.BytesIO(queries.marked(job)))
    assert book.worksheets[0]["A7"].comment is not None


def test_what_the_room_refuses_in_the_trial_is_a_problem(phones, cast, good):
    def refuse(number):
        if number == 2:
            raise Refused("这个组织正在换届。")

    phones.during = refuse
    job = checked(cast.street, good)
    assert job.state == "refused"
    assert "换届" in job.problems[0]["message"]
    assert phone_of("T003") == ""


def test_the_world_moved_on_between_check_and_consent(phones, cast, good):
    job = checked(cast.street, good)
    Organisation.objects.filter(code="T004").update(code="T004X")
    job = written(cast.street, job)
    assert job.state == "refused"
    assert job.problem_count == 1
    assert phone_of("T003") == "", "all or nothing"


def test_a_fault_in_the_middle_leaves_nothing(phones, cast, good):
    job = checked(cast.street, good)

    def burst(number):
        if number == 2:
            raise ZeroDivisionError

    phones.during = burst
    job = written(cast.street, job)
    assert job.state == "failed"
    assert job.failure
    assert phone_of("T003") == ""


def test_a_killed_worker_is_followed_by_another(phones, cast, good, clock):
    job = checked(cast.street, good)
    actions.agree(job=job, by=cast.street.actor)
    dead = actions.claim(only=job.pk)  # and then it is killed
    assert actions.claim() is None
    assert actions.take_up_lost() == 0, "it may still be at it"
    clock.forward(minutes=2)
    assert actions.take_up_lost() == 1
    assert jobs.work_off() == 1
    job.refresh_from_db()
    assert job.state == "applied"
    assert phone_of("T003") == "0000-111"
    # the dead one was only slow: what it writes now is rolled back
    Organisation.objects.filter(code="T003").update(phone="")
    content = file_of(PHONES, good).getvalue()
    (store.folder() / dead.stored).write_bytes(content)
    actions.work(dead)
    job.refresh_from_db()
    assert job.state == "applied"
    assert phone_of("T003") == ""


def test_a_slow_worker_that_lives_is_left_alone(phones, cast, good, clock):
    job = checked(cast.street, good)
    actions.agree(job=job, by=cast.street.actor)
    mine = actions.claim(only=job.pk)
    clock.forward(minutes=2)
    store.Progress(mine.stored)(1, 2)
    assert queries.standing(mine)["share"] == 50
    assert actions.take_up_lost() == 0


def test_three_times_lost_is_a_failure(phones, cast, good, clock):
    job = upload(cast.street, good)
    for _attempt in range(3):
        assert actions.claim(only=job.pk)
        clock.forward(minutes=2)
        assert actions.take_up_lost() == 1
    job.refresh_from_db()
    assert job.state == "failed"
    assert "没有写入" in job.failure


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_two_agreements_at_once(phones, cast, good):
    job = checked(cast.street, good)
    by, outcomes, start = cast.street.actor, [], threading.Barrier(4)

    def race():
        from django.db import connection

        start.wait()
        try:
            actions.agree(job=job, by=by)
            outcomes.append("agreed")
        except Refused:
            outcomes.append("refused")
        outcomes.append(jobs.work_off())
        connection.close()

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("agreed") == 1
    assert outcomes.count("refused") == 3
    assert sum(found for found in outcomes if isinstance(found, int)) == 1
    assert Fact.objects.filter(kind="import.applied").count() == 1


def test_taken_back_while_nothing_builds_on_it(phones, cast, good):
    Organisation.objects.filter(code="T003").update(phone="old")
    job = written(cast.street, checked(cast.street, good))
    phones.built_on = True
    with pytest.raises(Refused, match="第 2 行"):
        actions.undo(job=job, by=cast.street.actor)
    job.refresh_from_db()
    assert job.state == "applied", "a refused undo changes nothing"
    phones.built_on = False
    assert actions.undo(job=job, by=cast.street.actor) == 2
    assert phone_of("T003") == "old"
    assert phone_of("T004") == ""
    with pytest.raises(Refused):
        actions.undo(job=job, by=cast.street.actor)
    assert Fact.objects.filter(kind="import.undone").count() == 1


def test_only_the_person_who_uploaded_agrees_and_sees_the_rows(phones, cast, good, settings):
    settings.DEMO = True  # the administrator owes no second factor here
    job = checked(cast.street, good)
    for other in (cast.district, cast.outsider, cast.community):
        with pytest.raises((NotFound, Forbidden)):
            actions.agree(job=job, by=other.actor)
    assert cast.outsider.client.get(reverse("exchange:detail", args=[job.pk])).status_code in (403, 404)
    assert cast.outsider.client.get(reverse("exchange:marked", args=[job.pk])).status_code in (403, 404)
    listed = cast.outsider.client.get(reverse("exchange:list")).content.decode()
    assert job.file_name not in listed
    # whoever may import above sees that it was done, not the rows
    seen = cast.admin.client.get(reverse("exchange:detail", args=[job.pk]))
    assert seen.status_code == 200
    assert reverse("exchange:agree", args=[job.pk]) not in seen.content.decode()


def test_a_right_lost_between_upload_and_work_is_lost(phones, cast, good):
    from gongjian.records.people.models import Appointment

    job = upload(cast.street, good)
    Appointment.objects.filter(person=cast.street.person).update(ends_on=dt.date(2025, 1, 1))
    job = actions.work(actions.claim(only=job.pk))
    assert job.state == "failed"
    assert "权限" in job.failure


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "空的"), (b"%PDF-1.7 ...", "PDF"), (b"\x89PNG\r\n", "图片"), (b"Rar!\x1a", "压缩包"), (b"MZ\x90", "程序")],
)
def test_what_is_no_table_is_named(phones, cast, content, word):
    with pytest.raises(Invalid, match=word):
        actions.upload(sheet="phones", file_name="x.xlsx", chunks=[content] if content else [], by=cast.street.actor)
    assert not ImportJob.objects.exists()
    assert not [path for path in store.folder().iterdir() if path.stat().st_size]


def test_too_large_is_refused_before_it_is_stored_whole(phones, cast):
    chunk, given = b"a" * (4 << 20), 0

    def endless():
        nonlocal given
        while True:
            given += 1
            yield chunk

    with pytest.raises(Invalid, match="40 MB"):
        actions.upload(sheet="phones", file_name="x.csv", chunks=endless(), by=cast.street.actor)
    assert given == 11
    assert not list(store.folder().iterdir())


def test_the_wrong_table_is_named(phones, cast):
    job = checked(cast.street, [{"name": "甲", "age": 3}], as_=OTHER)
    assert job.state == "refused"
    assert any("“名单”" in note for note in job.notes)


def test_files_go_when_nobody_needs_them(phones, cast, good, clock):
    refused = checked(cast.street, [{"code": "nope", "phone": "1"}])
    waiting = checked(cast.street, good)
    assert len(list(store.folder().glob("*"))) >= 2
    clock.forward(days=31)
    assert actions.tidy(kernel_clock.now()) == 2
    refused.refresh_from_db()
    waiting.refresh_from_db()
    assert (refused.state, waiting.state) == ("refused", "dropped")
    assert not list(store.folder().iterdir())


def test_by_page(phones, cast, good):
    client = cast.street.client
    listed = client.get(reverse("exchange:list")).content.decode()
    assert "办公电话" in listed
    template = client.get(reverse("exchange:template", args=["phones"]))
    assert template.content[:2] == b"PK"
    assert "attachment" in template["Content-Disposition"]
    csv = client.get(reverse("exchange:template", args=["phones"]) + "?format=csv").content.decode("utf-8-sig")
    assert csv.startswith("组织代码")
    answer = client.post(reverse("exchange:new", args=["phones"]), {})
    assert answer.status_code == 422
    assert "请选择要上传的文件" in answer.content.decode()
    answer = client.post(reverse("exchange:new", args=["phones"]), {"file": file_of(PHONES, good, "csv")}, follow=True)
    page = answer.content.decode()
    assert "2 行全部检查通过" in page
    assert phone_of("T003") == ""
    job = ImportJob.objects.get()
    page = client.post(reverse("exchange:agree", args=[job.pk]), follow=True).content.decode()
    assert "整份写入" in page
    assert phone_of("T003") == "0000-111"
    page = client.post(reverse("exchange:undo", args=[job.pk]), follow=True).content.decode()
    assert "整份撤销" in page
    assert phone_of("T003") == ""
    assert client.get(reverse("exchange:agree", args=[job.pk])).status_code == 405


def test_the_progress_page_can_be_left_and_come_back_to(phones, cast, good, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE_BYTES", 1)
    client = cast.street.client
    answer = client.post(reverse("exchange:new", args=["phones"]), {"file": file_of(PHONES, good)}, follow=True)
    page = answer.content.decode()
    assert "hx-get" in page
    assert 'http-equiv="refresh"' in page
    assert "可以离开" in page
    job = ImportJob.objects.get()
    here = reverse("exchange:detail", args=[job.pk])
    assert "HX-Refresh" not in client.get(here, headers={"HX-Request": "true"})
    jobs.run()
    assert client.get(here, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "全部检查通过" in client.get(here).content.decode()


def test_by_api(phones, cast, good):
    client = cast.street.client
    made = client.post("/api/v1/imports", {"sheet": "phones", "file": file_of(PHONES, good)})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["state"], body["updated"], body["problems"]) == ("checked", 2, [])
    where = f"/api/v1/imports/{body['id']}"
    assert client.post(where + "/apply").json()["state"] == "applied"
    again = client.post(where + "/apply")
    assert again.status_code == 409
    assert again["Content-Type"] == "application/problem+json"
    assert client.get("/api/v1/imports").json()["items"][0]["id"] == body["id"]
    assert cast.outsider.client.get(where).status_code in (403, 404)
    assert client.post(where + "/undo").json()["state"] == "undone"
    assert cast.member.client.post("/api/v1/imports", {"sheet": "phones"}).status_code in (403, 422)


def test_exports_hold_what_one_sees_and_leave_a_fact(phones, cast, city):
    here = reverse("exchange:export", args=["phones"])
    assert "可见范围内的全部" in cast.street.client.get(here).content.decode()
    answer = cast.street.client.post(here, {"format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "T003" in text
    assert "T011" not in text
    assert Fact.objects.get(kind="sheet.exported").data["rows"] == len(text.strip().splitlines()) - 2
    outside = cast.street.client.post(here, {"format": "csv", "org": city.other_street.pk})
    assert outside.status_code == 404


def test_at_the_console(phones, cast, good, tmp_path):
    from click.testing import CliRunner

    from gongjian.outlets.exchange.cli import import_file

    path, bad = tmp_path / "a.xlsx", tmp_path / "b.csv"
    path.write_bytes(file_of(PHONES, good).getvalue())
    bad.write_bytes(file_of(PHONES, [{"code": "nope", "phone": "1"}], "csv").getvalue())

    def call(*arguments, answer=""):
        return CliRunner().invoke(import_file, [str(argument) for argument in arguments], input=answer)

    assert call("nothing", path, "--as", "street").exit_code == 2
    assert call("phones", path, "--as", "nobody").exit_code == 2
    told = call("phones", bad, "--as", "street")
    assert told.exit_code == 1
    assert "第 3 行 A 列" in told.output
    told = call("phones", path, "--as", "street", "--check-only")
    assert told.exit_code == 0
    assert "将新增 0 行，更新 2 行" in told.output
    assert phone_of("T003") == ""
    assert call("phones", path, "--as", "street", answer="n\n").exit_code == 0
    assert phone_of("T003") == ""
    told = call("phones", path, "--as", "street", "--yes")
    assert told.exit_code == 0
    assert "已写入" in told.output
    assert phone_of("T003") == "0000-111"
    assert call("phones", path, "--as", "member", "--yes").exit_code == 3
