"""A small city and the people whom every test knows: built through actions, as the program itself would.

city      one city, two districts. In the first: a street, a community, two branches, a group, and a school whose
          committee belongs to the district and sits in the community (隶属 and 属地 differ). In the second: a street,
          a community and a branch, which nobody of the first may see.
cast      secretary 书记 · member 党员 · resident 居民 · outsider 外区干部 · system 系统, and those above and beside:
          colleague, neighbour, unit_secretary, community, street, district, city, auditor, admin
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import SimpleNamespace

import pytest

from gongjian.ground.kernel.actor import SYSTEM, Actor
from tests.rows import Rows

FOUNDED = dt.date(2015, 6, 1)
TERM_STARTED = dt.date(2024, 3, 1)
JOINED = dt.date(2016, 7, 1)
SINCE = dt.date(2024, 3, 1)

# (attribute, kind, name, parent, territory); None: the root, or with its parent
ORGANISATIONS = (
    ("root", "city_committee", "云山市委", None, None),
    ("district", "district_committee", "东湖区委", "root", None),
    ("street", "street_committee", "柳岸街道大工委", "district", None),
    ("community", "community_committee", "榕荫社区大党委", "street", None),
    ("branch", "branch", "榕荫第一网格党支部", "community", None),
    ("sister", "branch", "榕荫第二网格党支部", "community", None),
    ("group", "group", "榕荫第一网格党支部第一党小组", "branch", None),
    ("unit", "unit_committee", "第一中学党委", "district", "community"),
    ("unit_branch", "branch", "第一中学语文组党支部", "unit", None),
    ("other_district", "district_committee", "西江区委", "root", None),
    ("other_street", "street_committee", "渡口街道大工委", "other_district", None),
    ("other_community", "community_committee", "渡口社区大党委", "other_street", None),
    ("other_branch", "branch", "渡口网格党支部", "other_community", None),
)
# The first branch has nine formal members and a committee; the others are too small for one (DOMAIN 1.1).
MEMBERS = {
    "branch": ("陈静", "李明", "王芳", "张伟", "刘洋", "黄丽", "周强", "吴敏", "徐磊"),
    "sister": ("孙涛", "马兰", "朱军"),
    "unit_branch": ("胡杰", "林红", "郭平"),
    "other_branch": ("何斌", "高燕", "罗勇"),
}


@dataclass
class City:
    """The tree; each organisation by the name it has in ORGANISATIONS, and the members of each branch in order."""

    organisations: dict = field(default_factory=dict)
    people: dict = field(default_factory=dict)
    players: dict | None = None  # those of the cast, if they came with the city

    def __getattr__(self, name: str):
        try:
            return self.__dict__["organisations"][name]
        except KeyError:
            raise AttributeError(name) from None

    def refresh(self) -> "City":
        """Read all organisations again, after a deed that changed them."""
        for org in self.organisations.values():
            org.refresh_from_db()
        return self


@dataclass
class Player:
    """One of the cast: a person with an account; `.actor` as of now, `.client` a logged-in test client."""

    name: str
    person: object
    user: object

    @property
    def actor(self) -> Actor:
        """The actor with the grants that hold today."""
        from gongjian.records.access.queries import actor_of

        return actor_of(self.user)

    @cached_property
    def client(self):
        """A client of Django's tests, logged in."""
        from django.test import Client

        client = Client()
        client.force_login(self.user)
        return client

    def __str__(self) -> str:
        return self.name


@pytest.fixture
def pack(request):
    """The pack of Guilin, as it stands in the repository; a test without a database reads its files."""
    from gongjian.ground import policy
    from gongjian.ground.policy.folders import find

    if "db" in request.fixturenames or request.node.get_closest_marker("django_db"):
        return policy.current()
    return _files_pack(find("guilin"))


@cache
def _files_pack(folder):
    from gongjian.ground import policy

    return policy.read_pack(folder)[0]


@pytest.fixture
def city(db, pack, request) -> City:
    """The small city with its members; committees and offices are filled by `cast`.

    A test that asks for the cast too gets both at once: see `kept`.
    """
    if "cast" in request.fixturenames:
        made, players = kept(("cast", id(pack)), lambda: _cast_of(_city_of(pack)))
        made.players = players
        return made
    return kept(("city", id(pack)), lambda: (_city_of(pack), {}))[0]


