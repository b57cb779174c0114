"""口径: each measure is a published definition and a query over rows that a person can open; no number is stored.

A measure that is a share counts the rows that fulfil a condition among all its rows; one that is a count counts all.
`rows` is given the node (an organisation), the day and the actor's scope, so the same code answers for a city, a
district or a street, on any day, and shows to each viewer only what they may see.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.scope import scope_q, subtree_q
from gongjian.ground.ui.lists import Column
from gongjian.records.facts.models import Fact
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Appointment, Dated, Membership
from gongjian.records.places.models import Place


@dataclass(frozen=True)
class Asked:
    """一次提问: who asks, about which node, as of which day."""

    actor: Actor
    node: Organisation
    day: dt.date

    def within(self, prefix: str = "") -> Q:
        """Rows below the node that the actor may see; what sits there (属地) counts as much as what belongs there (隶属)."""
        below = subtree_q(self.node.path, prefix=prefix) | subtree_q(
            self.node.territory_path, prefix=prefix, field="territory_path"
        )
        return below & scope_q(self.actor, "figures.view", prefix=prefix)


@dataclass(frozen=True)
class Measure:
    """口径: identity, published definition, and the rows behind the number.

    `rows` gives all rows (the denominator of a share); `among` the condition of the numerator; `distinct` a field whose
    different values are counted instead of rows.
    """

    id: str
    label: Any
    definition: Any
    rows: Callable[[Asked], QuerySet]
    columns: tuple[Column, ...]
    order: tuple[str, ...] = ("pk",)
    unit: Any = ""
    among: Callable[[Asked], Q] | None = None
    distinct: str = ""
    numerator: Any = ""
    denominator: Any = ""
    exclusions: Any = ""
    search: tuple[str, ...] = ()

    @property
    def is_share(self) -> bool:
        """Whether the value is a percentage."""
        return self.among is not None

    def counts(self, asked: Asked) -> tuple[int, int | None]:
        """(numerator, denominator) of a share; (count, None) otherwise."""
        rows = self.rows(asked)
        if self.distinct:
            return rows.order_by().values(self.distinct).distinct().count(), None
        if self.among is None:
            return rows.count(), None
        return rows.filter(self.among(asked)).count(), rows.count()

    def value(self, asked: Asked) -> Decimal | None:
        """The number, percentages rounded half even to one decimal; None where nothing could be counted."""
        found, of = self.counts(asked)
        if not self.is_share:
            return Decimal(found)
        return (Decimal(100 * found) / of).quantize(Decimal("0.1")) if of else None


def _alive(day: dt.date) -> Q:
    return Q(founded_on__lte=day) & (Q(dissolved_on__isnull=True) | Q(dissolved_on__gt=day))


def _grassroots(asked: Asked) -> QuerySet:
    return _orgs(kind__in=policy.on(asked.day).grassroots_kinds)(asked)


def _orgs(**extra: Any) -> Callable[[Asked], QuerySet]:
    return lambda asked: Organisation.objects.filter(asked.within(), _alive(asked.day), **extra)


def _posts(post: str) -> Callable[[Asked], QuerySet]:
    return lambda asked: (
        Appointment.objects.filter(asked.within("org__"), Dated.current_q(asked.day), post=post)
        .select_related("person", "org")
    )  # fmt: skip


def _members(asked: Asked) -> QuerySet:
    return Membership.objects.filter(
        asked.within("org__"), Dated.current_q(asked.day), ~Q(state="stopped")
    ).select_related("person", "org")


def _trained(asked: Asked) -> Q:
    """Attended at least one lesson or study in the year of the day (DOMAIN 2.1)."""
    first = clock.at_time(dt.date(asked.day.year, 1, 1))
    last = clock.at_time(asked.day + dt.timedelta(days=1))
    attended = Fact.objects.filter(
        person=OuterRef("person_id"), kind="activity.attended", at__gte=first, at__lt=last,
        data__activity_kind__in=policy.on(asked.day).training_kinds,
    )  # fmt: skip
    withdrawn = Fact.objects.filter(
        corrects=OuterRef("pk"), person=OuterRef("person"), kind="activity.attendance_withdrawn"
    )
    return Q(Exists(attended.filter(~Exists(withdrawn))))


def _grids(asked: Asked) -> QuerySet:
    return Place.objects.filter(
        asked.within("community__"), Q(since__isnull=True) | Q(since__lte=asked.day),
        Q(ended_on__isnull=True) | Q(ended_on__gt=asked.day), kind__in=("grid", "estate"),
    ).select_related("community", "organisation")  # fmt: skip


def _joint_meetings(asked: Asked) -> QuerySet:
    orgs = Organisation.objects.filter(asked.within(), level__in=("city", "district", "street", "community"))
    first = clock.at_time(dt.date(asked.day.year - 1, asked.day.month, 1))
    return Fact.objects.filter(
        kind="activity.signed_off", data__activity_kind="joint_meeting", org__in=orgs.values("pk"),
        at__gte=first, at__lt=clock.at_time(asked.day + dt.timedelta(days=1)),
    ).annotate(level=Subquery(orgs.filter(pk=OuterRef("org")).values("level")[:1]))  # fmt: skip


def _org_link(field: str = "pk") -> Callable[[Any], str]:
    return lambda row: reverse("orgs:detail", args=[getattr(row, field)]) if getattr(row, field) else ""


ORG_COLUMNS = (
    Column("name", _("组织"), link=_org_link(), sort=True, phone="title"),
    Column("code", _("代码")),
    Column("founded_on", _("成立日期"), kind="date"),
    Column("member_count", _("党员数"), kind="number", sort=True),
    Column("urban", _("城市"), kind="bool"),
)
POST_COLUMNS = (
    Column("person.name", _("姓名"), link=lambda row: reverse("people:detail", args=[row.person_id]), phone="title"),
    Column("org.name", _("组织"), link=_org_link("org_id")),
    Column("sending_unit", _("派出单位")),
    Column("starts_on", _("任职日期"), kind="date"),
)
MEMBER_COLUMNS = (
    Column("person.name", _("姓名"), link=lambda row: reverse("people:detail", args=[row.person_id]), phone="title"),
    Column("org.name", _("所在党支部"), link=_org_link("org_id")),
    Column("kind", _("人员类别"), value=lambda row: row.get_kind_display()),
    Column("org.urban", _("城市"), kind="bool"),
)
PLACE_COLUMNS = (
    Column("name", _("网格或小区"), phone="title"),
    Column("kind", _("类别"), value=lambda row: row.get_kind_display()),
    Column("community.name", _("社区"), link=_org_link("community_id")),
    Column("organisation.name", _("覆盖它的党组织"), link=_org_link("organisation_id")),
    Column("setup", _("组建方式"), value=lambda row: row.get_setup_display()),
)

MEASURES: tuple[Measure, ...] = (
    Measure(
        "street_joint_committees", _("街道大工委"), _("设在街道、现存的大工委个数。"),
        _orgs(kind="joint_committee", level="street"), ORG_COLUMNS, ("name", "pk"), _("个"), search=("name", "initials"),
    ),
    Measure(
        "community_joint_committees", _("社区大党委"), _("设在社区、现存的大党委个数。"),
        _orgs(kind="joint_committee", level="community"), ORG_COLUMNS, ("name", "pk"), _("个"), search=("name", "initials"),
    ),
    Measure(
        "urban_organization_share", _("城市基层党组织占比"), _("城市的基层党组织占全部基层党组织的百分比。"),
        _grassroots, ORG_COLUMNS, ("name", "pk"), "%", among=lambda asked: Q(urban=True),
        numerator=_("标为“城市”的基层党组织"), denominator=_("全部基层党组织：社区（村）党委、单位和行业党委、党总支、各类党支部"),
        exclusions=_("党小组、大工委、大党委、联盟和街道（乡镇）以上党委不计"), search=("name", "initials"),
    ),
    Measure(
        "urban_member_share", _("城市党员占比"), _("组织关系在城市基层党组织的党员占全部党员的百分比。"),
        _members, MEMBER_COLUMNS, ("person__name", "pk"), "%", among=lambda asked: Q(org__urban=True),
        numerator=_("所在党支部标为“城市”的党员"), denominator=_("全部党员，含预备党员"), exclusions=_("停止党籍的不计"),
        search=("person__name", "org__name"),
    ),
    Measure(
        "grid_coverage", _("网格（小区）党组织覆盖率"), _("有党组织覆盖的网格和小区占全部网格和小区的百分比。"),
        _grids, PLACE_COLUMNS, ("code",), "%", among=lambda asked: Q(organisation__isnull=False),
        numerator=_("已由党支部或党小组覆盖的网格和小区（单独建、联合建、社区兜底建）"), denominator=_("全部现有网格和小区"),
        exclusions=_("楼栋不计"), search=("name", "code"),
    ),
    Measure(
        "training_coverage", _("城市党员教育培训率"), _("本年参加过党课或集中学习的城市党员占全部城市党员的百分比。"),
        lambda asked: _members(asked).filter(org__urban=True), MEMBER_COLUMNS, ("person__name", "pk"), "%", among=_trained,
        numerator=_("本年至少签到参加一次党课或集中学习的城市党员"), denominator=_("全部城市党员，含预备党员"),
        exclusions=_("停止党籍的不计；被撤回的签到不计"), search=("person__name", "org__name"),
    ),
    Measure(
        "tourism_organizations", _("旅游行业党组织"), _("行业为旅游、现存的党组织个数。"),
        _orgs(trade="tourism"), ORG_COLUMNS, ("name", "pk"), _("家"), search=("name", "initials"),
    ),
    Measure(
        "first_secretaries", _("选派第一书记"), _("现任社区党组织第一书记人数。"),
        _posts("first_secretary"), POST_COLUMNS, ("person__name", "pk"), _("名"), search=("person__name", "org__name"),
    ),
    Measure(
        "community_workers", _("党建组织员、专职党群工作者"), _("现任党建组织员、专职党群工作者人数。"),
        _posts("organiser"), POST_COLUMNS, ("person__name", "pk"), _("名"), search=("person__name", "org__name"),
    ),
    Measure(
        "joint_meeting_levels", _("联席会议层级"), _("近一年开过并已签字确认联席会议的层级数（市、城区、街道、社区）。"),
        _joint_meetings,
        (
            Column("level", _("层级"), phone="title"),
            Column("at", _("召开时间"), kind="datetime"),
            Column("org", _("组织"), link=_org_link("org"), value=lambda row: getattr(row, "org_name", row.org)),
        ),
        ("-at", "pk"), _("级"), distinct="level",
    ),
)  # fmt: skip
BY_ID = {measure.id: measure for measure in MEASURES}
