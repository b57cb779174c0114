"""The shape of a pack (政策包的结构): what each file may hold. Data only: a pack has no code and no formulas."""

from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from gongjian.ground.kernel import registry
from gongjian.ground.policy.admissions_schema import Admissions
from gongjian.ground.policy.assessments_schema import Assessments, StandardList
from gongjian.ground.policy.burden_schema import Burden
from gongjian.ground.policy.calendar_schema import Calendar
from gongjian.ground.policy.dues_schema import Dues
from gongjian.ground.policy.elections_schema import Elections
from gongjian.ground.policy.examples_schema import Examples
from gongjian.ground.policy.feeds_schema import Feeds
from gongjian.ground.policy.files_schema import Files
from gongjian.ground.policy.meetings_schema import Meetings
from gongjian.ground.policy.notices_schema import Notices
from gongjian.ground.policy.orders_schema import Orders
from gongjian.ground.policy.planning_schema import Planning
from gongjian.ground.policy.points_schema import MemberClass, VerdictWord
from gongjian.ground.policy.publication_schema import Publication
from gongjian.ground.policy.reviews_schema import Reviews
from gongjian.ground.policy.settings_schema import Settings
from gongjian.ground.policy.statistics_schema import Statistics
from gongjian.ground.policy.talks_schema import Talks
from gongjian.ground.policy.transfers_schema import Transfers
from gongjian.ground.policy.trials_schema import Trials
from gongjian.ground.policy.values import (
    Day,
    Entries,
    FactKindName,
    FreeText,
    Id,
    Month,
    Natural,
    Number,
    PermissionCode,
    Positive,
    Shape,
    Text,
    Truth,
    VersionText,
    Where,
    Whole,
)
from gongjian.ground.policy.voting_schema import CircumstanceKind, Voting, VotingRule

Per = Literal["month", "quarter", "year"]
Severity = Literal["warn", "block"]


class UnknownEntry(LookupError):
    """An id that the pack does not have (政策包里没有的编号)."""


class Level(Shape):
    """层级: a level of the tree, from the city down to the group; `rank` 1 is the highest."""

    id: Id
    title: Text
    rank: Positive
    division_digits: Natural = 0  # length of the division code at this level, 0 where there is none
    has_joint_meeting: Truth = False
    basis: FreeText = ""


class SizeRule(Shape):
    """规模规则: bounds on a count of an organisation. The bounds belong to what is allowed (以上、以下包括本数).

    formal_from/formal_below: applies only to organisations with so many formal members (from: included, below: not).
    """

    id: Id
    measure: Literal[
        "formal_members",
        "all_members",
        "covered_units",
        "formal_members_of_unit",
        "committee_size",
        "part_time_members",
    ]
    at_least: Natural | None = None
    at_most: Natural | None = None
    odd: Truth = False
    formal_from: Natural | None = None
    formal_below: Natural | None = None
    at_level: Id | None = None
    severity: Severity
    text: Text
    basis: Text


class OrgKind(Shape):
    """组织种类: a kind of Party organisation or joint body.

    code: 组织类别代码 as used in the national systems (DOMAIN 7.1); committee_from_formal: a committee is elected from
    so many formal members on, 0 = always has one, None = never; term_years: 任期, None = none fixed; grassroots: counts
    as 基层党组织 in figures.
    """

    id: Id
    title: Text
    short: Text
    code: FreeText = ""
    level: Id
    parents: tuple[Id, ...] = ()
    territorial: Truth = False
    has_members: Truth = False
    grassroots: Truth = False
    committee_from_formal: Natural | None = None
    term_years: Positive | None = None
    size_rules: tuple[SizeRule, ...] = ()
    about: FreeText = ""
    basis: Text


class Post(Shape):
    """职务: a post that a person can be appointed to.

    single: one holder at a time in an organisation; confers: role given while in post, by kind of organisation.
    """

    id: Id
    title: Text
    committee: Truth = False
    part_time: Truth = False
    single: Truth = False
    order: Natural = 100
    org_kinds: tuple[Id, ...] = ()
    confers: dict[Id, Id] = {}
    basis: FreeText = ""


class Role(Shape):
    """角色: a bundle of permissions, granted at a node of the tree along a line. `orgs.*` means all of a room.

    relations: kinds of relation (such as resident) that give the role by themselves, at the related organisation.
    """

    id: Id
    title: Text
    permissions: tuple[PermissionCode, ...] = ()
    line: Literal["parent", "territory"] = "parent"
    second_factor: Truth = False
    assignable: Truth = True
    relations: tuple[Id, ...] = ()
    order: Natural = 100
    about: Text

    def allows(self, code: str) -> bool:
        """Whether the role holds this permission code, by name or by a wildcard."""
        return code in self.permissions or "*" in self.permissions or f"{code.partition('.')[0]}.*" in self.permissions


