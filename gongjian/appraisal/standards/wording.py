"""What notices say (提醒的措辞): what is missing, until when, and which days offer themselves."""

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gongjian.appraisal.standards import rules
from gongjian.appraisal.standards.models import Case
from gongjian.ground.policy.schema import Duty, Pack


def period_title(period: str) -> str:
    """A period as a reader says it: 2026年11月, 2026年第4季度, 2026年."""
    year = period[:4]
    if len(period) == 7:
        return _("%(year)s年%(month)d月") % {"year": year, "month": int(period[5:])}
    if len(period) == 6:
        return _("%(year)s年第%(quarter)s季度") % {"year": year, "quarter": period[5]}
    return _("%(year)s年") % {"year": year}


def short_day(day: dt.date) -> str:
    """A day with its weekday: 11月18日（周三）."""
    names = [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]
    return _("%(month)d月%(day)d日（%(weekday)s）") % {
        "month": day.month, "day": day.day, "weekday": names[day.weekday()],
    }  # fmt: skip


def advice(duty: Duty, period: str, forecast: rules.Forecast) -> str:
    """One sentence: what is missing, the last day for it, and days to choose from."""
    days = "、".join(short_day(day) for day in forecast.proposals)
    what = {"short": duty.short, "period": period_title(period), "missing": forecast.missing, "days": days}
    if forecast.late:
        return _("%(short)s：%(period)s还差%(missing)d次，已过期，请尽快补开。可安排在%(days)s。") % what
    return _("%(short)s：%(period)s还差%(missing)d次，最晚%(last)s。可安排在%(days)s。") % {
        **what, "last": short_day(forecast.last_day),
    }  # fmt: skip


def reminder(
    cases: list[Case], *, duties: dict[str, Duty], pack: Pack, today: dt.date, urged_by: str = ""
) -> tuple[str, str]:
    """Title and text of the notice to an organisation's own officers. The cases carry `now_…` as of today."""
    names = "、".join(dict.fromkeys(duties[case.duty].short for case in cases))
    title = _("“%(org)s”请落实：%(names)s") % {"org": cases[0].org.name, "names": names}
    lines = [_("%(name)s 督促您落实以下事项：") % {"name": urged_by}] if urged_by else []
    for case in sorted(cases, key=lambda case: (case.due_on, duties[case.duty].order)):
        found = rules.forecast(
            duty=duties[case.duty], period=case.period, required=case.now_required, done=case.now_done,
            planned=case.now_planned, today=today, pack=pack,
        )  # fmt: skip
        if found:
            lines.append(advice(duties[case.duty], case.period, found))
    return title, "\n".join(lines)


def report(cases: list[Case], *, duties: dict[str, Duty]) -> tuple[str, str]:
    """Title and text of the notice to the level above."""
    orgs = len({case.org_id for case in cases})
    title = ngettext(
        "%(orgs)d 个组织逾期未补，请督促", "%(orgs)d 个组织逾期未补，请督促", orgs
    ) % {"orgs": orgs}  # fmt: skip
    lines = [
        _("%(org)s：%(period)s%(short)s") % {
            "org": case.org.name, "period": period_title(case.period), "short": duties[case.duty].short,
        }
        for case in sorted(cases, key=lambda case: (case.org.path, case.due_on))
    ]  # fmt: skip
    if len(lines) > 20:
        lines = [*lines[:20], _("……共 %(count)d 项，详见名单。") % {"count": len(cases)}]
    return title, "\n".join(lines)
