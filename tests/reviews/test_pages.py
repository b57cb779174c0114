"""Pages and API of the appraisal for the cast, within a budget of queries; PDF files; the outsider finds nothing."""

import datetime as dt
import io
import json

import pytest
from pypdf import PdfReader

from gongjian.desks.reviews import queries as reads
from gongjian.desks.reviews.models import Review, ReviewMember
from gongjian.records.facts import seal
from gongjian.records.facts.proof import check_file

pytestmark = pytest.mark.django_db
TEXT = "这一年按时参加组织生活，认领了三个岗位；学习还不够。"


def text_of(answer) -> str:
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_a_secretary_goes_all_the_way_by_http(city, cast, clock, learner):
    client = cast.secretary.client
    assert "开始民主评议" in text_of(client.get("/reviews/"))
    sent = client.post("/reviews/start/", {"org": city.branch.pk, "year": "2026", "rating_until": "2026-11-30"})
    review = Review.objects.get()
    here = f"/reviews/{review.pk}/"
    assert sent["Location"] == here
    member = cast.member.client
    assert "写自评" in text_of(member.get(here))
    assert member.post(here + "self/", {"text": TEXT, "grade": "qualified"})["Location"] == here + "peers/"
    other = ReviewMember.objects.get(review=review, person=cast.colleague.person)
    member.post(here + "peers/", {f"grade_{other.pk}": "excellent", f"text_{other.pk}": "热心"})
    client.post(here + "ballot/", {"anywhere": "1"})
    review.refresh_from_db()
    poll = f"/voting/{review.poll_id}/"
    for name in ("secretary", "member", "colleague", "street"):
        getattr(cast, name).client.post(poll + "ballot/", {"item_0": "excellent"})
    assert "评定" not in text_of(member.get(poll + "ballot/"))
    client.post(poll + "close/", {})
    assert client.post(here + "decide/")["Location"] == here + "verdicts/"
    page = text_of(client.get(here + "verdicts/"))
    assert "优秀 1" in page
    assert "selected>优秀" not in page.replace('" selected', '"selected'), "nothing is proposed"
    rows = list(ReviewMember.objects.filter(review=review, graded=True))
    given = {f"grade_{row.pk}": "excellent" for row in rows[:4]} | {f"grade_{row.pk}": "qualified" for row in rows[4:]}
    given |= {f"reason_{row.pk}": "成绩突出" for row in rows[:4]}
    warned = text_of(client.post(here + "verdicts/", {**given, "deed": "close"}))
    assert "一般不超过 3 人" in warned
    assert "成绩突出" in warned
    closed = client.post(here + "verdicts/", {**given, "deed": "close", "over_cap_reason": "全年攻坚任务重"})
    assert closed["Location"] == here
    review.refresh_from_db()
    assert review.state == "closed"
    assert "我已看过" in text_of(member.get(here + "result/"))
    member.post(here + "result/")
    assert "我已看过" not in text_of(member.get(here + "result/"))


def test_what_each_may_see(make, cast, learner):
    review = make("closed", grades={"张伟": "basic", "李明": "excellent"})
    here = f"/reviews/{review.pk}/"
    row = ReviewMember.objects.get(review=review, person=cast.member.person)
    own = text_of(cast.member.client.get(here + "result/"))
    assert "基本合格" in own
    assert "表现突出" in own
    seen_by_colleague = text_of(cast.colleague.client.get(here))
    assert "各等次人数" in seen_by_colleague
    assert "张伟" not in seen_by_colleague
    assert "张伟" in text_of(cast.secretary.client.get(here))
    for path in (f"members/{row.pk}/", f"members/{row.pk}/sheet.pdf", "results.pdf"):
        assert cast.colleague.client.get(here + path).status_code in (403, 404)
        assert cast.outsider.client.get(here + path).status_code in (403, 404)
        assert cast.neighbour.client.get(here + path).status_code in (403, 404)
    assert cast.outsider.client.get(here).status_code in (403, 404)
    for path in ("self/", "peers/", "result/"):
        assert cast.community.client.get(here + path).status_code in (403, 404)
    above = text_of(cast.community.client.get(f"{here}members/{row.pk}/"))
    assert "更正等次" not in above, "who is above reads, and does not decide"


@pytest.mark.parametrize("stage", ["rating", "voting", "counted", "deciding", "closed"])
def test_budgets_of_queries(make, cast, queries, stage, learner):
    review = make(stage)
    here = f"/reviews/{review.pk}/"
    row = ReviewMember.objects.get(review=review, person=cast.member.person)
    for who, paths in (
        (cast.secretary, ("/reviews/", here, f"{here}verdicts/", f"{here}members/{row.pk}/", "/reviews/start/")),
        (cast.member, ("/reviews/mine/", here, f"{here}self/", f"{here}peers/", f"{here}result/")),
    ):
        who.client.get("/")  # the first page of a session writes the session
        for path in paths:
            with queries(30):
                assert who.client.get(path).status_code == 200, path
    actor = cast.secretary.actor
    with queries(4):
        found = reads.todos(actor, dt.date(2026, 11, 16))
    assert bool(found)


