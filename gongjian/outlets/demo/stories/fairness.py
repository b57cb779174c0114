"""公平的故事: a quarter under posting in the demo branch, three appeals at three stages, exemptions, last year's verdicts.

The member of the demo has an open appeal; the community's secretary finds one that came up from the branch.
"""

import datetime as dt

from gongjian.appraisal.points import actions, queries
from gongjian.engines import relay
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.logins import people_of
from gongjian.outlets.demo.tree import demo_branch
from gongjian.records.access.queries import actor_of_person

ORDER = 50  # after the year's other stories, so that the quarter holds them too
VERDICTS = (
    ("sound", "支委会研究：全年按要求参加组织生活，认领的楼栋联系户走访到位。"),
    ("commended", "支委会研究：牵头小区停车整治，多次主持主题党日，群众反映好。"),
    ("encouraged", "支委会研究：下半年夜班多，参加活动偏少，安排书记谈心，调整到周末活动。"),
)


def play(crowd: Crowd, now: dt.datetime) -> None:
    """Closes the last quarter and the last month, and lets the branch talk about the points."""
    branch, today = demo_branch(crowd.tree), clock.day_of(now)
    branch.refresh_from_db()
    closed = now - dt.timedelta(days=3)
    quarter = clock.previous_period(clock.quarter_of(closed))
    first, last = clock.period_bounds(quarter)
    visitor, secretary = people_of(crowd)["member"], crowd.holder(branch)
    shown = set(people_of(crowd).values())
    officers = {row.person_id for row in crowd.posts.get(branch.pk, ())}
    quiet = [
        row.person_id for row in crowd.members[branch.pk]
        if row.person_id not in shown | officers and row.starts_on <= first and row.kind == "formal"
    ]  # fmt: skip

    def actor(person: int):
        return actor_of_person(crowd.people[person - 1])

    boss, above = actor(secretary), actor(crowd.holder(branch.parent))
    if len(quiet) > 3:
        actions.give(
            person=quiet[0], rule="absent_without_leave", reason="没有参加季度最后一次主题党日", evidence="签到表",
            on=last - dt.timedelta(days=8), by=boss,
        )  # fmt: skip
    relay.deliver("points")
    actions.close_period(period=clock.previous_period(clock.month_of(closed)), by=SYSTEM, at=closed)
    actions.close_period(period=quarter, by=SYSTEM, at=closed)
    if len(quiet) > 3:
        _appeals(actor, quiet, visitor, last, boss, above, now)
        _exempt(actor, quiet, today, boss, above, now)
    _verdicts(crowd, branch.pk, visitor, secretary, boss, today, now)
    relay.deliver("points")


def _appeals(actor, quiet: list[int], visitor: int, last: dt.date, boss, above, now: dt.datetime) -> None:
    """One upheld by the level above, for the secretary had recorded it; one rejected and taken upwards; one open."""
    told, decided = now - dt.timedelta(days=2), now - dt.timedelta(days=1)
    entry = next(e for e in queries.entries_of("person", quiet[0]) if e.rule == "absent_without_leave")
    upheld = actions.raise_appeal(
        rule=entry.rule, fact=entry.fact, text="那天值夜班，提前向小组长请过假，有短信。", evidence="小组长可以证明",
        by=actor(quiet[0]), at=told,
    )  # fmt: skip
    actions.decide(
        appeal=upheld.pk, upheld=True, remedy="withdraw", by=above, at=decided,
        reasons="核对了值班表和请假短信，请假成立，撤回这次扣分。",
    )  # fmt: skip
    missing = actions.raise_appeal(
        rule="attend_heart_to_heart", on=last - dt.timedelta(days=20), text="九月和书记谈过一次心，没有记上。",
        by=actor(quiet[1]), at=told,
    )  # fmt: skip
    actions.decide(
        appeal=missing.pk, upheld=False, reasons="谈话记录里没有找到这一次，双方日期说法不一。", by=boss, at=decided
    )
    actions.escalate(
        appeal=missing.pk,
        text="书记当时外出开会，是副书记和我谈的，请核实。",
        by=actor(quiet[1]),
        at=now - dt.timedelta(hours=5),
    )
    actions.raise_appeal(
        rule="attend_joint_meeting", on=last - dt.timedelta(days=12), evidence="会议照片在工作群里",
        text="我代表支部参加了社区联席会议，签到表上没有我。", by=actor(visitor), at=now - dt.timedelta(hours=20),
    )  # fmt: skip


def _exempt(actor, quiet: list[int], today: dt.date, boss, above, now: dt.datetime) -> None:
    """One approved by the level above, one that waits."""
    for number, person in enumerate(quiet[2:4]):
        row = actions.request_exemption(
            person=person, kind=("age", "care")[number], reason=("年事已高，行动不便", "家中有人需要长期照护")[number],
            starts_on=today.replace(day=1), ends_on=clock.add_months(today.replace(day=1), 6), by=boss,
            at=now - dt.timedelta(days=6),
        )  # fmt: skip
        if number == 0:
            actions.approve_exemption(exemption=row.pk, by=above, at=now - dt.timedelta(days=5))


def _verdicts(crowd: Crowd, branch: int, visitor: int, secretary: int, boss, today: dt.date, now: dt.datetime) -> None:
    """Last year's verdicts on the visitor and some others, told to each of them alone."""
    since = dt.date(today.year - 1, 12, 31)
    there = [row.person_id for row in crowd.members[branch] if row.starts_on <= since and row.person_id != secretary]
    chosen = [visitor] if visitor in there else []
    chosen += [person for person in there if person != visitor][:5]
    for number, person in enumerate(chosen):
        verdict, reasons = VERDICTS[number % len(VERDICTS)]
        actions.give_verdict(
            person=person, year=str(today.year - 1), verdict=verdict, reasons=reasons, by=boss,
            at=now - dt.timedelta(days=150),
        )  # fmt: skip
