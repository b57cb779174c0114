"""A draft's life through the pages and the API: begun, changed, tried, handed in, published; and who may not."""

import datetime as dt
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongjian.ground import policy
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Refused
from gongjian.ground.policy import store
from gongjian.outlets.trial import actions, queries, working
from gongjian.outlets.trial.models import Draft, Part, Trial
from gongjian.records.access import actions as access
from gongjian.records.facts.models import Fact
from tests.at_once import at_once

pytestmark = pytest.mark.django_db


def at(name, *args):
    return reverse(f"trial:{name}", args=args)


def answers(entry, **changed):
    """The form of an entry as the page gives it, with some answers changed."""
    return {**{name: value for name, value in entry.items() if value not in ("", [])}, **changed}


def test_a_draft_from_its_first_line_to_the_pack(clock, cast, city, organiser):
    client, clerk = organiser.client, organiser.actor
    page = client.post(at("new"), {"title": "2027年积分调整", "reason": "鼓励志愿服务"})
    draft = Draft.objects.get()
    assert page.url == at("draft", draft.pk)
    assert "还没有改动" in client.get(page.url).content.decode()

    # one rule after the other, with the checker's words at the field
    form = at("entry", draft.pk, "rules", "attend_volunteer_service")
    assert client.get(form).status_code == 200
    entry = queries.entry_of(draft, "rules", "attend_volunteer_service")["values"]
    for wrong, told in (
        ({"points": "两"}, "不是整数"), ({"points": "9", "at_most.points": "3"}, "小于一次的分值"), ({"points": "0"}, "分值不能是 0"),
    ):  # fmt: skip
        page = client.post(form, {**answers(entry), **wrong, "revision": draft.revision})
        assert page.status_code == 422
        assert told in page.content.decode()
        assert Draft.objects.get().edits == {}
    page = client.post(form, {**answers(entry), "at_most.points": "10", "revision": draft.revision})
    assert page.url == at("part", draft.pk, "rules")
    assert Draft.objects.get().edits == {"rules/attend_volunteer_service": {"at_most.points": "10"}}
    page = client.post(form, {**answers(entry), "at_most.points": "12", "revision": draft.revision})
    assert page.status_code == 422, "somebody saved in between"
    page = client.post(at("entry", draft.pk, "frame", "frame"), {"cap": "20", "floor": "0"})
    assert "超过总分上限" in page.content.decode()
    duty = answers(queries.entry_of(draft, "duties", "theme_day_monthly")["values"], remind_days_before="10，3", off="")
    assert client.post(at("entry", draft.pk, "duties", "theme_day_monthly"), duty).status_code == 302
    assert client.post(at("reset", draft.pk, "duties", "theme_day_monthly")).status_code == 302
    assert client.post(at("entry", draft.pk, "duties", "theme_day_monthly"), duty).status_code == 302
    text = client.get(at("draft", draft.pk)).content.decode()
    for words in ("志愿服务", "最多得多少分", "10、3", "条文和数字可能对不上"):
        assert words in text

    # not before it was tried
    later = {"effective_from": "2027-01-01", "version": "2027.1"}
    assert "请先用过去一年的记录试算" in client.post(at("submit", draft.pk), later).content.decode()
    page = client.post(at("try", draft.pk), {"year": "2026"})
    trial = Trial.objects.get()
    assert page.url == at("trial", trial.pk)
    assert "排队等待试算" in client.get(page.url).content.decode()
    assert client.get(page.url, headers={"HX-Request": "true"}).status_code == 200
    assert client.post(at("try", draft.pk), {"year": "2026"}).url == page.url
    working.work_off()
    text = client.get(page.url).content.decode()
    for words in ("谁的档次会变", "不足5", "提醒和上报", "各维度合计"):
        assert words in text
    listing = client.get(at("organisations", trial.pk))
    assert city.branch.name in listing.content.decode()
    found = client.get(
        at("organisations", trial.pk), {"change": "same", "duty": "theme_day_monthly", "district": city.district.pk}
    )
    assert city.branch.name in found.content.decode()
    assert city.other_branch.name not in found.content.decode()
    assert client.get(at("organisations", trial.pk), {"export": "xlsx"}).status_code == 200

    # two persons
    early = client.post(at("submit", draft.pk), {**later, "effective_from": "2026-11-15"})
    assert "不能改写过去" in early.content.decode()
    assert client.post(at("submit", draft.pk), later).url == at("draft", draft.pk)
    draft.refresh_from_db()
    with pytest.raises(Refused):
        actions.publish(draft=draft, by=clerk)
    head = cast.city
    assert "政策草案待批准：2027年积分调整" in head.client.get("/todos/").content.decode()
    assert "批准发布" in head.client.get(at("draft", draft.pk)).content.decode()
    head.client.post(at("return", draft.pk), {"reason": ""})
    assert Draft.objects.get().state == "submitted", "returned only with a reason"
    head.client.post(at("return", draft.pk), {"reason": "生效日期再想想"})
    assert "生效日期再想想" in client.get(at("draft", draft.pk)).content.decode()
    client.post(at("submit", draft.pk), later)
    today = policy.current().point_rule("attend_volunteer_service").at_most.points
    assert head.client.post(at("publish", draft.pk)).url == at("draft", draft.pk)
    head.client.post(at("publish", draft.pk))
    fact = Fact.objects.get(kind="policy_draft.published")
    assert (fact.by, fact.data["version"], fact.data["on"]) == (head.person.pk, "2027.1", "2027-01-01")
    assert fact.data["submitted_by"] == organiser.person.pk
    policy.forget()
    assert policy.on(dt.date(2026, 12, 31)).point_rule("attend_volunteer_service").at_most.points == today
    assert policy.on(dt.date(2027, 1, 1)).point_rule("attend_volunteer_service").at_most.points == 10
    assert policy.on(dt.date(2027, 1, 1)).version == "2027.1"


