"""What the cadre of another district gets to see of the first: nothing, by any page, API operation, export, search or count.

The ways in are walked as the resolver knows them (ways.py): a page that is new tomorrow is asked tomorrow.
"""

import datetime as dt
import re

import pytest
from django.test import Client

from gongjian.appraisal.standards import actions as standards
from gongjian.desks.activities import actions as activities
from gongjian.desks.activities.models import Attendance
from gongjian.desks.admissions import actions as admissions
from gongjian.engines.publication import actions as publications
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.access import actions as access
from gongjian.records.orgs import actions as orgs
from gongjian.records.people import actions as people
from tests.journeys.private import SECRETS, set_up_private
from tests.journeys.ways import NOBODY, Way, readable, settled, ways

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Names of the first district's own: nothing else in the program, its packs or the other district uses these characters.
PLACES = ("东湖", "柳岸", "榕荫", "第一中学")
OTHER_PLACES = ("云山", "西江", "渡口")
TITLE = "桂枝密谈会"
UPDATE = "更正密语"
# Where a relation goes is chosen from the whole city: names of Party organisations, and nothing else of them, are told.
# Where orders are taken is public: residents choose their community by its name.
NAMES_TOLD = (
    "transfers:destinations",
    "orders:start",
    "orders:ask",
    "orders:communities",
    "orders:places",
    "api:communities",
)
SEARCHES = ("rongyin", "cj", "T003", "%", "榕")
FILTERS = (
    "org",
    "organisation",
    "branch",
    "community",
    "district",
    "under",
    "within",
    "person",
    "scope",
    "parent",
    "node",
)


def set_up_life(city, cast, clock, deliver, *, again: str = "") -> None:
    """A meeting from plan to sign-off, one that is open, points, standings, a correction, a token, a guest by hand."""
    by = cast.secretary.actor
    start = clock.now.replace(minute=30, second=0, microsecond=0)
    done = activities.plan(
        org=city.branch, kind="theme_day", by=by, starts_at=start - dt.timedelta(days=3), title=TITLE + again
    )
    activities.open_check_in(activity=done, by=by)
    activities.check_in_many(activity=done, by=by, people=[cast.secretary.person.pk, cast.member.person.pk])
    activities.hold(activity=done, by=by)
    decided = [{"text": "密谈决定", "owner": cast.member.person.pk, "due_on": dt.date(2026, 12, 1)}]
    activities.record_minutes(activity=done, by=by, text="密谈内容", decisions=decided)
    activities.sign_off(activity=done, by=by)
    opened = activities.plan(
        org=city.branch, kind="branch_assembly", by=by, starts_at=start, title=TITLE + "二" + again
    )
    activities.notify(activity=opened, by=by)
    activities.open_check_in(activity=opened, by=by, at=start)
    activities.check_in_many(activity=opened, by=by, people=[cast.colleague.person.pk])
    activities.ask_excuse(activity=opened, reason=Attendance.REASONS[0][0], by=cast.member.actor)
    deliver()
    standards.sweep(by=SYSTEM)
    deliver()


def begin_an_admission(city, cast, clock) -> None:
    """Somebody on the way to membership, published with an objection: the most sensitive file of the house."""
    by, today = cast.secretary.actor, clock.now.date()
    person = people.register(
        by=by, org=city.branch, name="密申请人", birth_date=dt.date(1999, 1, 1), work_unit="密单位"
    )
    admission = admissions.start(org=city.branch, person=person, on=today, by=by)
    talk = {"talker": cast.secretary.person.pk, "summary": "密谈话内容"}
    admissions.do_step(admission=admission, step="talk", on=today, values=talk, by=by)
    chosen = {"way": "members", "recommended": "密推荐", "committee_due": 3, "committee_present": 3}
    admissions.do_step(admission=admission, step="activist", on=today, values=chosen, by=by)
    admissions.observe(admission=admission, on=today, text="密考察内容", by=by)
    publication = admissions.publish(admission=admission, by=by)
    publications.object_to(publication=publication, text="密异议内容", by=cast.member.actor)


@pytest.fixture
def district(city, cast, clock, deliver):
    """The first district with everything in it that a page could tell."""
    clock.set("2026-11-16 09:40")
    set_up_life(city, cast, clock, deliver)
    people.ask_correction(by=cast.member.actor, field="name", wanted=UPDATE)
    begin_an_admission(city, cast, clock)
    access.issue_token(
        user=cast.district.user, name="密令牌", scopes=["orgs.view"], days=30, by=cast.district.actor
    ) if cast.district.actor.may("access.tokens") else None
    deliver()
    return city