def test_the_files_for_the_archive_can_be_checked(make, cast):
    review = make("closed", grades={"张伟": "basic"})
    seal.seal()
    answer = cast.secretary.client.get(f"/reviews/{review.pk}/results.pdf")
    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "张伟" in said
    assert "基本合格" in said
    checked = check_file(answer.content)
    assert not checked.faults
    assert {fact["kind"] for fact in checked.facts} >= {"review.opened", "review.closed"}
    row = ReviewMember.objects.get(review=review, person=cast.member.person)
    sheet = cast.member.client.get(f"/reviews/{review.pk}/members/{row.pk}/sheet.pdf")
    [fact] = check_file(sheet.content).facts
    assert (fact["kind"], fact["data"]["grade"]) == ("review.graded", "basic")
    other = ReviewMember.objects.get(review=review, person=cast.colleague.person)
    assert cast.member.client.get(f"/reviews/{review.pk}/members/{other.pk}/sheet.pdf").status_code in (403, 404)


def test_files_hang_on_a_review_for_those_who_lead(make, cast):
    from django.core.files.uploadedfile import SimpleUploadedFile

    review = make("rating")
    pdf = b"%PDF-1.7\n%%EOF\n"
    where = f"/files/review/{review.pk}/add/"
    given = {"file": SimpleUploadedFile("通知.pdf", pdf), "next": f"/reviews/{review.pk}/"}
    shown = text_of(cast.secretary.client.post(where, given, follow=True))
    assert "通知" in shown
    assert "撤下" in shown
    assert "通知.pdf" not in text_of(cast.member.client.get(f"/reviews/{review.pk}/"))
    assert cast.member.client.post(where, given).status_code == 404
    for ident in ("0", "x", "9" * 30):
        assert cast.secretary.client.post(f"/files/review/{ident}/add/", given).status_code == 404


def test_the_api_goes_the_same_way(city, cast, clock):
    client = cast.secretary.client

    def post(who, path, body=None):
        return who.client.post(f"/api/v1/reviews{path}", json.dumps(body or {}), content_type="application/json")

    made = post(cast.secretary, "", {"org": city.branch.pk})
    assert made.status_code == 201, made.content
    review = made.json()["id"]
    assert post(cast.member, "", {"org": city.branch.pk}).status_code == 403
    assert post(cast.secretary, "", {"org": city.other_branch.pk}).status_code in (403, 404)
    assert post(cast.member, f"/{review}/self", {"text": TEXT, "grade": "qualified"}).status_code == 204
    assert post(cast.outsider, f"/{review}/self", {"text": TEXT}).status_code in (403, 404)
    rows = client.get(f"/api/v1/reviews/{review}/members").json()
    assert cast.member.client.get(f"/api/v1/reviews/{review}/members").status_code == 403
    peer = [{"member": rows[0]["id"], "grade": "qualified", "text": "踏实"}]
    assert post(cast.colleague, f"/{review}/peers", peer).status_code == 204
    assert post(cast.secretary, f"/{review}/close").status_code == 409
    assert post(cast.secretary, f"/{review}/ballot").json()["state"] == "voting"
    from gongjian.engines.voting import actions as voting

    poll = Review.objects.get(pk=review).poll
    voting.close_poll(poll=poll, by=cast.secretary.actor)
    assert post(cast.secretary, f"/{review}/decide").json()["state"] == "deciding"
    verdicts = [{"member": row["id"], "grade": "qualified"} for row in rows]
    assert len(post(cast.secretary, f"/{review}/verdicts", verdicts).json()) == 9
    assert post(cast.secretary, f"/{review}/close").json()["grades"]["qualified"] == 9
    own = cast.member.client.get(f"/api/v1/reviews/{review}/mine").json()
    assert (own["grade"], own["self_grade"]) == ("qualified", "qualified")
    assert post(cast.member, f"/{review}/acknowledge").status_code == 204
    changed = {"grade": "excellent", "reason": "复核", "correction": "支委会复核"}
    target = next(row for row in rows if row["person"] == cast.member.person.pk)
    assert post(cast.member, f"/{review}/members/{target['id']}/correct", changed).status_code == 403
    assert post(cast.secretary, f"/{review}/members/{target['id']}/correct", changed).json()["grade"] == "excellent"
    assert [item["id"] for item in cast.member.client.get("/api/v1/reviews").json()["items"]] == [review]
    assert cast.outsider.client.get("/api/v1/reviews").json()["items"] == []
