"""组织: the tree of a demo city, from the pack's divisions down to branches and groups, and the places they cover."""

import csv
import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass, field

from gongjian.ground.kernel.errors import Refused
from gongjian.ground.kernel.pinyin import spell
from gongjian.ground.policy import folders
from gongjian.ground.policy.schema import Pack
from gongjian.outlets.demo import names
from gongjian.outlets.demo.sizes import Size, count, is_grassroots, shares, target
from gongjian.records.orgs.models import Organisation
from gongjian.records.places.models import Place

TOURISM = "tourism"
TEMPERS = (("diligent", 58), ("ordinary", 22), ("slipping", 9), ("recovering", 7), ("dormant", 4))
BRANCHES = ("branch", "joint_branch", "mobile_branch")


@dataclass
class Tree:
    """The organisations in the order of their numbers, parents before children, and what the builder knows of them."""

    pack: Pack
    size: Size
    today: dt.date
    rng: random.Random
    orgs: list[Organisation] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    below: dict[int, list[Organisation]] = field(default_factory=lambda: defaultdict(list))  # by parent
    within: dict[int, list[Organisation]] = field(default_factory=lambda: defaultdict(list))  # units by territory
    seats: dict[int, int] = field(default_factory=dict)  # members of each branch
    tempers: dict[int, str] = field(default_factory=dict)
    districts: list[Organisation] = field(default_factory=list)
    serial: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def of(self, *kinds: str) -> list[Organisation]:
        """All organisations of these kinds, in order."""
        return [org for org in self.orgs if org.kind in kinds]

    def ancestor(self, org: Organisation, *kinds: str) -> Organisation | None:
        """The nearest organisation of these kinds above, along 属地."""
        for number in reversed(org.territory_path.strip("/").split("/")[:-1]):
            found = self.orgs[int(number) - 1]
            if found.kind in kinds:
                return found
        return None

    def found(
        self, kind: str, name: str, parent: Organisation | None, *, territory: Organisation | None = None, short: str = "",
        level: str = "", division: str = "", **fields: object,
    ) -> Organisation:  # fmt: skip
        """Put an organisation into the tree: its number, its two lines, its code and its term."""
        described = self.pack.org_kind(kind)
        number = len(self.orgs) + 1
        sits = territory or parent
        division = division or (sits.division_code if sits else "")
        stem = f"{division}-{described.code or '900'}"
        self.serial[stem] += 1
        founded = self._founding_day(kind, parent)
        pinyin, initials = spell(name)
        org = Organisation(
            pk=number, code=f"{stem}-{self.serial[stem]:03d}", name=name, short_name=short or name, kind=kind,
            level=level or described.level, division_code=division, parent=parent,
            path=(parent.path if parent else "/") + f"{number}/", territory=territory,
            territory_path=(territory.territory_path if territory else parent.territory_path if parent else "/") + f"{number}/",
            founded_on=founded, pinyin=pinyin[:400], initials=initials[:200], **fields,
        )  # fmt: skip
        if described.term_years:
            org.term_years = described.term_years
            org.term_started_on = self._term_start(founded, described.term_years)
        self.orgs.append(org)
        if kind == "district_committee":
            self.districts.append(org)
        if parent:
            self.below[parent.pk].append(org)
        if territory:
            self.within[territory.pk].append(org)
        if kind in BRANCHES:
            self.tempers[number] = self.rng.choices(*zip(*TEMPERS, strict=True))[0]
        return org

    def _founding_day(self, kind: str, parent: Organisation | None) -> dt.date:
        if parent is None:
            return dt.date(1950, 7, 1)
        if kind not in (*BRANCHES, "group"):
            return max(parent.founded_on, dt.date(self.rng.randint(1985, 2012), self.rng.randint(1, 12), 10))
        latest = self.today.replace(day=1) - dt.timedelta(days=500)
        earliest = max(parent.founded_on, dt.date(2005, 1, 1))
        return earliest + dt.timedelta(days=self.rng.randrange(max(1, (latest - earliest).days)))

    def _term_start(self, founded: dt.date, years: int) -> dt.date:
        """Mostly within the term; in one of twenty the next election falls due within six months or is overdue."""
        days = self.rng.randint(30, years * 365 - 200) if self.rng.random() < 0.95 else self.rng.randint(-60, 150)
        if days < 160:
            days = years * 365 - days
        return max(founded, self.today - dt.timedelta(days=days))


def grow(size: Size, pack: Pack, today: dt.date, rng: random.Random) -> Tree:
    """The whole tree with its places. Raises Refused if the pack has no divisions.csv."""
    tree = Tree(pack, size, today, rng)
    _divisions(tree)
    _joint_committees(tree)
    _fill(tree)
    _groups(tree)
    _places(tree)
    for group in tree.of("group"):
        group.parent.group_count += 1
    return tree


