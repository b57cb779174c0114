"""Pages of elections for the cast; one election by HTTP alone; the outsider finds nothing; budgets."""

import pytest

from gongjian.desks.elections.models import Contest, Election, Round
from gongjian.engines.voting import actions as voting
from gongjian.records.access.queries import actor_of_person

pytestmark = pytest.mark.django_db


def test_an_election_by_http(clock, city, cast, queries):
    home, above = cast.secretary.client, cast.community.client
    people = city.people["branch"]
    form = {
        "org": f"{city.branch.code} {city.branch.name}", "kind": "term", "meeting_on": "2026-11-16", "place": "会议室",
        "committee_seats": "2", "secretary": "on", "deputies": "0", "reason": "任期届满",
    }  # fmt: skip
    assert "至少3人" in home.post("/elections/new/", form).content.decode()
    assert home.post("/elections/new/", form | {"committee_seats": "3"}).status_code == 302
    here = f"/elections/{Election.objects.get().pk}/"
    with queries(30):
        assert "报上级请示" in home.get(here).content.decode()
    assert "修改方案" in home.get(here + "change/").content.decode()
    home.post(here + "ask/")
    assert home.get(here + "allow/").status_code == 403
    above.post(here + "return-request/", {"reason": "补充事由"})
    assert "补充事由" in home.get(here).content.decode()
    home.post(here + "ask/")
    above.post(here + "allow/", {"note": "榕发〔2026〕1号"})
    members, secretary = Contest.objects.order_by("position")
    home.post(f"/elections/contests/{members.pk}/candidates/", {"people": [p.pk for p in people[:3]]})
    home.post(f"/elections/contests/{secretary.pk}/candidates/", {"people": [people[0].pk]})
    assert "不少于 4 人" in home.post(here + "propose/", follow=True).content.decode()
    home.post(f"/elections/contests/{members.pk}/candidates/", {"people": [p.pk for p in people[:4]]})
    home.post(here + "propose/")
    above.post(here + "accept/", {"note": "榕发〔2026〕2号"})
    tellers = {f"person_{people[7].pk}": "chief", f"person_{people[8].pk}": "counter", "agreed": "on"}
    page = home.get(here + "tellers/").content.decode()
    assert people[7].name in page
    assert people[0].name not in page.split("gj-form-card")[1]
    assert "至少要有一名监票人" in home.post(here + "tellers/", {"agreed": "on"}).content.decode()
    home.post(here + "tellers/", tellers)
    assert (
        "不能晚于今天"
        in home.post(here + "convene/", {"held_on": "2026-11-30", "method_passed": "on"}).content.decode()
    )
    home.post(here + "convene/", {"held_on": "2026-11-16", "method_passed": "on"})
    home.post(f"/elections/contests/{members.pk}/start/", {"by": "phone"})
    one = Round.objects.get()
    everyone = [p.pk for p in people]
    home.post(f"/voting/{one.poll_id}/present/", {"person": everyone, "deed": "present", "back": here})
    with queries(30):
        assert "名册" in home.get(here).content.decode()
    ballot = cast.member.client.get(f"/voting/{one.poll_id}/ballot/").content.decode()
    names = [item["label"] for item in one.poll.items]
    assert [ballot.index(f"<legend>{name}") for name in names] == sorted(
        ballot.index(f"<legend>{name}") for name in names
    )
    for person in people:
        choices = {item["id"]: "yes" if n < 3 else "no" for n, item in enumerate(one.poll.items)}
        voting.cast(poll=one.poll, choices=choices, by=actor_of_person(person))
    home.post(f"/voting/{one.poll_id}/close/", {"back": here})
    assert "确认本轮结果" in home.get(here).content.decode()
    home.post(f"/elections/rounds/{one.pk}/settle/")
    assert Election.objects.get().state == "elected"
    with queries(30):
        assert "当选" in home.get(here).content.decode()
    winners = [person for person in people if person.name in names[:3]]
    if winners[0].pk != people[0].pk:  # the secretary's candidate was not elected: another with leave
        home.post(
            f"/elections/contests/{secretary.pk}/candidates/", {"people": [winners[0].pk], "note": "榕发〔2026〕3号"}
        )
    home.post(here + "committee-tellers/", {f"person_{winners[1].pk}": "teller", "agreed": "on"})
    home.post(f"/elections/contests/{secretary.pk}/start/", {"by": "paper"})
    two = Round.objects.get(contest=secretary)
    home.post(f"/voting/{two.poll_id}/present/", {"person": [p.pk for p in winners], "deed": "paper", "back": here})
    papers = {
        "collected": "3",
        "invalid": "0",
        "tellers": winners[1].name,
        "votes_0_0": "3",
        "votes_0_1": "0",
        "back": here,
    }
    assert home.post(f"/voting/{two.poll_id}/papers/", papers).headers["Location"] == here
    home.post(f"/voting/{two.poll_id}/close/", {"back": here})
    home.post(f"/elections/rounds/{two.pk}/settle/")
    home.post(here + "duties/", {f"person_{winners[1].pk}": "organisation_member"})
    home.post(here + "report/")
    assert "批复结果" in above.get(here).content.decode()
    above.post(here + "confirm/", {"note": "榕发〔2026〕4号", "on": "2026-11-16"})
    assert Election.objects.get().state == "confirmed"
    protocol = cast.member.client.get(here + "protocol/").content.decode()
    assert "姓氏笔画" in protocol
    assert "榕发〔2026〕4号" in protocol


