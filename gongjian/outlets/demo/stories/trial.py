"""政策试算的故事: next year's points and duties, tried over this year and handed in; the city's secretary may approve."""

import datetime as dt

from gongjian.ground.kernel import clock
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.logins import people_of
from gongjian.outlets.trial import actions, queries, working
from gongjian.records.access.queries import actor_of_person

ORDER = 90  # when there is most to replay
TITLE = "明年积分和规定动作调整"
REASON = (
    "志愿服务的月封顶偏低，热心的党员后半月就没有积分了；主题党日分值太小，拉不开差距。"
    "党课从每季度一次改为每月一次是否承受得住，先用今年的记录算一算。"
)
CHANGES = (
    (
        "rules", "attend_volunteer_service",
        {"at_most.points": "10", "text": "每满60分钟志愿服务得1分，一次最多算120分钟，每月最多10分。"},
    ),
    ("rules", "attend_theme_day", {"points": "2", "at_most.points": "2", "text": "参加一次主题党日得2分，每月最多2分。"}),
    (
        "duties", "party_lesson_quarterly",
        {"per": "month", "title": "党课每月1次", "text": "党课每月开展1次。", "warn_days_before": "7",
         "remind_days_before": ["7", "2"]},
    ),
)  # fmt: skip


def play(crowd: Crowd, now: dt.datetime) -> None:
    """Draft, try and hand in; small cities only, for a large one takes a minute or two and may be tried by the visitor."""
    by = actor_of_person(crowd.people[people_of(crowd)["admin"] - 1])
    draft = actions.begin(title=TITLE, reason=REASON, by=by, at=now)
    for part, ident, fields in CHANGES:
        if ident not in queries.edits.entries(draft.base, part):
            continue
        values = {**queries.entry_of(draft, part, ident)["values"], **fields}
        draft = actions.change(draft=draft, part=part, ident=ident, values=values, by=by, at=now)
    if crowd.tree.size.name != "small":
        return
    year = clock.day_of(now).year
    actions.try_out(draft=draft, year=year, by=by, at=now)
    working.work_off()
    actions.submit(draft=draft, effective_from=dt.date(year + 1, 1, 1), by=by, at=now)
