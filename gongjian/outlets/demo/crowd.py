"""人: the people of a demo city with their memberships, posts and relations, in the shape of DOMAIN 8.4 (end of 2023).

Identity numbers lie in the unassigned area 450399, phones begin with 1400, which no operator gives out.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from gongjian.ground.kernel.clock import add_months, at_time
from gongjian.ground.kernel.identifiers import FEMALE, MALE, make_demo_identity
from gongjian.ground.kernel.pinyin import spell
from gongjian.outlets.demo import names
from gongjian.outlets.demo.sizes import count
from gongjian.outlets.demo.tree import BRANCHES, Tree, demo_branch, place_name, urban_communities
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.actions import protect
from gongjian.records.people.models import Appointment, Membership, Person, Relation

WOMEN = 0.304
MINORITIES = (("01", 92.3), ("08", 4.1), ("06", 1.5), ("13", 1.3), ("03", 0.8))  # GB/T 3304
AGES = ((19, 30, 12.41), (31, 35, 11.20), (36, 40, 10.86), (41, 45, 9.46), (46, 50, 9.07), (51, 55, 9.41),
        (56, 60, 8.91), (61, 86, 27.87))  # fmt: skip
# GB/T 4658: 10 postgraduate, 20 bachelor, 30 college, 40 secondary vocational, 60 senior, 70 junior, 80 primary school
SCHOOLING = {
    "young": (("10", 9), ("20", 46), ("30", 30), ("40", 7), ("60", 6), ("70", 2)),
    "middle": (("10", 3), ("20", 29), ("30", 34), ("40", 12), ("60", 14), ("70", 8)),
    "old": (("20", 8), ("30", 17), ("40", 13), ("60", 25), ("70", 27), ("80", 10)),
}
URBAN_JOBS = (
    ("专业技术人员", 31),
    ("管理人员", 21),
    ("党政机关工作人员", 14),
    ("工人", 13),
    ("其他职业人员", 17),
    ("学生", 4),
)
RURAL_JOBS = (("农牧渔民", 72), ("管理人员", 8), ("专业技术人员", 8), ("其他职业人员", 8), ("工人", 4))
AWAY = ("广东省深圳市", "广东省广州市", "浙江省杭州市", "上海市", "福建省厦门市")


@dataclass
class Crowd:
    """Everyone, by number, and who belongs where."""

    tree: Tree
    started: dt.date  # the day on which the records were taken over
    people: list[Person] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    members: dict[int, list[Membership]] = field(default_factory=lambda: defaultdict(list))  # by branch
    posts: dict[int, list[Appointment]] = field(default_factory=lambda: defaultdict(list))  # by organisation
    keen: dict[int, float] = field(default_factory=dict)  # how surely a person comes
    numbers: dict[tuple[dt.date, str], int] = field(default_factory=lambda: defaultdict(int))
    seated: set[int] = field(default_factory=set)

    def appoint(self, person: int, org: Organisation, post: str, *, part_time: bool = False, unit: str = "") -> None:
        """Put somebody in a post, from the start of the term on."""
        since = org.term_started_on or org.founded_on
        since = max(since, self.tree.today - dt.timedelta(days=1100))
        row = Appointment(
            pk=len(self.appointments) + 1, person_id=person, org=org, post=post, starts_on=since, part_time=part_time,
            sending_unit=unit,
        )  # fmt: skip
        self.appointments.append(row)
        self.posts[org.pk].append(row)

    def holder(self, org: Organisation, post: str = "secretary") -> int:
        """Who is in a post of an organisation."""
        return next(row.person_id for row in self.posts[org.pk] if row.post == post)


def gather(tree: Tree, started: dt.date) -> Crowd:
    """All members by branch, their officers and groups, those above, part-time members, residents."""
    crowd = Crowd(tree, started)
    for branch in tree.of(*BRANCHES):
        for number in range(tree.seats[branch.pk]):
            _member(crowd, branch, number)
        _officers(crowd, branch)
    for home in urban_communities(tree):
        for _number in range(tree.size.residents // len(urban_communities(tree)) + (home.pk == 4)):
            _resident(crowd, home)
    _committees(crowd)
    _joint_committees(crowd)
    _seconded(crowd)
    for org in tree.orgs:
        rows = crowd.members.get(org.pk, ())
        org.member_count = len(rows)
        org.formal_count = sum(row.kind == "formal" for row in rows)
    return crowd


def _person(crowd: Crowd, age: int, sex: str, home: Organisation | None, urban: bool) -> Person:
    tree, rng = crowd.tree, crowd.tree.rng
    birth = tree.today - dt.timedelta(days=age * 365 + age // 4 + rng.randrange(365))
    key = (birth, sex)
    identity = make_demo_identity(crowd.numbers[key], birth, MALE if sex == "1" else FEMALE)
    crowd.numbers[key] += 1
    number = len(crowd.people) + 1
    name = names.person_name(rng, sex)
    pinyin, initials = spell(name, name=True)
    band = "young" if age <= 40 else "middle" if age <= 60 else "old"
    if urban and age >= 60:
        job = "离退休人员"
    else:
        job = _pick(rng, URBAN_JOBS if urban else RURAL_JOBS)
    person = Person(
        pk=number, name=name, pinyin=pinyin, initials=initials, sex=sex, birth_date=birth, ethnic=_pick(rng, MINORITIES),
        education=_pick(rng, SCHOOLING[band]), occupation=job, registered_at=_moment(crowd.started, number),
    )  # fmt: skip
    protect(person, "identity", identity)
    protect(person, "phone", f"1400{number:07d}")
    protect(person, "address", _address(crowd, home, rng))
    crowd.people.append(person)
    return person


def _moment(day: dt.date, number: int) -> dt.datetime:
    return at_time(day, 9) + dt.timedelta(seconds=number % 25_000)


def _pick(rng, table: tuple) -> str:
    return rng.choices([row[0] for row in table], [row[1] for row in table])[0]


def _address(crowd: Crowd, home: Organisation | None, rng) -> str:
    if home is None:
        return ""
    tree = crowd.tree
    parts = [tree.ancestor(home, kind) for kind in ("district_committee", "street_committee", "town_committee")]
    above = "".join(place_name(org) for org in parts if org)
    flat = f"{rng.randint(1, 30)}栋{rng.randint(1, 4)}单元{rng.randint(1, 18)}{rng.randint(1, 6):02d}室"
    return f"{tree.pack.word('city')}{above}{place_name(home)}{rng.choice(names.WORDS)}家园{flat}"


def _member(crowd: Crowd, branch: Organisation, number: int) -> None:
    tree, rng = crowd.tree, crowd.tree.rng
    low, high, _weight = rng.choices(AGES, [row[2] for row in AGES])[0]
    if number == 0:  # somebody who can be secretary
        low, high = 32, 58
    age = rng.randint(low, high)
    sex = "2" if rng.random() < WOMEN else "1"
    home = tree.ancestor(branch, "community_committee", "village_committee")
    person = _person(crowd, age, sex, home, branch.urban)
    person.work_unit = branch.unit_name
    # 党章: a member is at least eighteen; the probationary year is spent before becoming formal.
    adult = dt.date(person.birth_date.year + 19, 7, 1)
    latest = tree.today - dt.timedelta(days=rng.randint(400, 1200))
    joined = min(latest, adult + dt.timedelta(days=int(rng.triangular(0, 9000, 1800))))
    probationary = number > 3 and age < 45 and rng.random() < 0.045
    if probationary:
        joined = tree.today - dt.timedelta(days=rng.randint(30, 330))
    joined = max(joined, dt.date(person.birth_date.year + 18, 12, 31)) if not probationary else joined
    # the lost cannot be trained; the published coverage of city members is whole
    lost = number > 3 and not branch.urban and rng.random() < 0.004
    mobile = number > 2 and (
        branch.kind == "mobile_branch" or (age < 50 and rng.random() < (0.03 if branch.urban else 0.12))
    )
    member = Membership(
        pk=len(crowd.memberships) + 1, person_id=person.pk, org=branch, kind="probationary" if probationary else "formal",
        state="suspended" if number > 8 and rng.random() < 0.002 else "normal", joined_on=joined,
        formal_on=None if probationary else add_months(joined, 12), mobile=mobile,
        mobile_to=rng.choice(AWAY) if mobile else "",
        lost_since=tree.today - dt.timedelta(days=rng.randint(190, 700)) if lost else None,
        starts_on=joined,
    )  # fmt: skip
    crowd.memberships.append(member)
    crowd.members[branch.pk].append(member)
    crowd.keen[person.pk] = 0.0 if lost else 0.25 if mobile else min(0.99, max(0.3, rng.gauss(0.86, 0.1)))


def _officers(crowd: Crowd, branch: Organisation) -> None:
    """A committee from seven formal members on, else a secretary alone (支部工作条例; DOMAIN 1.1); leaders of groups."""
    rng = crowd.tree.rng
    able = [
        row for row in crowd.members[branch.pk] if row.kind == "formal" and row.state == "normal" and not row.lost_since
    ]
    formal = sum(row.kind == "formal" for row in crowd.members[branch.pk])
    posts = ["secretary"]
    if formal >= 7:
        posts += ["organisation_member", "publicity_member"]
        posts += ["discipline_member", "committee_member"] if formal >= 20 and rng.random() < 0.6 else []
    for row, post in zip(able, posts, strict=False):
        crowd.appoint(row.person_id, branch, post)
        crowd.keen[row.person_id] = 0.97
    branch.committee_count = len(crowd.posts[branch.pk])
    groups = [org for org in crowd.tree.below[branch.pk] if org.kind == "group"]
    for number, row in enumerate(crowd.members[branch.pk]):
        if groups:
            row.group = groups[number % len(groups)]
    for number, group in enumerate(groups):
        leader = able[(len(posts) + number) % len(able)]
        leader.group = group
        crowd.appoint(leader.person_id, group, "group_leader")


def _resident(crowd: Crowd, home: Organisation) -> None:
    rng = crowd.tree.rng
    person = _person(crowd, rng.randint(20, 78), rng.choice("12"), home, True)
    kind = "volunteer" if rng.random() < 0.3 else "resident"
    crowd.relations.append(
        Relation(pk=len(crowd.relations) + 1, person_id=person.pk, org=home, kind=kind, starts_on=crowd.started)
    )


def _free(crowd: Crowd, branches: list[Organisation], skip: int = 3) -> int | None:
    """A formal member of one of these branches with no seat in a committee above yet; officers of branches come last."""
    for may_be_officer in (False, True):
        for branch in branches:
            officers = {row.person_id for row in crowd.posts[branch.pk]}
            for row in crowd.members[branch.pk][skip:]:
                able = row.kind == "formal" and row.state == "normal" and not row.lost_since
                if able and row.person_id not in crowd.seated and (may_be_officer or row.person_id not in officers):
                    crowd.seated.add(row.person_id)
                    return row.person_id
    return None


def _near(crowd: Crowd) -> dict[int, list[Organisation]]:
    """Branches in the territory of each organisation, the demo's own branch last."""
    found: dict[int, list[Organisation]] = defaultdict(list)
    own = demo_branch(crowd.tree)
    for branch in [org for org in crowd.tree.of(*BRANCHES) if org is not own] + [own]:
        for number in branch.territory_path.strip("/").split("/")[:-1]:
            found[int(number)].append(branch)
    return found


