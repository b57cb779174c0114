"""Reads for planning: joint organisations, replies, series. The caller got the activity by `get_for`."""

from collections.abc import Iterable

from django.db.models import Count

from gongjian.desks.activities import queries
from gongjian.desks.activities.actions.joining import own_counts
from gongjian.desks.activities.models import Activity, Attendance, Participation, Reply, Series
from gongjian.ground.kernel.actor import Actor
from gongjian.records.orgs.models import Organisation

__all__ = ["Activity", "Attendance", "Organisation", "Participation", "Series"]
NEAR = 40


def joinings_of(activity: Activity) -> list[Participation]:
    """All that were invited, in the order of their invitation, with their organisations."""
    return list(Participation.objects.filter(activity=activity).select_related("org").order_by("pk"))


def host_counts(activity: Activity) -> tuple[int, int]:
    """(应到, 实到) of the host's own people."""
    return own_counts(Participation(activity=activity, org=activity.org), activity)


def joined_below(path: str):
    """Ids of activities that organisations below a path have joined, as a query."""
    found = Participation.objects.filter(org__path__startswith=path, state__in=("confirmed", "counted"))
    return found.values("activity")


def reply_counts(activity: Activity) -> dict[str, int]:
    """How many gave each answer."""
    return dict(Reply.objects.filter(activity=activity).values_list("answer").annotate(Count("pk")).order_by())


def near(activity: Activity, but: Iterable[int] = ()) -> list[Organisation]:
    """Organisations beside the host that may hold this kind: of the same parent, or sitting in the same community."""
    host, kind = activity.org, queries.kind_of(activity)
    beside = Organisation.objects.filter(parent=host.parent_id) | Organisation.objects.filter(
        territory__in={host.territory_id, host.parent_id} - {None}
    )
    found = beside.filter(kind__in=kind.holders, dissolved_on__isnull=True).exclude(pk__in={host.pk, *but})
    return list(found.order_by("path")[:NEAR])


def by_codes(codes: Iterable[str]) -> list[Organisation]:
    """Living organisations by their codes, which are no secret: who is named may decline."""
    return list(Organisation.objects.filter(code__in=set(codes), dissolved_on__isnull=True))


def meetings_of(series: Series) -> list[Activity]:
    """All activities of a series got by `get_series`, in order."""
    return list(Activity.objects.filter(series=series).order_by("starts_at"))


def places_of(actor: Actor, more: Iterable[int] = ()) -> list[Organisation]:
    """The organisations at which the actor holds the view of activities by a grant, and some more, at most twenty."""
    held = {grant.org for grant in actor.grants if "activities.view" in grant.permissions} | set(more)
    return list(Organisation.objects.filter(pk__in=held).order_by("path")[:20])
