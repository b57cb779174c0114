"""Pages and API of voting for the cast; the outsider finds nothing; budgets of queries."""

import pytest

from gongjian.engines.voting import actions
from gongjian.engines.voting.models import Poll, PollVoter
from gongjian.records.people.models import Circumstance

pytestmark = pytest.mark.django_db


def test_a_vote_by_http(start, city, cast, queries):
    poll = start(rule="admission")
    here, secretary, member = f"/voting/{poll.pk}/", cast.secretary.client, cast.member.client
    assert "先登记到会" in member.get(here + "ballot/").content.decode()
    people = [person.pk for person in city.people["branch"]]
    answer = secretary.post(here + "present/", {"person": people, "deed": "present", "back": here})
    assert answer.headers["Location"] == here
    assert "接收预备党员" in member.get("/voting/").content.decode()
    with queries(30):
        assert "交票" in member.get(here + "ballot/").content.decode()
    assert "请选择一项" in member.post(here + "ballot/", {}).content.decode()
    assert member.post(here + "ballot/", {"item_0": "yes"}).status_code == 302
    assert "已交票" in member.get(here + "ballot/").content.decode()
    assert "一人一票" in member.post(here + "ballot/", {"item_0": "no"}).content.decode()
    with queries(30):
        page = secretary.get(here).content.decode()
    assert "手机投票" in page
    secretary.post(here + "present/", {"person": people[4:8], "deed": "paper"})
    assert secretary.post(here + "close/").status_code == 302
    assert Poll.objects.get().state == "open"  # paper is out and not counted
    form = {"collected": "4", "invalid": "0", "tellers": "甲、乙", "votes_0_0": "5", "votes_0_1": "0"}
    assert "超过有效票数" in secretary.post(here + "papers/", form).content.decode()
    assert secretary.post(here + "papers/", form | {"votes_0_0": "4"}).status_code == 302
    secretary.post(here + "stop/")
    secretary.post(here + "close/")
    assert "应到会有表决权的 9 人" in member.get(here + "ballot/").content.decode()
    assert "通过" in secretary.get(here).content.decode()


@pytest.mark.parametrize("name", ["outsider", "resident", "neighbour"])
def test_outsiders_find_nothing(name, start, cast):
    poll = start()
    client = getattr(cast, name).client
    for page in ("", "ballot/", "papers/", "opinion/"):
        assert client.get(f"/voting/{poll.pk}/{page}").status_code in (403, 404)
    assert client.get(f"/api/v1/polls/{poll.pk}").status_code == 404
    assert client.post(f"/voting/{poll.pk}/close/").status_code in (403, 404)


def test_a_member_sees_no_roll_and_cannot_count(start, cast, city):
    poll = start()
    page = cast.member.client.get(f"/voting/{poll.pk}/").content.decode()
    assert city.people["branch"][8].name not in page
    assert cast.member.client.get(f"/voting/{poll.pk}/papers/").status_code == 403


def test_the_api(start, cast, city):
    poll = start(rule="admission")
    here, json = f"/api/v1/polls/{poll.pk}", "application/json"
    people = [cast.member.person.pk, cast.secretary.person.pk]
    secretary, member = cast.secretary.client, cast.member.client
    assert secretary.post(here + "/present", {"people": people}, content_type=json).json()["present"] == 2
    assert member.get(here).json()["can_vote"]
    answer = member.post(here + "/ballot", {"choices": {"question": "yes"}}, content_type=json)
    assert (answer.status_code, answer.json()["handed_in"], answer.json()["outcome"]) == (200, 1, None)
    assert member.post(here + "/ballot", {"choices": {}}, content_type=json).status_code == 409
    assert secretary.post(here + "/close").json()["outcome"]["present_ok"] is False
    assert [row["id"] for row in member.get("/api/v1/polls").json()["items"]] == [poll.pk]


def test_an_open_redirect_is_not_followed(start, cast):
    poll = start()
    answer = cast.secretary.client.post(f"/voting/{poll.pk}/stop/", {"back": "//evil.example/"})
    assert answer.headers["Location"] == f"/voting/{poll.pk}/"


def test_a_circumstance_from_note_to_end(clock, city, cast):
    person = cast.member.person
    here = f"/people/{person.pk}/"
    client = cast.secretary.client
    form = {"kind": "abroad", "starts_on": "2026-11-01", "evidence": "出境记录"}
    assert client.post(here + "circumstance/", form | {"evidence": ""}).status_code == 200
    assert client.post(here + "circumstance/", form).status_code == 302
    assert "已经登记" in client.post(here + "circumstance/", form).content.decode()
    page = client.get(here).content.decode()
    assert "自费出国" in page
    assert "待上级同意" in page
    assert "自费出国" in cast.member.client.get("/people/me/").content.decode()
    row = Circumstance.objects.get()
    consent = {"consented_by": "榕荫社区党委", "consented_on": "2026-11-10"}
    assert client.post(f"/people/circumstances/{row.pk}/consent/", consent).status_code == 302
    assert cast.neighbour.client.get(f"/people/circumstances/{row.pk}/end/").status_code == 404
    assert client.post(f"/people/circumstances/{row.pk}/end/", {"on": "2026-11-16"}).status_code == 302
    row.refresh_from_db()
    assert (str(row.ends_on), row.consented_by) == ("2026-11-16", "榕荫社区党委")


def test_a_colleague_reads_nothing_of_an_illness(clock, city, cast):
    from gongjian.records.people import actions as people

    person = city.people["branch"][5]
    people.note_circumstance(
        person=person, kind="unable_to_express", by=cast.secretary.actor, starts_on=_day(), evidence="诊断证明"
    )
    with_view = cast.auditor.client.get(f"/people/{person.pk}/").content.decode()
    assert "诊断" not in with_view
    assert "不能表达" not in with_view
    assert cast.member.client.get(f"/api/v1/people/{person.pk}/circumstances").status_code == 403
    assert cast.secretary.client.get(f"/api/v1/people/{person.pk}/circumstances").json()[0]["evidence"] == "诊断证明"


def _day():
    from gongjian.ground.kernel import clock

    return clock.today()


def test_the_home_page_names_a_waiting_vote(start, cast):
    poll = start()
    actions.set_present(poll=poll, people=[cast.member.person.pk], by=cast.secretary.actor)
    assert PollVoter.objects.filter(present=True).count() == 1
    from gongjian.engines.voting import queries as voting

    assert [todo.url for todo in voting.todos(cast.member.actor, _day())] == [f"/voting/{poll.pk}/ballot/"]
    assert voting.todos(cast.outsider.actor, _day()) == []


def test_a_review_shows_its_numbers_to_organisers_only(start, cast):
    """民主测评 is about single persons: who voted does not read the others' votes."""
    poll = start(rule="review", items=[{"id": "1", "label": "李明"}], needs_presence=False)
    for name in ("secretary", "member", "colleague"):
        actions.cast(poll=poll, choices={"1": "yes"}, by=getattr(cast, name).actor)
    actions.close_poll(poll=poll, by=cast.secretary.actor)
    for path in (f"/voting/{poll.pk}/", f"/voting/{poll.pk}/ballot/"):
        assert "vote-say" not in cast.member.client.get(path).content.decode()
    assert cast.member.client.get(f"/api/v1/polls/{poll.pk}").json()["outcome"] is None
    assert cast.secretary.client.get(f"/api/v1/polls/{poll.pk}").json()["outcome"]["collected"] == 3
    assert "vote-say" in cast.secretary.client.get(f"/voting/{poll.pk}/").content.decode()