def _committees(crowd: Crowd) -> None:
    """Secretaries and their colleagues of committees from the city down to communities, units and trades."""
    tree, near = crowd.tree, _near(crowd)
    # the demo's secretary and member are just that, and nothing above
    crowd.seated |= {row.person_id for row in crowd.members[demo_branch(tree).pk]}
    kinds = ("city_committee", "district_committee", "street_committee", "town_committee", "trade_committee",
             "unit_committee", "community_committee", "village_committee")  # fmt: skip
    everywhere = near[1]
    for org in tree.of(*kinds):
        posts = ["secretary", "deputy_secretary", "organisation_member"]
        own = (
            [branch for branch in tree.below[org.pk] if branch.kind in BRANCHES] if org.kind == "unit_committee" else []
        )
        around = own or near.get(org.pk) or near.get(org.parent_id) or everywhere
        for post in posts[: 1 if org.kind in ("village_committee",) else 2 if org.level == "community" else 3]:
            person = _free(crowd, around, 0 if post != "secretary" else 1) or _free(crowd, everywhere, 1)
            crowd.appoint(person, org, post)
        org.committee_count = len(crowd.posts[org.pk])


def _joint_committees(crowd: Crowd) -> None:
    """Heads of the place itself and part-time members from units around; full- and part-time together are odd."""
    tree, near = crowd.tree, _near(crowd)
    everywhere = near[1]
    for org in tree.of("joint_committee"):
        place = org.parent
        leaders = [row.person_id for row in crowd.posts[place.pk] if row.post in ("secretary", "deputy_secretary")]
        crowd.appoint(leaders[0], org, "secretary")
        for person in leaders[1:2]:
            crowd.appoint(person, org, "committee_member")
        org.committee_count = len(crowd.posts[org.pk])
        units = [branch for branch in near.get(place.pk, ()) if branch.unit_name]
        for _number in range(5 if org.level == "street" else 3):
            person = (
                _free(crowd, units, 2)
                or _free(crowd, near.get(place.parent_id, everywhere), 4)
                or _free(crowd, everywhere, 2)
            )
            if person is None:
                continue
            home = crowd.memberships[person - 1].org if person <= len(crowd.memberships) else None
            crowd.appoint(
                person, org, "part_time_member", part_time=True, unit=(home.unit_name or home.name) if home else ""
            )


def _seconded(crowd: Crowd) -> None:
    """First secretaries, sent to communities and villages, and organisers: as many as the pack publishes."""
    tree, pack = crowd.tree, crowd.tree.pack
    homes = tree.of("community_committee", "village_committee")
    urban = urban_communities(tree)
    near = _near(crowd)
    senders = [branch for branch in tree.of("branch") if branch.unit_name and branch is not demo_branch(tree)]
    for number in range(count(pack, "first_secretaries", len(homes) // 5)):
        person = _free(crowd, senders[number * 3 % len(senders) :] + senders, 1) or _free(crowd, near[1], 1)
        sender = crowd.memberships[person - 1].org
        crowd.appoint(person, homes[number * len(homes) // 60 % len(homes)], "first_secretary", unit=sender.unit_name)
    for number in range(count(pack, "community_workers", len(urban))):
        home = urban[number % len(urban)]
        person = _free(crowd, near.get(home.pk, []), 3) or _free(crowd, near.get(home.parent_id, near[1]), 1) or _free(
            crowd, near[1], 1
        )  # fmt: skip
        crowd.appoint(person, home, "organiser")