class ActivityKind(Shape):
    """活动种类: a kind of organisational life.

    expected: who should come (应到);
    learning_minutes: what attending counts as learning, in minutes, 0 = not learning; training: attending counts as
    training (集中培训、集体学习) in figures.
    """

    id: Id
    title: Text
    short: Text
    about: Text
    expected: Literal["members", "committee", "group", "chosen", "open"]
    holders: tuple[Id, ...]
    convener_roles: tuple[Id, ...]
    convener_posts: tuple[Id, ...] = ()
    default_minutes: Positive
    learning_minutes: Natural = 0
    training: Truth = False
    agenda: tuple[Text, ...] = ()
    minutes_required: Truth = True
    check_in: Truth = True
    usual_months: tuple[Month, ...] = ()
    order: Natural = 100
    basis: Text


class Match(Shape):
    """匹配: facts of a kind whose data equals `where`, key by key; several values for a key mean any of them."""

    fact: FactKindName
    where: Where = {}


class Dimension(Shape):
    """积分维度: `full` points at most in a year; a bonus dimension stands outside the 100."""

    id: Id
    title: Text
    full: Positive
    bonus: Truth = False
    about: Text


class Cap(Shape):
    """封顶: at most so many points from one rule in a period."""

    points: Positive
    per: Per


class PointRule(Match):
    """积分规则: a fact of this kind gives `points` to the person or the organisation that the fact names.

    per_quantity: points for each full so-much of the fact's quantity (minutes); quantity_at_most: quantity beyond it
    does not count within one fact. A negative value deducts. from_/until: first and last day of the deeds it is for.
    """

    id: Id
    title: Text
    to: Literal["person", "organisation"]
    points: Whole
    per_quantity: Positive | None = None
    quantity_at_most: Positive | None = None
    at_most: Cap | None = None
    dimension: Id
    evidence: Text
    text: Text
    basis: Text
    from_: Day = Field(alias="from")
    until: Day | None = None

    def in_force(self, day: date) -> bool:
        """Whether a deed of this day earns by this rule (both ends included)."""
        return self.from_ <= day and (self.until is None or day <= self.until)


class Band(Shape):
    """积分档次: a yearly score of at_least or more."""

    id: Id
    title: Text
    at_least: Natural


class Frame(Shape):
    """积分总则: yearly bounds, closing (结账), posting (公示) and appeals (申诉).

    close_days: so many days after its end a period closes by itself; posting_days: calendar days that it is posted, and in
    which one may appeal; appeal_working_days: for the first decision, second_working_days: for the second and last one,
    which may be asked for within escalate_working_days of the first; remind_working_days: before either deadline;
    exemption_months: the longest exemption.
    """

    floor: Whole
    cap: Positive
    close: Per
    posting_per: Per
    posting_days: Positive
    appeal_working_days: Positive
    close_days: Natural = 3
    escalate_working_days: Positive = 5
    second_working_days: Positive = 7
    remind_working_days: Natural = 2
    exemption_months: Positive = 12
    basis: Text


class Ranks(Shape):
    """排名: periods of ranks, and whether lists of named persons may be shown at all."""

    periods: tuple[Per, ...]
    named_lists: Truth
    named_lists_need_legal_basis: Truth = True
    guard: Text
    private: Text
    basis: Text


class Points(Shape):
    """积分."""

    frame: Frame
    dimensions: Entries[Dimension]
    bands: Entries[Band]
    classes: Entries[MemberClass] = Entries()
    verdicts: Entries[VerdictWord] = Entries()
    ranks: Ranks
    rules: Entries[PointRule]

    def dimension(self, id: str) -> Dimension:
        """The dimension of this id; UnknownEntry if there is none."""
        return _find(self.dimensions, id)

    def band(self, score: int) -> Band:
        """The band that a yearly score falls in; scores below the lowest band get the lowest."""
        ordered = sorted(self.bands, key=lambda band: -band.at_least)
        return next((band for band in ordered if score >= band.at_least), ordered[-1])


class Duty(Shape):
    """规定动作: organisations of these kinds do this at least `times` times in each period.

    also_done_by: other facts that do it as well;
    needs: only those that have a committee (or groups); held_by own_or_groups: what their groups hold counts as well;
    strength hard: the text says 应当 or 必须, soft: 一般; founding: what becomes of the period that an organisation was
    founded in (skip: it does not count); escalate_again_after_working_days: after so many more it goes up another level,
    again and again while nobody has made it good; moratorium_percent: a moratorium lets a period rest when it holds on at
    least so many per cent of its days; remind_days_before: days before the period's end; usual_months: when it is
    usually held, for forecasts and proposals, never a rule.
    """

    id: Id
    title: Text
    short: Text
    text: Text
    applies_to: tuple[Id, ...]
    needs: Literal["none", "committee", "groups"] = "none"
    held_by: Literal["own", "own_or_groups"] = "own"
    per: Per
    times: Positive
    done_by: Match
    also_done_by: tuple[Match, ...] = ()
    planned_by: Match
    withdrawn_by: tuple[Match, ...] = ()
    strength: Literal["hard", "soft"]
    warn_days_before: Natural
    remind_days_before: tuple[Natural, ...] = ()
    escalate_after_working_days: Positive
    escalate_to: Literal["parent", "territory"] = "parent"
    escalate_again_after_working_days: Positive | None = None
    moratorium_percent: Annotated[int, Field(ge=1, le=100)] = 50
    founding: Literal["skip", "count"] = "skip"
    usual_months: tuple[Month, ...] = ()
    order: Natural = 100
    basis: Text
    from_: Day = Field(alias="from")
    until: Day | None = None

    def in_force(self, day: date) -> bool:
        """Whether the duty holds on this day (both ends included)."""
        return self.from_ <= day and (self.until is None or day <= self.until)