def _rows(pack: Pack) -> list[dict[str, str]]:
    path = folders.find(pack.id) / "divisions.csv"
    if not path.exists():
        raise Refused(f"政策包“{pack.title}”没有 divisions.csv，无法建立演示城市。")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _divisions(tree: Tree) -> None:
    """City, districts, streets and towns, communities and villages, as the pack's divisions.csv lists them."""
    pack, rows = tree.pack, _rows(tree.pack)
    city = pack.word("city")
    rural = [row["unit_code"] for row in rows if not _is_urban(row)]
    wanted = tree.size.villages
    if wanted is not None and wanted < len(rural):  # evenly over the list, so that every town keeps some
        rural = [rural[int(n * len(rural) / wanted)] for n in range(wanted)]
    kept = set(rural)
    root = tree.found("city_committee", f"中共{city}委员会", None, short=city.removesuffix("市") + "市委",
                      division=rows[0]["district_code"][:4], urban=True)  # fmt: skip
    districts: dict[str, Organisation] = {}
    streets: dict[str, Organisation] = {}
    for row in rows:
        code, name = row["district_code"], row["district"]
        if code not in districts:
            districts[code] = tree.found(
                "district_committee", f"中共{city}{name}委员会", root, short=f"{name}委", division=code, urban=True
            )
        code, street = row["street_code"], row["street"]
        if code not in streets:
            is_street = row["street_kind"] == "街道"
            body = "工作委员会" if is_street else "委员会"
            streets[code] = tree.found(
                "street_committee" if is_street else "town_committee", f"中共{city}{name}{street}{body}",
                districts[row["district_code"]], short=street + ("党工委" if is_street else "党委"), division=code,
                urban=is_street,
            )  # fmt: skip
        urban = _is_urban(row)
        if not urban and row["unit_code"] not in kept:
            continue
        unit = row["unit"].removeprefix(street).removesuffix("委会") or row["unit"]
        unit = unit.removesuffix("居") + "社区" if unit.endswith("居") else unit
        tree.found(
            "community_committee" if "居委会" in row["unit_kind"] else "village_committee",
            f"中共{city}{name}{street}{unit}委员会", streets[code], short=f"{unit}党委", division=row["unit_code"], urban=urban,
        )  # fmt: skip


def _is_urban(row: dict[str, str]) -> bool:
    return row["street_kind"] == "街道" and row["unit_kind"] == "居委会"


def urban_communities(tree: Tree) -> list[Organisation]:
    """Communities in the city proper: below a street, with a residents' committee."""
    return [org for org in tree.of("community_committee") if org.urban]


def place_name(org: Organisation) -> str:
    """The name of the place that a territorial committee stands for, without the committee: 某某社区, 某某街道."""
    return org.short_name.removesuffix("党工委").removesuffix("党委").removesuffix("委")


def _joint_committees(tree: Tree) -> None:
    pack = tree.pack
    streets = tree.of("street_committee")
    for street in streets[: count(pack, "street_joint_committees", len(streets))]:
        name = names.joined(place_name(street), pack.word("street_joint_committee"))
        tree.found("joint_committee", name, street, level="street", urban=True)
    communities = urban_communities(tree)
    for community in communities[: count(pack, "community_joint_committees", len(communities))]:
        name = names.joined(place_name(community), pack.word("community_joint_committee"))
        tree.found("joint_committee", name, community, level="community", urban=True)


