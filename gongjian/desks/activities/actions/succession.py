"""承接: what is planned goes over when organisations merge, and ends when one is dissolved. What was held stays its own."""

import datetime as dt
from typing import Any

from django.db.models import F

from gongjian.desks.activities import queries
from gongjian.desks.activities.actions.joining import on_text, own_ref, ref, tell_planned, tell_withdrawn
from gongjian.desks.activities.actions.planning import refresh_list, told_of
from gongjian.desks.activities.models import Activity, Participation, Series
from gongjian.desks.activities.states import CANCELLED, NOTIFIED, OPEN, PLANNED
from gongjian.ground.kernel.actor import Actor
from gongjian.records import facts
from gongjian.records.notices import actions as notices
from gongjian.records.orgs.models import Organisation

JOINING = ("invited", "confirmed")


class ActivitiesCarrier:
    """活动的承接: within the deed of the organisations' room, whose permission is that deed's."""

    def merge(
        self, *, org: Organisation, into: Organisation, by: Actor, on: dt.date, at: dt.datetime, reason: str
    ) -> dict[str, int]:
        """Plans go over to the successor, whose members are expected from now on; what it may not hold is called off."""
        handed = ended = 0
        for activity in self._planned(org):
            if into.kind not in queries.kind_of(activity).holders or activity.state == OPEN:
                ended += self._call_off(activity, reason, by=by, at=at)
                continue
            Activity.objects.filter(pk=activity.pk).update(org=into, version=F("version") + 1)
            activity.refresh_from_db()
            refresh_list(activity)
            facts.record(
                "activity.planned", by=by, at=at, org=into.pk, obj=ref(activity),
                data={"activity_kind": activity.kind, "on": on_text(activity), "counts_for": activity.counts_for,
                      "from": org.pk},
                source=f"activity:{activity.pk}:planned:{into.pk}",
            )  # fmt: skip
            handed += 1
        Series.objects.filter(org=org).update(org=into, version=F("version") + 1)
        for joining in self._joining(org):
            beside = Participation.objects.filter(activity=joining.activity_id, org=into).exists()
            if joining.activity.org_id == into.pk or beside:
                self._leave(joining, reason, by=by, at=at)
                continue
            Participation.objects.filter(pk=joining.pk).update(org=into, rounds=F("rounds") + 1)
            joining.refresh_from_db()
            refresh_list(joining.activity)
            if joining.state == "confirmed":
                tell_planned(joining, joining.activity, by=by, at=at)
        return {"activities": handed, "activities_ended": ended}

    def split(
        self, *, org: Organisation, new: Organisation, chosen: dict[str, Any], by: Actor, on: dt.date, at: dt.datetime,
        reason: str,
    ) -> dict[str, int]:  # fmt: skip
        """Plans stay where they are; the lists follow the members when the notice goes out."""
        return {}

    def dissolve(self, *, org: Organisation, by: Actor, on: dt.date, at: dt.datetime, reason: str) -> dict[str, int]:
        """Plans and series end with the organisation, and its part in what others hold."""
        ended = sum(self._call_off(activity, reason, by=by, at=at) for activity in self._planned(org))
        Series.objects.filter(org=org, state="running").update(state="ended", version=F("version") + 1)
        for joining in self._joining(org):
            self._leave(joining, reason, by=by, at=at)
        return {"activities_ended": ended}

    def choices(self, org: Organisation) -> list[tuple[str, str]]:
        """No members are chosen here."""
        return []

    def _planned(self, org: Organisation) -> list[Activity]:
        found = Activity.objects.filter(org=org, state__in=(PLANNED, NOTIFIED, OPEN)).select_related("org")
        return list(found.exclude(attendances__status="present").order_by("starts_at"))

    def _joining(self, org: Organisation) -> list[Participation]:
        found = Participation.objects.filter(org=org, state__in=JOINING, activity__state__in=(PLANNED, NOTIFIED))
        return list(found.select_related("org", "activity__org"))

    def _call_off(self, activity: Activity, reason: str, *, by: Actor, at: dt.datetime) -> int:
        told = told_of(activity) if activity.state != PLANNED else set()
        Activity.objects.filter(pk=activity.pk).update(
            state=CANCELLED, cancel_reason=reason[:200], version=F("version") + 1
        )
        facts.record(
            "activity.cancelled", by=by, at=at, org=activity.org_id, obj=ref(activity),
            data={"activity_kind": activity.kind, "on": on_text(activity), "counts_for": activity.counts_for,
                  "reason": reason},
            source=f"activity:{activity.pk}:cancelled",
        )  # fmt: skip
        for joining in Participation.objects.filter(activity=activity, state="confirmed"):
            tell_withdrawn(joining, activity, reason, by=by, at=at)
        Participation.objects.filter(activity=activity, state__in=JOINING).update(state="cancelled")
        notices.tell(
            people=told, kind="activity", title=f"【取消】{activity.title}", body=f"“{activity.title}”已取消。原因：{reason}",
            link=f"/activities/{activity.pk}/", key=f"activity:{activity.pk}:cancelled", at=at,
        )  # fmt: skip
        return 1

    def _leave(self, joining: Participation, reason: str, *, by: Actor, at: dt.datetime) -> None:
        if joining.state == "confirmed":
            tell_withdrawn(joining, joining.activity, reason, by=by, at=at)
        else:
            facts.record(
                "activity.joint_declined", by=by, at=at, org=joining.org_id, obj=own_ref(joining),
                data={"activity_kind": joining.activity.kind, "host": joining.activity.org_id, "reason": reason},
            )  # fmt: skip
        Participation.objects.filter(pk=joining.pk).update(state="withdrawn", reason=reason[:200])
        refresh_list(joining.activity)