def test_the_protocol_as_pdf(walk, cast):
    import io

    import pypdf

    one = walk("meeting").elect_committee()
    answer = cast.secretary.client.get(f"/elections/{one.election.pk}/protocol/paper/")
    assert answer.headers["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    text = "".join(text.split())
    for part in ("换届选举纪实", "选举结果报告单", "监票人", "应到", "陈静", "当选", "榕发〔2026〕1号"):
        assert part in text


@pytest.mark.parametrize("name", ["outsider", "resident", "neighbour"])
def test_outsiders_find_nothing(name, walk, cast, city):
    one = walk("meeting")
    found = one.round()
    client = getattr(cast, name).client
    for page in ("", "protocol/", "protocol/paper/", "cancel/"):
        assert client.get(f"/elections/{one.election.pk}/{page}").status_code in (403, 404)
    for page in (f"contests/{found.contest_id}/start/", f"rounds/{found.pk}/settle/", f"rounds/{found.pk}/annul/"):
        assert client.post(f"/elections/{page}").status_code in (403, 404)
    assert client.get(f"/api/v1/elections/{one.election.pk}").status_code in (403, 404)
    if name != "neighbour":
        assert client.get(f"/elections/terms/{city.branch.pk}/").status_code in (403, 404)


def test_a_member_sees_candidates_only_once_they_are_accepted(walk, cast):
    one = walk("proposed")
    here = f"/elections/{one.election.pk}/"
    assert one.people[2].name not in cast.colleague.client.get(here).content.decode()
    from gongjian.desks.elections import actions

    actions.accept_candidates(election=one.election, note="批复", by=one.above)
    assert one.people[2].name in cast.colleague.client.get(here).content.decode()


def test_the_list_and_a_term(walk, cast, city, queries):
    client = cast.community.client
    with queries(30):
        assert "任期将满" in client.get("/elections/?show=terms").content.decode()
    here = f"/elections/terms/{city.branch.pk}/"
    assert "2027-03-01" in cast.secretary.client.get(here).content.decode()
    assert (
        "12 个月"
        in cast.secretary.client.post(here, {"until": "2030-01-01", "reason": "等待撤并方案"}).content.decode()
    )
    cast.secretary.client.post(here, {"until": "2027-09-01", "reason": "等待撤并方案"})
    page = cast.community.client.get(here).content.decode()
    assert "批准延期" in page
    shift = page.split("/elections/shifts/")[1].split("/")[0]
    cast.community.client.post(f"/elections/shifts/{shift}/answer/", {"approve": "1", "note": "榕发〔2026〕9号"})
    assert "2027-09-01" in cast.secretary.client.get(here).content.decode()


def test_the_api(walk, cast, city):
    home, above, json = cast.secretary.client, cast.community.client, "application/json"
    body = {"org": city.branch.pk, "kind": "term", "meeting_on": "2026-11-16", "committee_seats": 3}
    answer = home.post("/api/v1/elections", body, content_type=json)
    assert (answer.status_code, answer.json()["state"]) == (201, "preparing")
    here = f"/api/v1/elections/{answer.json()['id']}"
    assert home.post(here + "/propose").status_code == 409
    assert home.post(here + "/ask").json()["state"] == "asked"
    assert home.post(here + "/allow", {"note": "批复"}, content_type=json).status_code == 403
    assert above.post(here + "/allow", {"note": "批复"}, content_type=json).json()["state"] == "allowed"
    contest = home.get(here).json()["contests"][0]
    people = [person.pk for person in city.people["branch"][:4]]
    answer = home.put(f"/api/v1/contests/{contest['id']}/candidates", {"people": people}, content_type=json)
    assert len(answer.json()["contests"][0]["candidates"]) == 4
    assert [row["state"] for row in above.get("/api/v1/elections").json()["items"]] == ["allowed"]