def set_up_dues(city, cast, now) -> dict[str, list]:
    """Dues of the first district: assessed, paid, relieved, handed over, published; an order. Ids by what they are."""
    from gongjian.desks.dues import actions as dues
    from gongjian.engines.payments.models import Order

    by, member = cast.secretary.actor, cast.member.person
    row = dues.assess(
        person=member.pk, org=city.branch, category="company", entered={"basic_wage": 300_000}, starts="2026-10", by=by
    )
    paid = dues.collect(org=city.branch, wanted={member.pk: ["2026-10"]}, by=by)[0]
    move = dues.hand_over(org=city.branch, by=by, note="密交党费")
    relief = dues.ask_relief(
        person=member.pk, org=city.branch, starts="2026-11", ends="2026-12", amount=0, reason="密谈困难", by=by,
        studied_on=dt.date(2026, 11, 10),
    )  # fmt: skip
    order = Order.objects.create(
        number="70001", org=city.branch, payer=member, config="default", subject_kind="dues", subject_id=str(member.pk), key="k",
        title="密交党费", amount=1500, created_at=now, expires_at=now, state="closed",
    )  # fmt: skip
    return {
        "dues_assessment": [row.pk], "dues_payment": [paid.pk], "dues_movement": [move.pk], "dues_relief": [relief.pk],
        "dues_consent": [dues.ask_consent(kind="quarter", reason="密谈出差", by=cast.member.actor).pk],
        "dues_announcement": [dues.publish(org=city.branch, year=2026, by=by).pk], "payment_order": [order.number],
    }  # fmt: skip


def set_up_planning(city, cast, now) -> dict[str, list]:
    """A series of the branch and a joint meeting with its sister; their ids by kind, for the walk."""
    from gongjian.desks.activities.patterns import Pattern

    by, today = cast.secretary.actor, now.date()
    series = activities.set_series(
        org=city.branch, kind="study", pattern=Pattern("weekly", weekday=3), starts_on=today + dt.timedelta(days=7),
        until=today + dt.timedelta(days=20), hour=dt.time(19), title=TITLE + "系列", place="密谈室", by=by,
    )  # fmt: skip
    meeting = series.activities.first()
    activities.invite(activity=meeting, orgs=[city.sister], by=by)
    joining = meeting.participations.get()
    activities.join_in(joining=joining, by=cast.neighbour.actor)
    return {"series": [series.pk], "participation": [joining.pk]}


@pytest.fixture
def ids(district, cast, clock) -> dict[str, list[int]]:
    """Objects of the first district by what they are."""
    from gongjian.appraisal.points.models import NamedListBasis
    from gongjian.desks.activities.models import Activity, Decision, FollowUp
    from gongjian.desks.admissions.models import Admission, Observation
    from gongjian.engines.publication.models import Objection, Publication
    from gongjian.outlets.exchange.models import ImportJob
    from gongjian.records.access.models import ApiToken, RoleGrant
    from gongjian.records.facts.models import Fact
    from gongjian.records.notices.models import Notice
    from gongjian.records.people.models import Appointment, CorrectionRequest, Relation
    from gongjian.records.places.models import Place

    here = district.district.path
    attended = Fact.objects.filter(kind="activity.attended").first()
    job = ImportJob.objects.create(
        sheet="people", file_name="榕荫名单.xlsx", size=1, digest="0" * 64, user=cast.community.user, org=district.community,
        uploaded_at=attended.at,
    )  # fmt: skip
    place = Place.objects.create(
        kind="grid", code="G1", name="榕荫第一网格", community=district.community, households=300
    )
    basis = NamedListBasis.objects.create(
        org=district.branch, basis="榕荫名单依据", starts_on=dt.date(2026, 11, 1), expires_on=dt.date(2027, 1, 1),
        requested_by=cast.secretary.person.pk, requested_at=attended.at,
    )  # fmt: skip
    from gongjian.desks.activities.models import Device, DeviceRow
    from gongjian.outlets.feeds.actions import open_feed

    hall = Activity.objects.first()
    device = Device.objects.create(activity=hall, title="榕荫门口", opened_at=attended.at)
    row = DeviceRow.objects.create(
        device=device, number=1, name="密来客", deed="in", told_at=attended.at, at=attended.at, received_at=attended.at,
        state="stranger",
    )  # fmt: skip
    feed, _secret = open_feed(by=cast.member.actor)
    planned = set_up_planning(district, cast, clock.now)
    return {
        "device": [device.pk], "device_row": [row.pk], "feed": [feed.pk],
        "organisation": [district.district.pk, district.branch.pk, district.unit.pk],
        "person": [cast.member.person.pk, cast.district.person.pk, cast.resident.person.pk],
        "activity": list(Activity.objects.values_list("pk", flat=True)),
        "decision": list(Decision.objects.values_list("pk", flat=True)),
        "follow_up": list(FollowUp.objects.values_list("pk", flat=True)),
        "fact": [attended.pk, Fact.objects.filter(kind="person.correction_asked").get().pk],
        "grant": list(RoleGrant.objects.values_list("pk", flat=True))[:2],
        "token": list(ApiToken.objects.values_list("pk", flat=True))[:1],
        "user": [cast.member.user.pk, cast.district.user.pk],
        "correction": [CorrectionRequest.objects.get().pk],
        "appointment": [Appointment.objects.filter(org__path__startswith=here).first().pk],
        "relation": [Relation.objects.filter(kind="resident").get().pk],
        "notice": list(Notice.objects.values_list("pk", flat=True))[:2],
        "admission": list(Admission.objects.values_list("pk", flat=True)),
        "observation": list(Observation.objects.values_list("pk", flat=True)),
        "publication": list(Publication.objects.values_list("pk", flat=True)),
        "objection": list(Objection.objects.values_list("pk", flat=True)),
        "batch": [job.pk], "place": [place.pk], "basis": [basis.pk],
        **planned, **set_up_dues(district, cast, attended.at), **set_up_private(district, cast),
    }  # fmt: skip


