"""从记录核: what records and facts say of the items of a list, set-wise for as many organisations as are asked about.

A whole city costs the same few statements as one organisation: one for the subjects, one for each fact that is
counted, one for all duties, one for all posts, one for households.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from gongjian.appraisal.assessments import rules
from gongjian.appraisal.assessments.rules import Body, Found
from gongjian.ground.kernel import clock
from gongjian.ground.policy.assessments_schema import ListItem, RecordsCheck, StandardList
from gongjian.ground.policy.schema import Pack
from gongjian.records.facts.models import Fact
from gongjian.records.orgs import rules as org_rules
from gongjian.records.people.models import Appointment, Dated
from gongjian.records.places.models import Place

FEW = 500  # up to so many organisations they are named in the statement; above, the index on the kind alone is better
SHOWN = 20  # facts named behind one item
ORG = ("kind", "member_count", "formal_count", "committee_count", "group_count", "term_started_on", "term_years")

Results = dict[str, dict[int, Found]]


def bodies(entry: StandardList, pack: Pack, subjects: QuerySet) -> list[Body]:
    """What records know of the subjects of a list; one query, and one more where places are measured."""
    if entry.of == "organisation":
        return [_body(pack, row["pk"], row["pk"], row) for row in subjects.order_by().values("pk", *ORG)]
    rows = list(
        subjects.order_by().values(
            "pk", "community_id", "area", "households", "organisation_id", "organisation__dissolved_on",
            *(f"organisation__{name}" for name in ORG), *(f"community__{name}" for name in ORG),
        )
    )  # fmt: skip
    homes = _households(rows) if any(i.records and i.records.check == "area" for i in entry.items) else {}
    found = []
    for row in rows:
        covered = row["organisation_id"] is not None and row["organisation__dissolved_on"] is None
        side = "organisation" if covered else "community"
        found.append(
            _body(pack, row["pk"], row[f"{side}_id"], {name: row[f"{side}__{name}"] for name in ORG})._replace(
                covered=covered, area=row["area"],
                households=row["households"] or homes.get(row["community_id"], 0),
            )
        )  # fmt: skip
    return found


def _body(pack: Pack, key: int, org: int, row: dict[str, Any]) -> Body:
    kind = pack.org_kinds.get(row["kind"])
    return Body(
        key=key, org=org, kind=row["kind"], has_members=bool(kind and kind.has_members), members=row["member_count"],
        formal=row["formal_count"], committee=row["committee_count"], groups=row["group_count"],
        term_ends=org_rules.term_end(row["term_started_on"], row["term_years"]),
    )  # fmt: skip


def _households(rows: list[dict]) -> dict[int, int]:
    """Households of the estates of each community."""
    found = Place.objects.filter(kind="estate", ended_on__isnull=True)
    if len(communities := {row["community_id"] for row in rows}) <= FEW:
        found = found.filter(community__in=communities)
    return dict(found.order_by().values_list("community").annotate(Sum("households")))


def look(entry: StandardList, pack: Pack, found: list[Body], day: dt.date, *, naming: bool = False) -> Results:
    """Every item from records for these subjects on a day: item → subject → what was found.

    With `naming` the facts behind each item are named (for one subject or a few), else only counted.
    """
    checks = [(item, item.records) for item in entry.items if item.records is not None]
    orgs = {body.org for body in found}
    duties = _duties([check for _item, check in checks if check.check == "duty"], orgs, day)
    posts = _posts({post for _item, check in checks for post in check.posts}, orgs, day)
    results: Results = {}
    for item, check in checks:
        if check.check == "facts":
            counts, named = _facts(check, orgs, day, naming)
            results[item.id] = {
                body.key: rules.counted(check.times or 1, counts.get(body.org, 0), named.get(body.org, ()))
                for body in found
            }
        else:
            results[item.id] = {body.key: _one(check, pack, body, day, duties, posts) for body in found}
    return results


def _one(check: RecordsCheck, pack: Pack, body: Body, day: dt.date, duties: dict, posts: dict) -> Found:
    kind = pack.org_kinds.get(body.kind)
    from_formal = kind.committee_from_formal if kind else None
    if check.check == "duty":
        since, _until = rules.window(day, check.months or 1)
        missed = [fact for fact, on in duties.get((check.duty, body.org), ()) if on >= since]
        return rules.kept(check.allowed, len(missed), _asked(pack, check, body), missed[:SHOWN])
    if check.check == "members":
        return rules.members(body, check.measure or "all_members", check.at_least, check.at_most)
    if check.check == "posts":
        return rules.counted(1, len(posts.get(body.org, set()) & set(check.posts)))
    if check.check == "committee":
        return rules.committee(body, from_formal)
    if check.check == "term":
        return rules.term(body, day)
    if check.check == "covered":
        return Found(body.covered, int(body.covered), 1)
    return rules.area(body, check.at_least or 0, check.per_100_households)


def _asked(pack: Pack, check: RecordsCheck, body: Body) -> bool:
    duty = pack.duties.get(check.duty or "")
    if duty is None or body.kind not in duty.applies_to:
        return False
    if duty.needs == "committee":
        return org_rules.elects_committee(pack, body.kind, body.formal)
    return duty.needs != "groups" or body.groups > 0


def _within(kinds: Iterable[str], orgs: set[int], first: dt.date, last: dt.date) -> QuerySet[Fact]:
    """Uncorrected facts of these kinds and days, of these organisations if they are few."""
    found = Fact.objects.filter(
        kind__in=list(kinds), at__gte=clock.at_time(first), at__lt=clock.at_time(last + dt.timedelta(days=1)),
        org__isnull=False,
    )  # fmt: skip
    if len(orgs) <= FEW:
        found = found.filter(org__in=orgs)
    return found.exclude(Exists(Fact.objects.filter(corrects=OuterRef("pk"))))


def _values(texts: Iterable[str]) -> list[Any]:
    """What a pack's texts can be in a fact's data: the text, a truth value, a whole number."""
    found: list[Any] = []
    for text in texts:
        found.append({"true": True, "false": False}.get(text, text))
        if text.isdecimal():
            found.append(int(text))
    return found


def _facts(check: RecordsCheck, orgs: set[int], day: dt.date, naming: bool) -> tuple[dict, dict]:
    """How many facts each organisation has, and with `naming` the newest of them."""
    first, last = rules.window(day, check.months or 1)
    found = _within([check.fact or ""], orgs, first, last)
    for key, texts in check.where.items():
        found = found.filter(**{f"data__{key}__in": _values(texts)})
    if not naming:
        return dict(found.order_by().values_list("org").annotate(Count("pk"))), {}
    counts: dict[int, int] = {}
    named: dict[int, list[int]] = {}
    for org, pk in found.order_by("-at", "-pk").values_list("org", "pk"):
        counts[org] = counts.get(org, 0) + 1
        if counts[org] <= SHOWN:
            named.setdefault(org, []).append(pk)
    return counts, {org: tuple(facts) for org, facts in named.items()}


def _duties(checks: list[RecordsCheck], orgs: set[int], day: dt.date) -> dict[tuple, list[tuple[int, dt.date]]]:
    """By duty and organisation: the facts that say it fell short, with their days, unless it was made good since."""
    if not checks:
        return {}
    first, last = rules.window(day, max(check.months or 1 for check in checks))
    kinds = ("standing.fell_short", "standing.made_good")
    rows = _within(kinds, orgs, first, last).filter(data__duty__in=sorted({check.duty or "" for check in checks}))
    short: dict[tuple, tuple[int, dt.date]] = {}
    good = set()
    for pk, kind, org, data, at in rows.order_by("pk").values_list("pk", "kind", "org", "data", "at"):
        cell = (data.get("duty"), org, data.get("period"))
        if kind == kinds[1]:
            good.add(cell)
        else:
            short[cell] = (pk, clock.day_of(at))
    found: dict[tuple, list[tuple[int, dt.date]]] = {}
    for (duty, org, period), row in short.items():
        if (duty, org, period) not in good:
            found.setdefault((duty, org), []).append(row)
    return found


def _posts(posts: set[str], orgs: set[int], day: dt.date) -> dict[int, set[str]]:
    """Which of the posts are filled in each organisation; an officer who died or left holds none."""
    if not posts:
        return {}
    rows = Appointment.objects.filter(Dated.current_q(day), post__in=posts)
    if len(orgs) <= FEW:
        rows = rows.filter(org__in=orgs)
    found: dict[int, set[str]] = {}
    for org, post in rows.order_by().values_list("org_id", "post").distinct():
        found.setdefault(org, set()).add(post)
    return found


def points_of(item: ListItem, found: Found) -> int | None:
    """Points of an item from records: all, none, or None where it does not apply."""
    return None if found.met is None else item.points if found.met else 0
