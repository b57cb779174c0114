"""What comes round by itself: this month's charges, quiet reminders. Nothing here decides about a person."""

import datetime as dt
from collections import defaultdict

from django.utils.translation import gettext as _

from gongjian.desks.dues import queries
from gongjian.desks.dues.actions.charging import charge_month
from gongjian.desks.dues.models import Charge
from gongjian.ground.kernel import clock
from gongjian.records.notices.actions import tell_many
from gongjian.records.people.models import Appointment, Dated


def charge(day: dt.date | None = None) -> int:
    """Write this month's charges for everybody who is assessed; returns how many are new. Any run again is harmless."""
    return charge_month(clock.month_of(day or clock.today()))


def remind(day: dt.date | None = None) -> int:
    """On the pack's days tell members, each alone, that this month or earlier ones are open, and secretaries how many.

    A member hears at most once a day of the pack's list, and never an amount. Returns how many notices are new.
    """
    day = day or clock.today()
    dues, month = queries.dues_on(day), clock.month_of(day)
    if day.day not in dues.paying.remind_days:
        return 0
    open_months: dict[int, list[str]] = defaultdict(list)
    late_in: dict[int, set[int]] = defaultdict(set)
    rows = Charge.objects.filter(month__lte=month, payment__isnull=True, amount__gt=0).order_by("month")
    for person, org, owed in rows.values_list("person", "org", "month").iterator(chunk_size=5000):
        open_months[person].append(owed)
        if owed < month:
            late_in[org].add(person)
    told = tell_many(
        {
            "person": person, "kind": "dues", "title": _("党费提醒"), "link": "/dues/mine/", "key": f"dues:remind:{day}",
            "body": _("您的党费有 %(count)d 个月还没有交（%(first)s 起）。请在方便的时候交纳；有困难请告诉支部。")
            % {"count": len(months), "first": months[0]} if months[0] < month
            else _("这个月的党费请在 %(day)d 日前交纳。") % {"day": dues.paying.pay_by_day},
        }
        for person, months in open_months.items()
    )  # fmt: skip
    heads = Appointment.objects.filter(Dated.current_q(day), org__in=late_in, post="secretary")
    return told + tell_many(
        {
            "person": person, "kind": "dues", "title": _("支部有党员欠交党费"), "link": f"/dues/{org}/late/",
            "body": _("%(count)d 人有以前月份没有交，请了解情况。") % {"count": len(late_in[org])}, "key": f"dues:late:{org}:{day}",
        }
        for person, org in heads.values_list("person", "org")
    )  # fmt: skip