@pytest.fixture
def secrets(district) -> list[str]:
    """Every text that only the first district has: organisations, people, titles, reasons."""
    from gongjian.records.people.models import Membership

    names = [
        *PLACES,
        TITLE,
        UPDATE,
        "密谈内容",
        "密谈决定",
        "密令牌",
        "密申请人",
        "密单位",
        "密推荐",
        "密考察",
        "密异议",
        "密交党费",
        "密谈困难",
        "密谈出差",
        "密谈室",
    ]
    names += Membership.objects.filter(org__path__startswith=district.district.path).values_list(
        "person__name", flat=True
    )
    return [*names, *SECRETS, "梁社", "唐街", "邓区", "蒋居民"]


def leaks(response, secrets: list[str], asked: str = "") -> list[str]:
    """The secrets that an answer tells; what the reader typed in comes back to them and is none."""
    text = readable(response)
    return [secret for secret in secrets if secret in text and secret not in asked]


def variants(way: Way, filters: list[str]) -> list[str]:
    """As every export, and searched and filtered by what should not be found."""
    found = ["export=csv", "export=xlsx"]
    if not way.missing:
        found += [f"q={text}" for text in SEARCHES] + ["q=chenjing&export=csv", *filters]
    return [f"{way.path}?{query}" for query in found]


def ask(client: Client, path: str):
    """The answer to a GET; an unhandled error is a finding, not the end of the walk."""
    client.raise_request_exception = False
    return client.get(path)


def walk(client: Client, ids, secrets, *, filters: list[str] = ()) -> list[str]:
    """Ask for everything, and for every variant of what answers; what went wrong, one line each."""
    wrong = []
    for way in ways(ids):
        hidden = (
            [text for text in secrets if text not in (*PLACES, *OTHER_PLACES)]
            if way.route.name in NAMES_TOLD
            else secrets
        )
        paths = [way.path]
        while paths:
            path = paths.pop(0)
            answer = ask(client, path)
            if answer.status_code >= 500:
                wrong.append(f"{answer.status_code} {path}")
                break  # its variants would only say it again
            if told := leaks(answer, hidden, path):
                wrong.append(f"{answer.status_code} {path} tells {told[:4]}")
            if path == way.path and answer.status_code == 200:
                paths = variants(way, list(filters))
    return wrong


def queries_by_id(ids) -> list[str]:
    """Every name that a filter might have, with ids of the first district."""
    org, person, activity = ids["organisation"][1], ids["person"][0], ids["activity"][0]
    return [
        "&".join(f"{name}={org}" for name in FILTERS if name != "person"), f"person={person}", f"activity={activity}",
        "&".join(f"{name}={ids['organisation'][0]}" for name in FILTERS if name != "person") + "&export=csv",
    ]  # fmt: skip


@pytest.mark.slow
def test_the_outsider_reads_nothing_of_the_first_district(cast, ids, secrets):
    wrong = walk(cast.outsider.client, ids, secrets, filters=queries_by_id(ids))
    assert not wrong, "\n".join(wrong)


