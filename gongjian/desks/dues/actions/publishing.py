"""公布与核实: what members read once a year, and what people found out about months that stay unpaid."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from gongjian.desks.dues import money, queries, rules
from gongjian.desks.dues.models import Announcement, Charge, Finding
from gongjian.desks.dues.sealed import seal_text
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.notices import actions as notices
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Dated, Membership


def content_of(org: Organisation, year: int) -> dict:
    """What would be published: sums and uses; with the pack's `masked` also masked names with months paid, never amounts."""
    dues = queries.dues_on()
    content = {
        "sums": queries.year_of_branch(org, year), "uses": [list(use) for use in queries.uses_of(org, year)],
        "balance": sum(money.balances_of(org.pk).values()), "names": [],
    }  # fmt: skip
    if dues.publishing.names == "masked" and org.level == "branch":
        rows = Charge.objects.filter(org=org, month__startswith=f"{year}-", payment__isnull=False)
        counted = rows.values_list("person__name").annotate(months=Count("pk")).order_by("person__pinyin", "person")
        content["names"] = [[rules.masked_name(name), months] for name, months in counted]
    return content


@transaction.atomic
def publish(*, org: Organisation, year: int, by: Actor, at: dt.datetime | None = None) -> Announcement:
    """Publish a year's dues to the members (公布). Publishing again after a correction makes a new version; both stay."""
    if not by.may_at("dues.confirm", org):
        by.require("dues.assess", org)  # a branch by its secretary, a committee by whoever confirms
    moment = at or clock.now()
    if not 2000 <= year <= clock.day_of(moment).year:
        raise Invalid(_("年份不对。"), field="year")
    last = queries.announcement_of(org.pk, year)
    content = content_of(org, year)
    if last is not None and last.content == content:
        return last
    try:
        with transaction.atomic():
            row = Announcement.objects.create(
                org=org, year=year, version=last.version + 1 if last else 1, content=content, published_by=by.person,
                published_at=moment,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(_("刚刚有人公布过，请刷新页面后再看。")) from None
    facts.record(
        "dues.published", by=by, at=moment, org=org.pk, obj=Ref.of("dues_announcement", row.pk),
        data={"period": str(year)}, source=f"dues:published:{row.pk}",
    )  # fmt: skip
    if org.level == "branch":
        people = Membership.objects.filter(Dated.current_q(clock.day_of(moment)), org=org).values_list(
            "person", flat=True
        )
        notices.tell(
            people=people, kind="dues", title=_("%(year)d年党费收缴情况已公布") % {"year": year},
            link=f"/dues/announcements/{row.pk}/", key=f"dues:published:{row.pk}", at=moment,
        )  # fmt: skip
    return row


@transaction.atomic
def note_finding(
    *, person: int, org: Organisation, outcome: str, text: str, by: Actor, deadline: dt.date | None = None,
    at: dt.datetime | None = None,
) -> Finding:  # fmt: skip
    """What the branch found out (核实): a proper reason, criticised with a deadline, or to be dealt with by procedure.

    Only writes down what people decided (DOMAIN 2.2.14, 3.3.7); nothing follows by itself.
    """
    by.require("dues.assess", org)
    moment = at or clock.now()
    today = clock.day_of(moment)
    if outcome not in dict(Finding.OUTCOMES):
        raise Invalid(_("请选择核实结果。"), field="outcome")
    if len(text.strip()) < 4:
        raise Invalid(_("请写明核实的情况。"), field="text")
    if outcome == "deadline" and (deadline is None or deadline <= today):
        raise Invalid(_("请写明今天以后的期限。"), field="deadline")
    owed = [row.month for row in queries.unpaid_of(person, clock.month_of(today)) if row.org_id == org.pk]
    run = rules.longest_gap(owed, before=clock.month_of(today))
    if not run:
        raise Refused(_("这名党员没有欠交的月份。"))
    row, _new = Finding.objects.update_or_create(
        person_id=person, upto=run[-1],
        defaults={"org": org, "outcome": outcome, "text_sealed": seal_text(text.strip()), "by": by.person, "at": moment,
                  "deadline": deadline if outcome == "deadline" else None},
    )  # fmt: skip
    facts.record(
        "dues.finding_noted", by=by, at=moment, person=person, org=org.pk, obj=Ref.of("dues_finding", row.pk),
        data={"until": run[-1]},
    )  # fmt: skip
    return row
