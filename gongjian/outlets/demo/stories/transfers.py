"""组织关系的故事: transfers in every state around the demo branch, one of them late; a member away, a member lost."""

import datetime as dt

from django.db import transaction

from gongjian.desks.transfers import actions
from gongjian.desks.transfers.queries import moving
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.identifiers import MALE, make_demo_identity
from gongjian.ground.kernel.ref import Ref
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.logins import people_of
from gongjian.outlets.demo.tree import demo_branch
from gongjian.records.access.queries import actor_of_person
from gongjian.records.files import actions as files
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Appointment, Dated, Membership, Person

ORDER = 60
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" \
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"  # fmt: skip


def leader(org: Organisation, day: dt.date) -> Actor | None:
    """The secretary of an organisation as an actor."""
    row = Appointment.objects.filter(Dated.current_q(day), org=org, post="secretary").select_related("person").first()
    return actor_of_person(row.person, day) if row else None


def ordinary(branch: Organisation, but: set[int]) -> list[Person]:
    """Formal members of a branch without a post, whose 党籍 is normal and who are at home, by number."""
    rows = (
        Membership.objects.filter(
            org=branch, ends_on__isnull=True, kind="formal", state="normal", mobile=False, lost_since__isnull=True
        )
        .exclude(person__in=but)
        .exclude(person__in=Appointment.objects.filter(ends_on__isnull=True).values("person"))
    )
    return [row.person for row in rows.select_related("person").order_by("person_id")]


@transaction.atomic
def play(crowd: Crowd, now: dt.datetime) -> None:
    """Real deeds, most of them in the last weeks; the demo's member has a transfer to follow on the phone."""
    day = clock.day_of(now)
    names = people_of(crowd)
    home = Organisation.objects.get(pk=demo_branch(crowd.tree).pk)
    committee = moving.committee_of(home)
    secretary, office = leader(home, day), leader(committee, day) if committee else None
    there = _other_end(home, committee, day)
    if secretary is None or office is None or there is None:
        return
    away, far_office, far_secretary = there
    going = ordinary(home, {names["member"], names["secretary"]})

    def ago(days: int, hour: int = 10) -> dt.datetime:
        return clock.at_time(day - dt.timedelta(days=days), hour)

    def begin(person: Person, days: int, **to: object):
        to = to or {"to": away}
        return actions.start(
            person=person, by=secretary, reason="work", dues_until=clock.month_of(day), at=ago(days), **to
        )  # fmt: skip

    # the demo's own member: asked, confirmed, the letter lost once, on its way
    own = actor_of_person(Person.objects.get(pk=names["member"]), day)
    first = actions.ask(by=own, to=away, reason="home", note="搬到新居", at=ago(6))
    actions.agree(transfer=first, by=secretary, dues_until=clock.month_of(day), at=ago(5))
    actions.issue(transfer=first, by=office, at=ago(5, 15))
    actions.reissue(transfer=first, by=office, reason="本人遗失", at=ago(2))
    for number, person in enumerate(going[:7]):
        if number == 0:  # late: nobody took the letter
            actions.issue(transfer=begin(person, 20), by=office, at=ago(19))
        elif number == 1:  # refused with cause, objected to
            one = begin(person, 8)
            actions.issue(transfer=one, by=office, at=ago(8, 16))
            actions.refuse(
                transfer=one, by=far_office, cause="not_here", answer="走访核实，本人不在本辖区居住", at=ago(5)
            )
            actions.object_to(transfer=one, by=secretary, text="本人已提供劳动合同，请上级裁定", at=ago(3))
        elif number == 2:  # sent back
            one = begin(person, 6)
            actions.issue(transfer=one, by=office, at=ago(5))
            actions.send_back(transfer=one, by=far_office, answer="请核对党费交至哪一月", at=ago(2))
        elif number == 3:  # out of the city, the receipt is awaited
            actions.issue(
                transfer=begin(person, 9, outside="中共广东省深圳市南山区粤海街道工作委员会"), by=office, at=ago(8)
            )
        elif number == 4:  # taken by the committee, waits for the branch
            one = begin(person, 5)
            actions.issue(transfer=one, by=office, at=ago(4))
            actions.receive(transfer=one, by=far_office, to=away, at=ago(1))
        elif number == 5:  # waits for the letter
            begin(person, 1)
        elif number == 6:  # done
            one = begin(person, 25)
            actions.issue(transfer=one, by=office, at=ago(24))
            actions.receive(transfer=one, by=far_office, to=away, at=ago(21))
            actions.accept(transfer=one, by=far_secretary, at=ago(20))
    _arrivals(home, away, secretary, office, far_office, far_secretary, ago, day)
    _watched(home, secretary, going[7:], away, day)


def _other_end(
    home: Organisation, committee: Organisation | None, day: dt.date
) -> tuple[Organisation, Actor, Actor] | None:
    """A branch in another district, with the two who act there."""
    district = home.path.split("/")[2] if home.path.count("/") > 3 else ""
    for branch in moving.destinations().filter(kind="branch", member_count__gte=5).order_by("-path")[:300]:
        if branch.path.split("/")[2] == district:
            continue
        taker = moving.committee_of(branch)
        if taker is None or taker == committee:
            continue
        office, secretary = leader(taker, day), leader(branch, day)
        if office and secretary:
            return branch, office, secretary
    return None


def _arrivals(home, away, secretary, office, far_office, far_secretary, ago, day) -> None:
    """One came from the other district and is done; one brought a letter from outside and waits."""
    for person in ordinary(away, set())[:1]:
        one = actions.start(person=person, by=far_secretary, to=home, reason="home", at=ago(12))
        actions.issue(transfer=one, by=far_office, at=ago(11))
        actions.receive(transfer=one, by=office, to=home, at=ago(9))
        actions.accept(transfer=one, by=secretary, at=ago(8))
    comer = actions.Comer(
        name="韦新来", identity=str(make_demo_identity(498, dt.date(1992, 3, 8), MALE)), kind="formal",
        joined_on=dt.date(2014, 6, 20), formal_on=dt.date(2015, 6, 20), from_name="中共湖南省长沙市岳麓区麓谷街道工作委员会",
        serial="麓谷组〔2026〕第0311号", issued_on=day - dt.timedelta(days=6), expires_on=day + dt.timedelta(days=24),
        dues_until=clock.month_of(day),
    )  # fmt: skip
    made = actions.key_in(comer=comer, to=home, by=secretary, at=ago(1))
    files.keep(
        by=SYSTEM,
        upload=files.Given("介绍信.pdf", PAPER),
        subject=Ref.of("transfer", made.pk),
        title="外来介绍信扫描件",
        org=home.pk,
    )


def _watched(home: Organisation, secretary: Actor, free: list[Person], away: Organisation, day: dt.date) -> None:
    """A member away for seven months with a host, a member lost for seven months and looked for."""
    if not free:
        return
    stay = actions.leave_home(
        person=free[0], by=secretary, place="广东省深圳市", since=clock.add_months(day, -7), host=away,
        contact=Person.objects.get(pk=secretary.person),
    )  # fmt: skip
    actions.issue_paper(stay=stay, by=secretary, purpose="异地务工")
    actions.contact(person=free[0], by=secretary, on=clock.add_months(day, -2), way="phone", made=True)
    if len(free) > 1:
        since = clock.add_months(day, -7)
        actions.declare_lost(person=free[1], by=secretary, since=since)
        for months, way in ((5, "phone"), (3, "family"), (1, "visit")):
            actions.contact(person=free[1], by=secretary, on=clock.add_months(day, -months), way=way, made=False)