def test_the_outsider_does_see_their_own(cast, ids):
    """The walk would also pass with every door shut: the outsider's own district is there."""
    client = cast.outsider.client
    for path in ("/orgs/", "/people/", "/orgs/?export=csv", "/people/?export=csv"):
        answer = client.get(path)
        if answer.status_code == 200:
            assert re.search("西江|渡口|何斌", readable(answer)), path
    assert "渡口" in readable(client.get("/orgs/?q=渡口&export=csv"))


def same_answer(client: Client, way: Way, method: str) -> str:
    """How the answers for an object of others and for nothing at all differ; "" if they do not."""
    send = {"GET": client.get, "POST": client.post}[method]
    more = {"data": "{}", "content_type": "application/json"} if way.of_api and method == "POST" else {}
    there, nowhere = send(way.path, **more), send(way.missing, **more)
    if there.status_code >= 500:
        return f"{there.status_code} {method} {way.path}"
    ours = re.findall(r"[0-9a-f]{32}|\d+", way.path)  # a file's key is no number
    texts = []
    for answer in (there, nowhere):
        text = settled(readable(answer)).replace(str(NOBODY), "#")
        for number in ours:
            text = re.sub(rf"(?<!\d){number}(?!\d)", "#", text)
        texts.append(re.sub(r"(?<!\d)\d+(?!\d)", "#", text))
    if there.status_code != nowhere.status_code:
        return f"{method} {way.path}: {there.status_code}, but {nowhere.status_code} for nothing"
    return (
        "" if texts[0] == texts[1] else f"{method} {way.path}: {there.status_code}, but in other words than for nothing"
    )


@pytest.mark.parametrize("who", ["outsider", "nobody"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_answer_tells_whether_a_thing_exists(who, method, cast, ids):
    client = cast.outsider.client if who == "outsider" else Client()
    client.raise_request_exception = False
    wrong = [found for way in ways(ids) if way.missing and (found := same_answer(client, way, method))]
    assert not wrong, "\n".join(wrong)


def test_the_outsiders_posts_change_nothing_there(cast, ids):
    """Each form and each operation, sent empty and with ids of the first district: no fact about it is recorded."""
    from gongjian.records.facts.models import Fact

    client = cast.outsider.client
    client.raise_request_exception = False
    before, wrong = Fact.objects.count(), []
    words = {"person": ids["person"][0], "people": ids["person"], "org": ids["organisation"][1], "reason": "试一试原因",
             "standings": [1, 2, 3], "organisation": ids["organisation"][1]}  # fmt: skip
    for way in ways(ids):
        if not way.missing:
            continue
        for body in ({}, words):
            more = {"content_type": "application/json"} if way.of_api else {}
            answer = client.post(way.path, body, **more)
            if answer.status_code >= 500:
                wrong.append(f"{answer.status_code} {way.path}")
    assert not wrong, "\n".join(wrong)
    told = Fact.objects.order_by("id").values_list("kind", "org")[before:]
    assert not list(told)


@pytest.mark.slow
def test_anonymous_reads_nothing(ids, secrets):
    wrong = walk(Client(), ids, [*secrets, "云山", "西江", "渡口", "何斌"])
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_a_member_reads_only_their_own(cast, city, ids):
    """A member of the first branch: nothing of the members of other branches, nor of what others have earned."""
    others = ["马兰", "朱军", "林红", "郭平", "高燕", "罗勇", "蒋居民", "渡口", "密令牌"]
    wrong = walk(cast.member.client, ids, others, filters=queries_by_id(ids))
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_what_happens_there_changes_no_count_here(cast, city, ids, clock, deliver):
    """Everything that the outsider can read stays as it is, to the last number, when the first district goes on living."""
    client = cast.outsider.client

    def everything() -> dict[str, str]:
        return {
            path: settled(readable(ask(client, path)))
            for way in ways(ids)
            if not way.missing and way.route.name not in NAMES_TOLD
            for path in (way.path, way.path + "?export=csv", way.path + "?q=a")
        }

    everything()  # what a first visit writes (the session seen) is over
    before = everything()
    for number in range(3):
        branch = orgs.found(
            by=SYSTEM, code=f"N{number}", name=f"榕荫新党支部{number}", kind="branch", level="branch", parent=city.community,
            on=dt.date(2020, 1, 1),
        )  # fmt: skip
        person = people.register(by=SYSTEM, org=branch, name=f"榕荫新人{number}")
        people.admit(
            person=person,
            org=branch,
            by=SYSTEM,
            kind="formal",
            joined_on=dt.date(2016, 7, 1),
            formal_on=dt.date(2017, 7, 1),
        )
    set_up_life(city, cast, clock, deliver, again="再")
    after = everything()
    changed = [path for path in before if before[path] != after[path]]
    assert not changed, "\n".join(changed)