def _fill(tree: Tree) -> None:
    """Trades, units and branches, until the counts of grassroots organisations and of urban ones among them are right."""
    pack, size, rng = tree.pack, tree.size, tree.rng
    whole = target(pack, "urban_organization_share", 50)
    urban_wanted = round(size.grassroots * whole / 100)
    communities = urban_communities(tree)
    villages = [org for org in tree.of("community_committee", "village_committee") if not org.urban]
    _tourism(tree, communities, villages)
    units = names.units(rng, names.UNITS)

    def missing(urban: bool) -> int:
        have = sum(1 for org in tree.orgs if org.urban == urban and is_grassroots(pack, org.kind))
        return (urban_wanted if urban else size.grassroots - urban_wanted) - have

    for urban, homes in ((True, communities), (False, villages)):
        for number in range(max(0, missing(urban) // (18 if urban else 60))):
            _unit(tree, next(units), homes[(number * 7 + 3) % len(homes)], branches=rng.randint(2, 4), urban=urban)
        for n in range(max(0, missing(urban))):
            # the first street fills first and most: it is the one that the demo's log-ins live in
            home = homes[n % len(homes)] if n >= 3 * 7 or not urban else homes[n // 3]
            _branch_of(tree, home, urban)
    _seats(tree)


def _tourism(tree: Tree, communities: list[Organisation], villages: list[Organisation]) -> None:
    """The organisations of the tourism trade belong to its committee (隶属) and sit all over the city (属地)."""
    rng, total = tree.rng, count(tree.pack, "tourism_organizations", 40)
    head = tree.found(
        "trade_committee", f"中共{tree.pack.word('city')}旅游行业委员会", tree.orgs[0], short="旅游行业党委", trade=TOURISM,
        sector="social", urban=True,
    )  # fmt: skip
    firms = names.units(rng, names.TOURISM)
    for number in range(total - 1):
        firm = next(firms)[0]
        urban = number % 5 != 4
        homes = communities if urban else villages
        home = homes[(number * 11) % len(homes)]
        kind = "joint_branch" if number % 9 == 8 else "branch"
        name = f"{firm}联合党支部" if kind == "joint_branch" else f"{firm}党支部"
        tree.found(
            kind, name, head, territory=home, unit_name=firm, trade=TOURISM, sector="private_company", urban=urban
        )


def _unit(tree: Tree, unit: tuple, home: Organisation, *, branches: int, urban: bool) -> None:
    """A school, a hospital, a company: its committee belongs to the district and sits in a community."""
    name, sector, trade = unit
    district = tree.ancestor(home, "district_committee")
    fields = {"unit_name": name, "sector": sector, "trade": trade, "urban": urban}
    head = tree.found("unit_committee", f"中共{name}委员会", district, territory=home, short=f"{name}党委", **fields)
    parts = ("机关", "一线", "后勤", "离退休", "青年")
    for part in parts[:branches]:
        tree.found("branch", f"{name}{part}党支部", head, territory=home, **fields)


def _branch_of(tree: Tree, home: Organisation, urban: bool) -> None:
    """One more branch of a community or village."""
    place = place_name(home)
    own = [org for org in tree.below[home.pk] if org.kind in BRANCHES]
    number = len(own) + 1
    if urban and number % 10 == 9:
        tree.found("mobile_branch", f"{place}流动党员党支部", home, urban=urban)
    elif urban and number % 6 == 5:
        tree.found(
            "joint_branch",
            f"{place}两新组织第{names.numeral(number // 6 + 1)}联合党支部",
            home,
            urban=urban,
            sector="social",
        )
    else:
        word = f"第{names.numeral(number)}网格党支部" if urban else f"第{names.numeral(number)}党支部"
        tree.found("branch", place + word, home, urban=urban, sector="community" if urban else "village")


def _seats(tree: Tree) -> None:
    """How many members each branch has; the urban share of members comes out as published."""
    size, rng = tree.size, tree.rng
    share = target(tree.pack, "urban_member_share", 50)
    urban_members = round(size.members * share / 100)
    branches = tree.of(*BRANCHES)
    for urban, total in ((True, urban_members), (False, size.members - urban_members)):
        group = [org for org in branches if org.urban == urban]
        weights = [rng.lognormvariate(0, 0.35) * (0.6 if org.kind != "branch" or org.trade else 1.0) for org in group]
        first = demo_branch(tree)
        if urban:
            weights[group.index(first)] = sum(weights) * 24 / total
        for org, number in zip(group, shares(weights, total, 4, 48), strict=True):
            tree.seats[org.pk] = number


def demo_branch(tree: Tree) -> Organisation:
    """The branch of the demo's secretary and member: the first branch of the first urban community."""
    home = urban_communities(tree)[0]
    return next(org for org in tree.below[home.pk] if org.kind == "branch")


def _groups(tree: Tree) -> None:
    first = demo_branch(tree)
    for branch in tree.of("branch"):
        members = tree.seats[branch.pk]
        if branch is not first and (members < tree.size.group_from or tree.rng.random() < 0.4):
            continue
        for number in range(2 if members < 36 else 3):
            name = f"{branch.name}第{names.numeral(number + 1)}党小组"
            tree.found("group", name, branch, urban=branch.urban, sector=branch.sector, trade="")


def _places(tree: Tree) -> None:
    """Grids and estates, each covered by an organisation in one of the three ways of setting up."""
    for home in tree.of("community_committee", "village_committee"):
        own = [org for org in tree.below[home.pk] if org.kind in ("branch", "joint_branch")]
        own += [org for org in tree.within[home.pk] if org.kind == "joint_branch"]
        grids, estates = (tree.size.grids, tree.size.estates) if home.urban else (1, 0)
        for number in range(grids + estates):
            is_grid = number < grids
            serial = number + 1 if is_grid else number - grids + 1
            cover = own[number] if number < len(own) else home
            setup = "assigned" if cover is home else "joint" if cover.kind == "joint_branch" else "alone"
            title = (
                f"第{names.numeral(serial)}网格"
                if is_grid
                else f"{names.WORDS[(home.pk * 5 + serial) % len(names.WORDS)]}家园"
            )
            tree.places.append(
                Place(
                    pk=len(tree.places) + 1, kind="grid" if is_grid else "estate",
                    code=f"{home.division_code}{serial:03d}" if is_grid else f"{home.division_code}-X{serial:02d}",
                    name=place_name(home) + title if is_grid else title, community=home, organisation=cover, setup=setup,
                    households=tree.rng.randint(220, 460) if is_grid else tree.rng.randint(120, 900),
                    since=home.founded_on,
                )
            )  # fmt: skip
