"""外出凭证: 党员证明信 (DOMAIN 2.2.11) and 流动党员活动证 (2.2.12): numbered, printed, replaced, handed in."""

import datetime as dt
import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from gongjian.desks.transfers import actions
from gongjian.desks.transfers.models import StayPaper
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Invalid, NotFound, Refused
from gongjian.ground.kernel.identifiers import MALE, make_demo_identity
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions as people

pytestmark = pytest.mark.django_db

D = dt.date
NUMBER = str(make_demo_identity(77, dt.date(1990, 5, 4), MALE))


@pytest.fixture
def stay_of(clock, city, cast):
    """A member away, with the paper that a test wants."""
    people.correct(person=cast.member.person, by=SYSTEM, identity=NUMBER, birth_date=None, sex="9")

    def make(document="", back_by=None, who=cast.member.person):
        return actions.leave_home(
            person=who, by=cast.secretary.actor, place="广东省深圳市", since=D(2026, 11, 1),
            back_by=back_by, document=document,
        )  # fmt: skip

    return make


def text_of(answer) -> str:
    assert answer["Content-Type"] == "application/pdf"
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages).replace("\n", "")


@pytest.mark.parametrize(
    ("document", "back_by", "title", "dues"),
    [  # 2.2.11: away up to six months, dues at home; 2.2.12: without transfer, dues may be paid at the host
        ("", D(2027, 4, 1), "党员证明信", "党费向组织关系所在的党支部交纳"),
        ("card", None, "流动党员活动证", "可以在所去的党组织交纳党费"),
    ],
)
def test_the_paper_says_who_he_is_and_that_he_has_no_vote_there(stay_of, cast, document, back_by, title, dues):
    stay = stay_of(document, back_by)
    page = reverse("transfers:stay_deed", args=[stay.pk, "paper"])
    assert cast.secretary.client.get(page).status_code == 200
    assert cast.secretary.client.post(page, {"purpose": "异地务工"}).status_code == 302
    found = StayPaper.objects.get()
    assert (found.document, found.number, found.issued_on) == (stay.document, 1, D(2026, 11, 16))
    shown = cast.secretary.client.get(reverse("transfers:stay", args=[stay.pk])).content.decode()
    assert found.serial in shown
    text = text_of(cast.member.client.get(reverse("transfers:stay_paper", args=[stay.pk])))
    for part in (
        title,
        "2026",
        "第0001号",
        "张伟",
        "异地务工",
        "2026年11月1日",
        "没有表决权、选举权和被选举权",
        "柳岸街道",
        dues,
    ):
        assert part in text, part
    assert ("2027年4月1日" in text) is (back_by is not None)
    assert NUMBER not in text
    cast.member.person.refresh_from_db()
    assert cast.member.person.identity_masked[:3] in text
    assert cast.neighbour.client.get(reverse("transfers:stay_paper", args=[stay.pk])).status_code == 404


def test_each_kind_has_its_own_numbers_and_a_lost_one_keeps_its_own(stay_of, cast):
    by = cast.secretary.actor
    stay = stay_of("card")
    first = actions.issue_paper(stay=stay, by=by, purpose="务工")
    with pytest.raises(Invalid) as refusal:  # pressed twice: no second number without a reason
        actions.issue_paper(stay=stay, by=by, purpose="务工")
    assert refusal.value.field == "reason"
    assert (StayPaper.objects.count(), Fact.objects.filter(kind="mobile.paper_issued").count()) == (1, 1)
    second = actions.issue_paper(stay=stay, by=by, purpose="务工", reason="活动证遗失")
    first.refresh_from_db()
    assert (first.state, second.state, second.number, second.replaces_id) == ("void", "live", 2, first.pk)
    actions.change_stay(stay=stay, by=by, document="proof")
    other = actions.issue_paper(stay=stay, by=by, purpose="务工", reason="改为证明信")
    assert (other.document, other.number) == ("proof", 1)
    assert "务工" not in str(Fact.objects.filter(kind="mobile.paper_issued").values_list("data", flat=True))
    actions.return_home(stay=stay, by=by, on=D(2026, 11, 16))
    other.refresh_from_db()
    assert other.state == "handed_in"
    with pytest.raises(Refused, match="已经返回"):
        actions.issue_paper(stay=stay, by=by, purpose="务工")


def test_a_short_absence_needs_no_paper(stay_of, cast):
    """2.2.11: up to three months and no need to prove to be a member: none."""
    stay = stay_of(back_by=D(2027, 1, 31))
    assert stay.document == "none"
    with pytest.raises(Refused, match="三个月以内"):
        actions.issue_paper(stay=stay, by=cast.secretary.actor, purpose="探亲")
    assert cast.secretary.client.get(reverse("transfers:stay_paper", args=[stay.pk])).status_code == 404


def test_only_the_own_branch_issues(stay_of, cast):
    stay = stay_of("card")
    with pytest.raises(NotFound):
        actions.issue_paper(stay=stay, by=cast.neighbour.actor, purpose="务工")
    with pytest.raises(NotFound):
        actions.issue_paper(stay=stay, by=cast.member.actor, purpose="务工")
    answer = cast.secretary.client.post(
        f"/api/v1/mobile-members/{stay.pk}/paper", {"purpose": "务工"}, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content.decode()
    assert StayPaper.objects.get().issuer.name == "柳岸街道大工委"