class Figure(Shape):
    """指标: a published figure. op: = exactly, >= at least, ~ rounded (within tolerance), range low to high."""

    id: Id
    label: Text
    value: Number | None = None
    range: tuple[Number, Number] | None = None
    unit: Text
    op: Literal["=", ">=", "~", "range"]
    tolerance: Number | None = None
    about: Text


class Pack(Shape):
    """政策包: all that a city decides, frozen."""

    id: Id
    title: Text
    version: VersionText
    effective_from: Day
    extends: Id | None = None
    about: FreeText = ""
    settings: Settings
    levels: Entries[Level]
    org_kinds: Entries[OrgKind]
    posts: Entries[Post]
    roles: Entries[Role]
    activity_kinds: Entries[ActivityKind]
    points: Points
    duties: Entries[Duty]
    dues: Dues
    transfers: Transfers
    planning: Planning
    notices: Notices
    burden: Burden
    calendar: Calendar
    meetings: Meetings
    feeds: Feeds
    files: Files
    assessments: Assessments
    reviews: Reviews
    talks: Talks
    publication: Publication
    admissions: Admissions
    orders: Orders
    statistics: Statistics
    trials: Trials = Trials()
    voting: Voting
    elections: Elections
    words: dict[Id, Text]
    figures: Entries[Figure] = Entries()
    examples: Examples = Examples()

    def level(self, id: str) -> Level:
        """The level of this id; UnknownEntry if there is none. (So for the others below.)"""
        return _find(self.levels, id)

    def org_kind(self, id: str) -> OrgKind:
        """组织种类."""
        return _find(self.org_kinds, id)

    def post(self, id: str) -> Post:
        """职务."""
        return _find(self.posts, id)

    def role(self, id: str) -> Role:
        """角色."""
        return _find(self.roles, id)

    @cached_property
    def role_of_relation(self) -> dict[str, str]:
        """Kind of relation → the role that it gives by itself."""
        return {relation: role.id for role in self.roles for relation in role.relations}

    @cached_property
    def role_permissions(self) -> dict[str, frozenset[str]]:
        """Role → the permission codes that it holds, of all that rooms declare, wildcards spread out."""
        codes = tuple(registry.permissions())
        return {role.id: frozenset(code for code in codes if role.allows(code)) for role in self.roles}

    @cached_property
    def grassroots_kinds(self) -> tuple[str, ...]:
        """The kinds of organisation that figures count as 基层党组织."""
        return tuple(kind.id for kind in self.org_kinds if kind.grassroots)

    @cached_property
    def training_kinds(self) -> tuple[str, ...]:
        """The kinds of activity that figures count as training."""
        return tuple(kind.id for kind in self.activity_kinds if kind.training)

    def activity_kind(self, id: str) -> ActivityKind:
        """活动种类."""
        return _find(self.activity_kinds, id)

    def duty(self, id: str) -> Duty:
        """规定动作."""
        return _find(self.duties, id)

    def voting_rule(self, id: str) -> VotingRule:
        """表决规则."""
        return _find(self.voting.rules, id)

    def circumstance(self, id: str) -> CircumstanceKind:
        """不计入应到情形."""
        return _find(self.voting.circumstances, id)

    def standard_list(self, id: str) -> StandardList:
        """标准清单."""
        return _find(self.assessments.lists, id)

    def figure(self, id: str) -> Figure:
        """指标."""
        return _find(self.figures, id)

    def point_rule(self, id: str) -> PointRule:
        """积分规则, whether in force or not (old postings name old rules)."""
        return _find(self.points.rules, id)

    def point_rules(self, on: date) -> tuple[PointRule, ...]:
        """The point rules in force for deeds of this day."""
        return tuple(rule for rule in self.points.rules if rule.in_force(on))

    def duties_on(self, day: date) -> tuple[Duty, ...]:
        """The duties in force on this day."""
        return tuple(duty for duty in self.duties if duty.in_force(day))

    def word(self, key: str, default: str | None = None) -> str:
        """A word of the city. Without a default an unknown key raises UnknownEntry."""
        if default is None:
            return _find(self.words, key)
        return self.words.get(key, default)


def _find(entries: Any, id: str) -> Any:
    try:
        return entries[id]
    except KeyError:
        raise UnknownEntry(id) from None
