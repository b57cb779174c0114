"""承接: members and posts go over when organisations merge, split or dissolve."""

import datetime as dt
from typing import Any

from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.actions.counting import recount
from gongjian.records.people.models import Appointment, Membership, Relation


class PeopleCarrier:
    """人员的承接: set-wise, with a fact for every member."""

    def merge(
        self, *, org: Organisation, into: Organisation, by: Actor, on: dt.date, at: dt.datetime, reason: str
    ) -> dict[str, int]:
        """All members move, all posts end, residents and volunteers relate to the successor."""
        members = self._move(list(Membership.objects.filter(org=org, ends_on__isnull=True)), into, by, on, at, reason)
        ended = self._end_posts(org, by, on, at, reason)
        self._hand_relations(org, into, on)
        recount({org.pk, into.pk})
        return {"members": members, "posts_ended": ended}

    def split(
        self, *, org: Organisation, new: Organisation, chosen: dict[str, Any], by: Actor, on: dt.date, at: dt.datetime,
        reason: str,
    ) -> dict[str, int]:  # fmt: skip
        """The chosen members move."""
        wanted = set(chosen.get("members", ()))
        rows = list(Membership.objects.filter(org=org, ends_on__isnull=True, person_id__in=wanted))
        if len(rows) != len(wanted):
            raise Refused("选定的党员中有人的组织关系不在这里，请刷新后重选。", field="members")
        return {"members": self._move(rows, new, by, on, at, reason)}

    def dissolve(self, *, org: Organisation, by: Actor, on: dt.date, at: dt.datetime, reason: str) -> dict[str, int]:
        """Posts and relations end with the organisation; members must have left before."""
        ended = self._end_posts(org, by, on, at, reason)
        Relation.objects.filter(org=org, ends_on__isnull=True).update(ends_on=on, end_reason=reason[:200])
        recount({org.pk})
        return {"posts_ended": ended}

    def choices(self, org: Organisation) -> list[tuple[str, str]]:
        """Members whom a split can hand over."""
        rows = Membership.objects.filter(org=org, ends_on__isnull=True).select_related("person")
        return [(str(row.person_id), row.person.name) for row in rows.order_by("person__pinyin", "person_id")[:500]]

    def _move(
        self, rows: list[Membership], to: Organisation, by: Actor, on: dt.date, at: dt.datetime, reason: str
    ) -> int:
        if late := next((row for row in rows if row.starts_on > on), None):
            raise Invalid(f"有党员 {late.starts_on} 才转入，生效日期不能早于这一天。", field="on")
        origins = {row.person_id: row.org_id for row in rows}
        Membership.objects.filter(pk__in=[row.pk for row in rows]).update(ends_on=on, end_reason=reason[:200])
        Membership.objects.bulk_create(
            [
                Membership(
                    person_id=row.person_id, org=to, kind=row.kind, state=row.state, joined_on=row.joined_on,
                    formal_on=row.formal_on, mobile=row.mobile, mobile_to=row.mobile_to, lost_since=row.lost_since,
                    state_since=row.state_since, starts_on=on,
                )
                for row in rows
            ],
            batch_size=500,
        )  # fmt: skip
        made = Membership.objects.filter(org=to, ends_on__isnull=True, person_id__in=origins)
        facts.record_many(
            (
                {
                    "kind": "member.moved",
                    "at": at,
                    "person": row.person_id,
                    "org": to.pk,
                    "obj": Ref.of("membership", row.pk),
                    "data": {"from": origins[row.person_id], "to": to.pk, "on": on.isoformat(), "reason": reason[:200]},
                }
                for row in made
            ),
            by=by,
        )
        recount({*origins.values(), to.pk})
        return len(rows)

    def _end_posts(self, org: Organisation, by: Actor, on: dt.date, at: dt.datetime, reason: str) -> int:
        posts = list(Appointment.objects.filter(org=org, ends_on__isnull=True))
        Appointment.objects.filter(pk__in=[post.pk for post in posts]).update(ends_on=on, end_reason=reason[:200])
        facts.record_many(
            (
                {"kind": "appointment.ended", "at": at, "person": post.person_id, "org": org.pk,
                 "obj": Ref.of("appointment", post.pk),
                 "data": {"post": post.post, "on": on.isoformat(), "reason": reason[:200]}}
                for post in posts
            ),
            by=by,
        )  # fmt: skip
        return len(posts)

    def _hand_relations(self, org: Organisation, into: Organisation, on: dt.date) -> None:
        rows = list(Relation.objects.filter(org=org, ends_on__isnull=True))
        have = set(Relation.objects.filter(org=into, ends_on__isnull=True).values_list("person_id", "kind"))
        Relation.objects.filter(pk__in=[row.pk for row in rows]).update(ends_on=on, end_reason="合并")
        Relation.objects.bulk_create(
            [
                Relation(person_id=row.person_id, org=into, kind=row.kind, starts_on=on)
                for row in rows
                if (row.person_id, row.kind) not in have
            ]
        )