def _city_of(pack) -> City:
    from django.db import transaction

    from gongjian.records.orgs import actions as orgs
    from gongjian.records.people import actions as people

    made = City()
    with transaction.atomic():
        for number, (name, kind, title, parent, territory) in enumerate(ORGANISATIONS, 1):
            described = pack.org_kind(kind)
            term = {"term_started_on": TERM_STARTED, "term_years": described.term_years} if described.term_years else {}
            made.organisations[name] = orgs.found(
                by=SYSTEM,
                code=f"T{number:03d}",
                name=title,
                kind=kind,
                level=described.level,
                parent=made.organisations.get(parent),
                territory=made.organisations.get(territory),
                on=FOUNDED,
                urban=name not in ("unit", "unit_branch"),
                **term,
            )
        for branch, names in MEMBERS.items():
            made.people[branch] = []
            for name in names:
                person = people.register(by=SYSTEM, org=getattr(made, branch), name=name)
                people.admit(
                    person=person,
                    org=getattr(made, branch),
                    by=SYSTEM,
                    kind="formal",
                    joined_on=JOINED - dt.timedelta(days=365),
                    formal_on=JOINED,
                )
                made.people[branch].append(person)
    return made.refresh()


@pytest.fixture
def cast(city) -> SimpleNamespace:
    """The people; each has an account named as here. `cast.system` and `cast.nobody` are bare actors."""
    from gongjian.ground.kernel.actor import ANONYMOUS

    players = _cast_of(city)[1] if city.players is None else city.players
    return SimpleNamespace(**players, system=SYSTEM, nobody=ANONYMOUS)


def _cast_of(city: City) -> tuple[City, dict[str, Player]]:
    from django.db import transaction

    from gongjian.records.access import actions as access
    from gongjian.records.people import actions as people

    players: dict[str, Player] = {}

    def enter(name: str, person) -> None:
        players[name] = Player(name, person, access.open_account(username=name, by=SYSTEM, person=person))

    def office(name: str, person, org, post: str = "secretary") -> None:
        people.appoint(person=person, org=org, post=post, by=SYSTEM, on=SINCE)
        enter(name, person)

    def official(title: str, org):
        return people.register(by=SYSTEM, org=org, name=title)

    with transaction.atomic():
        first = city.people["branch"]
        office("secretary", first[0], city.branch)
        for person, post in zip(first[1:3], ("organisation_member", "publicity_member"), strict=True):
            people.appoint(person=person, org=city.branch, post=post, by=SYSTEM, on=SINCE)
        enter("member", first[3])
        enter("colleague", first[4])
        office("neighbour", city.people["sister"][0], city.sister)
        office("unit_secretary", city.people["unit_branch"][0], city.unit_branch)
        office("community", official("梁社", city.community), city.community)
        office("street", official("唐街", city.street), city.street)
        office("district", official("邓区", city.district), city.district)
        office("city", official("秦市", city.root), city.root)
        office("outsider", official("外区干部", city.other_district), city.other_district)
        resident = people.register(by=SYSTEM, org=city.community, name="蒋居民")
        people.relate(person=resident, org=city.community, kind="resident", by=SYSTEM, on=SINCE)
        enter("resident", resident)
        for name in ("auditor", "admin"):
            person = official({"auditor": "审计员", "admin": "管理员"}[name], city.root)
            access.give(person=person, role=name, org=city.root, by=SYSTEM, on=SINCE, reason="测试")
            enter(name, person)
    return city.refresh(), players


_kept: dict[tuple, tuple] = {}


def kept(key: tuple, build: Callable[[], tuple[City, dict[str, Player]]]) -> tuple[City, dict[str, Player]]:
    """What `build` makes of an empty database: by its deeds once in a process and hour, afterwards poured in as rows.

    The hour is part of the key because deeds leave times behind, and a test may have set the clock.
    """
    from gongjian.ground.kernel import clock

    key += (clock.now().replace(minute=0, second=0, microsecond=0),)
    if key in _kept:
        rows, made, accounts = _kept[key]
        rows.pour()
        return _read(made, accounts)
    before = Rows.read()
    city, players = build()
    fresh = Rows.read().without(before)
    if fresh is not None:
        ids = {name: org.pk for name, org in city.organisations.items()}
        persons = {branch: [person.pk for person in people] for branch, people in city.people.items()}
        _kept[key] = (fresh, (ids, persons), {name: player.user.pk for name, player in players.items()})
    return city, players


def _read(made: tuple[dict, dict], accounts: dict[str, int]) -> tuple[City, dict[str, Player]]:
    from gongjian.records.access.models import User
    from gongjian.records.orgs.models import Organisation
    from gongjian.records.people.models import Person

    ids, persons = made
    orgs = Organisation.objects.in_bulk(ids.values())
    users = User.objects.in_bulk(accounts.values()) if accounts else {}
    wanted = {number for branch in persons.values() for number in branch}
    people = Person.objects.in_bulk(wanted | {user.person_id for user in users.values()})
    city = City(
        {name: orgs[number] for name, number in ids.items()},
        {branch: [people[number] for number in numbers] for branch, numbers in persons.items()},
    )
    players = {}
    for name, number in accounts.items():
        user = users[number]
        user.person = people[user.person_id]
        players[name] = Player(name, user.person, user)
    return city, players