def test_who_is_not_let_in(clock, cast, city, organiser):
    draft = actions.begin(title="草案", by=organiser.actor)
    trial = actions.try_out(draft=draft, year=2026, by=organiser.actor)
    addresses = [
        at("list"),
        at("draft", draft.pk),
        at("part", draft.pk, "rules"),
        at("trial", trial.pk),
        at("organisations", trial.pk),
    ]
    for player in (cast.secretary, cast.member, cast.resident, cast.outsider, cast.street):
        assert {player.client.get(address).status_code for address in addresses} == {403}
    assert cast.nobody.may("trial.view") is False
    # held over a district only: a part of the city has no policy of its own
    access.give(person=cast.district.person, role="city_clerk", org=city.district, by=SYSTEM, reason="测试")
    assert cast.district.client.get(at("draft", draft.pk)).status_code == 404
    with pytest.raises(Forbidden):
        actions.begin(title="区里的政策", by=cast.district.actor)
    # who may look but not draft
    assert cast.city.client.get(at("draft", draft.pk)).status_code == 200
    assert cast.city.client.post(at("try", draft.pk), {"year": "2026"}).status_code == 403
    assert cast.city.client.get(at("new")).status_code == 403
    assert organiser.client.get(at("draft", 999)).status_code == 404
    assert organiser.client.get(at("part", draft.pk, "roles")).status_code == 404
    assert organiser.client.get(at("entry", draft.pk, "rules", "none")).status_code == 404


def test_pages_ask_little(clock, cast, organiser, tune, queries):
    draft = tune(actions.begin(title="草案", by=SYSTEM), "rules", "attend_theme_day", points="2", at_most__points="2")
    trial = actions.try_out(draft=draft, year=2026, by=SYSTEM)
    working.work_off()
    client = organiser.client
    client.get(at("list"))
    for name, *args in (
        ("list",), ("draft", draft.pk), ("part", draft.pk, "rules"), ("entry", draft.pk, "rules", "attend_theme_day"),
        ("trial", trial.pk), ("organisations", trial.pk),
    ):  # fmt: skip
        with queries(28):
            assert client.get(at(name, *args)).status_code == 200


def test_files_instead_of_forms(clock, organiser):
    client = organiser.client

    def post(text, name="duties.yaml"):
        return client.post(at("new"), {"title": "文件", "files": SimpleUploadedFile(name, text.encode())})

    page = post("duties:\n  - {id: theme_day_monthly, times: zwei}\n")
    assert page.status_code == 422
    assert "duties.yaml 第 2 行，条目 theme_day_monthly，字段 times：“zwei”不是整数。" in page.content.decode()
    assert "没有叫这个名字的文件" in post("a: 1\n", "strange.yaml").content.decode()
    assert post("duties: [", "../duties.txt").status_code == 422
    assert not Draft.objects.exists()
    assert post("duties:\n  - {id: theme_day_monthly, times: 2}\n").status_code == 302
    assert "次数" in client.get(at("draft", Draft.objects.get().pk)).content.decode()


