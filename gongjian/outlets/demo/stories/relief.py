"""免除和暂缓的故事: a branch that was let off, one whose request waits for the community, a street that had a flood.

The community's secretary finds a request to answer among what waits.
"""

import datetime as dt

from gongjian.appraisal.standards import actions, judging
from gongjian.appraisal.standards.models import Standing
from gongjian.engines import relay
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.logins import people_of
from gongjian.outlets.demo.tree import demo_branch
from gongjian.records.access.queries import actor_of_person
from gongjian.records.orgs.models import Organisation

ORDER = 60
ASKED = (
    ("本月多数党员支援外地抢修供水管网，人到不齐，下月一并补上。", "情况属实，同意本期免除，下月照常。"),
    ("支部活动室正在加固，临时场地月底才能用，申请本期免除。", ""),
)


def play(crowd: Crowd, now: dt.datetime) -> None:
    """One excuse answered, one open, and last summer's moratorium."""
    relay.deliver("standards")
    branch, today = demo_branch(crowd.tree), clock.day_of(now)
    pack = policy.on(today)
    logins = people_of(crowd)

    def actor(person: int):
        return actor_of_person(crowd.people[person - 1])

    above = actor(logins["community"])
    near = [
        org for org in crowd.tree.orgs
        if org.parent_id == branch.parent_id and org.pk != branch.pk and org.kind == "branch" and crowd.holder(org)
    ][:8]  # fmt: skip
    monthly = [duty for duty in pack.duties if duty.per == "month"]
    for duty in monthly:
        cells = [(org.pk, clock.month_of(today)) for org in near]
        judging.judge(pack=pack, duty=duty, periods=(), today=today, cells=cells)
    waiting = list(
        Standing.objects.filter(
            org__in=[org.pk for org in near], duty__in=[duty.id for duty in monthly], state__in=Standing.OPEN,
            period=clock.month_of(today),
        ).order_by("org", "duty").distinct()
    )  # fmt: skip
    stories = iter(ASKED)
    for row in waiting:
        org = Organisation.objects.get(pk=row.org_id)
        by = actor(crowd.holder(org))
        if not by.may_at("standards.excuse", org):  # an election has changed who is in the post
            continue
        if (story := next(stories, None)) is None:
            break
        excuse = actions.ask_excuse(
            org=org, duty=row.duty, period=row.period, reason=story[0], by=by, at=now - dt.timedelta(hours=30)
        )
        if story[1]:
            actions.decide_excuse(
                excuse=excuse, approve=True, answer=story[1], by=above, at=now - dt.timedelta(hours=6)
            )
    summer = dt.date(today.year if today.month > 7 else today.year - 1, 7, 1)
    district = Organisation.objects.get(pk=branch.ancestor_ids[1])
    street = Organisation.objects.get(pk=branch.ancestor_ids[2])
    declared = clock.at_time(summer, 9)
    row = actions.declare_moratorium(
        org=street, duties=[duty.id for duty in monthly], starts_on=summer, ends_on=summer + dt.timedelta(days=24),
        basis="市防汛抗旱指挥部启动防汛二级应急响应，辖区党员全部投入抢险和安置。", by=actor(crowd.holder(district)), at=declared,
    )  # fmt: skip
    actions.decide_moratorium(
        moratorium=row, approve=True, answer="同意。抢险结束后恢复正常。", by=actor(logins["city"]),
        at=declared + dt.timedelta(hours=2),
    )  # fmt: skip
