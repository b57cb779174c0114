"""应到: who should attend a meeting, who has a vote in it, who is counted, and why (DOMAIN 1.4); few queries, no loops."""

import datetime as dt
from typing import NamedTuple

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from gongjian.engines.voting import rules
from gongjian.ground import policy
from gongjian.ground.kernel.scope import subtree_q
from gongjian.ground.policy.schema import Pack
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Appointment, Circumstance, Dated, Membership, Person, Relation


class Expected(NamedTuple):
    """应到的人: `has_vote` whether a vote is theirs, `counted` whether they are among 应到会, `why` in words.

    A vote's 应到会 are those who have a vote and are counted. Probationary members should attend and are counted for
    attendance, but have no vote. `posts` are what somebody holds in a committee, in Chinese.
    """

    person: Person
    membership: Membership | None
    has_vote: bool
    counted: bool
    why: str
    posts: str = ""


def expected_of(org: Organisation, day: dt.date) -> list[Expected]:
    """Members of a branch or group (of a committee: of all below it) who should attend on a day, by name; two queries."""
    rows = Membership.objects.filter(Dated.current_q(day)).exclude(state="stopped").exclude(person__died_on__lte=day)
    if org.kind == "group":
        rows = rows.filter(group=org)
    elif org.level == "branch":
        rows = rows.filter(org=org)
    else:
        rows = rows.filter(subtree_q(org.path, prefix="org__"))
    members = list(rows.select_related("person").order_by("person__pinyin", "person_id"))
    noted = _circumstances([member.person_id for member in members], day)
    pack = policy.on(day)
    return [_judge(pack, member.person, member, noted.get(member.person_id, [])) for member in members]


def guests_of(org: Organisation, day: dt.date) -> list[Expected]:
    """流动党员 of other branches who may attend here on a day, by name: not counted, no vote (DOMAIN 2.2.12); one query.

    They are none of `expected_of`: whoever counts or lets vote does not see them.
    """
    elsewhere = Membership.objects.filter(Dated.current_q(day), person=OuterRef("person")).exclude(org=org)
    rows = Relation.objects.filter(
        Exists(elsewhere.exclude(state="stopped")), Dated.current_q(day), org=org, kind="guest",
        person__died_on__isnull=True,
    )  # fmt: skip
    why = _("流动党员（组织关系在外），可以参加，没有表决权，不计入应到。")
    found = rows.select_related("person").order_by("person__pinyin", "person_id")
    return [Expected(row.person, None, has_vote=False, counted=False, why=why) for row in found]


def committee_of(org: Organisation, day: dt.date) -> list[Expected]:
    """Who holds a post in an organisation's committee on a day, in the posts' order; three queries."""
    pack = policy.on(day)
    posts = {post.id: post for post in pack.posts if post.committee}
    held: dict[int, list[Appointment]] = {}
    for row in Appointment.objects.filter(Dated.current_q(day), org=org, post__in=posts).select_related("person"):
        held.setdefault(row.person_id, []).append(row)
    members = {row.person_id: row for row in Membership.objects.filter(Dated.current_q(day), person__in=held)}
    noted = _circumstances(list(held), day)
    found = []
    for person, rows in held.items():
        rows.sort(key=lambda row: posts[row.post].order)
        member = members.get(person)
        judged = _judge(pack, rows[0].person, member, noted.get(person, []), committee=True)
        titles = "、".join(posts[row.post].title for row in rows)
        found.append((posts[rows[0].post].order, rows[0].person.pinyin, judged._replace(posts=titles)))
    return [judged for _order, _name, judged in sorted(found, key=lambda one: one[:2])]


def _circumstances(people: list[int], day: dt.date) -> dict[int, list[Circumstance]]:
    found: dict[int, list[Circumstance]] = {}
    for row in Circumstance.objects.filter(Dated.current_q(day), person__in=people):
        found.setdefault(row.person_id, []).append(row)
    return found


def _judge(
    pack: Pack, person: Person, member: Membership | None, noted: list[Circumstance], *, committee: bool = False
) -> Expected:
    """One person: membership first, then what is noted of them. Illness is not told here, only that it is noted."""
    has_vote, counted, why = True, True, ""
    if member is None:
        if not committee:
            raise ValueError("a member without a membership")
    elif not rules.votes(member.kind, member.state):
        has_vote = False
        why = _("预备党员没有表决权。") if member.kind != "formal" else _("党员权利暂停，没有表决权。")
    for row in noted:
        try:
            kind = pack.circumstance(row.kind)
        except policy.UnknownEntry:
            continue
        if kind.loses_vote and has_vote:
            has_vote, why = False, _("按登记的情形，没有表决权。")
        if kind.may_be_left_out:
            if row.consented_on is not None or not kind.needs_higher_consent:
                counted = False
                why = " ".join(filter(None, [why, _("按登记的情形，可以不计入应到（须会议通过）。")]))
            else:
                why = " ".join(filter(None, [why, _("登记了情形，上级还没有同意，仍计入应到。")]))
    return Expected(person, member, has_vote, counted, why)


def due(rows: list[Expected], *, left_out_agreed: bool) -> int:
    """How many 应到会 a vote has: those with a vote; those who may be left out only if the meeting did not agree."""
    return sum(row.has_vote and (row.counted or not left_out_agreed) for row in rows)