def test_a_newer_pack_asks_for_a_new_start(clock, organiser, tune, cast):
    store.load(store.chosen_folder())
    policy.forget()
    first, second = (
        tune(actions.begin(title=name, by=organiser.actor), "dimensions", ident, full=full)
        for name, ident, full in (("甲", "service", "28"), ("乙", "learning", "18"))
    )
    for draft in (first, second):
        actions.try_out(draft=draft, year=2026, by=organiser.actor)
    working.work_off()
    for draft in (first, second):
        actions.submit(draft=draft, effective_from=dt.date(2027, 1, 1), by=organiser.actor)
    actions.publish(draft=first, by=cast.city.actor)
    with pytest.raises(Refused, match="新的政策包"):
        actions.publish(draft=second, by=cast.city.actor)
    actions.send_back(draft=second, by=organiser.actor)
    second = actions.renew(draft=second, by=organiser.actor)
    with pytest.raises(Refused, match="试算"):
        actions.submit(draft=second, effective_from=dt.date(2027, 1, 1), by=organiser.actor)
    made = queries_content(second)
    assert [made["points"]["dimensions"][n]["full"] for n in (1, 3)] == ["18", "28"]
    assert actions.drop(draft=second, by=organiser.actor).state == "dropped"


def queries_content(draft):
    return queries.content_of(draft, starts_on=dt.date(2027, 1, 1))


def test_cancelled_is_cancelled(clock, organiser, tune):
    draft = tune(actions.begin(title="草案", by=SYSTEM), "dimensions", "service", full="28")
    trial = actions.try_out(draft=draft, year=2026, by=SYSTEM)
    part = working.claim()
    assert organiser.client.post(at("cancel", trial.pk)).status_code == 302
    working.work(part)
    working.work_off()
    trial.refresh_from_db()
    assert (trial.state, trial.results, trial.parts.count(), trial.lacks.count()) == ("cancelled", None, 0, 0)
    with pytest.raises(Refused):
        actions.cancel(trial=trial, by=SYSTEM)
    assert actions.try_out(draft=draft, year=2026, by=SYSTEM).pk != trial.pk


def test_over_the_api(clock, organiser, cast):
    client = organiser.client

    def send(path, body=None, **how):
        return client.post(f"/api/v1{path}", json.dumps(body or {}), content_type="application/json", **how)

    made = client.post("/api/v1/policy-drafts", {"title": "接口起草"})
    assert made.status_code == 201
    ident = made.json()["id"]
    edit = {
        "part": "rules",
        "entry": "attend_theme_day",
        "values": {"points": "2", "at_most.points": "2", "text": "参加一次得2分。"},
    }
    assert send(f"/policy-drafts/{ident}/edits", edit).json()["edits"]["rules/attend_theme_day"]["points"] == "2"
    assert send(f"/policy-drafts/{ident}/edits", {**edit, "values": {"points": "x"}}).status_code == 422
    trial = send(f"/policy-drafts/{ident}/trials", {"year": 2026})
    assert trial.status_code == 201
    assert send(f"/policy-drafts/{ident}/trials", {"year": 1990}).status_code == 422
    working.work_off()
    found = client.get(f"/api/v1/policy-trials/{trial.json()['id']}").json()
    assert (found["state"], found["share"]) == ("done", 100)
    assert "cells" not in json.dumps(found["results"])
    assert client.get(f"/api/v1/policy-trials/{found['id']}/organisations").json()["items"]
    assert send(f"/policy-drafts/{ident}/submit", {"effective_from": "2027-01-01"}).json()["state"] == "submitted"
    assert send(f"/policy-drafts/{ident}/publish").status_code == 409
    assert cast.secretary.client.get("/api/v1/policy-drafts").status_code == 403
    assert [row["id"] for row in client.get("/api/v1/policy-drafts").json()["items"]] == [ident]


@pytest.mark.django_db(transaction=True)
def test_two_at_once(clock, organiser, tune, cast):
    """Two who begin the same trial get one; two processes never judge the same part; two who approve publish once."""
    draft = tune(actions.begin(title="草案", by=SYSTEM), "dimensions", "service", full="28")
    begun = at_once([lambda: actions.try_out(draft=draft, year=2026, by=SYSTEM).pk] * 2)
    assert len(set(begun)) == 1
    assert Trial.objects.count() == 1
    parts = Part.objects.count()  # how many depends on how far the numbers of persons reach in this database
    assert parts >= 3
    assert sum(at_once([working.work_off] * 2)) == parts
    assert Trial.objects.get().state == "done"
    draft = actions.submit(draft=draft, effective_from=dt.date(2027, 1, 1), by=organiser.actor)
    done = at_once([lambda: actions.publish(draft=draft, by=cast.city.actor)] * 2)
    assert sum(isinstance(one, Refused) for one in done) == 1
    assert Fact.objects.filter(kind="policy_draft.published").count() == 1
