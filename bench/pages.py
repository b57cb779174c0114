"""Every page of the product on a demo city that stands: statements and time of each, for each role of the demo's log-ins.

    GONGJIAN_HOME=… [GONGJIAN_DATABASE=…] python bench/pages.py [--rounds 3] [--worst 20] [--roles city,member] [--json FILE]

The pages are those that the resolver knows, filled in with objects of the demo branch and the last ones of each kind.
The measure is a view that renders the base template for the same person behind the same middleware, in the same run:
trust the ratio. A page within 30 statements and within 4 times that view at the 95th percentile keeps its budget.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
STATEMENTS, TIMES = 30, 4.0
SLOW = 1500  # milliseconds of a first look that are told at once
AGAIN = 20  # rounds for the slowest pages, of which the percentile is taken

# What the ids in addresses are ids of (tests/journeys/ways.py names them), where the last row of the table will do.
MODELS = {
    "fact": "facts.Fact", "grant": "access.RoleGrant", "token": "access.ApiToken", "user": "access.User",
    "place": "places.Place", "basis": "points.NamedListBasis", "correction": "people.CorrectionRequest",
    "appointment": "people.Appointment", "relation": "people.Relation", "circumstance": "people.Circumstance",
    "notice": "notices.Notice", "publication": "publication.Publication", "objection": "publication.Objection",
    "poll": "voting.Poll", "election": "elections.Election", "contest": "elections.Contest", "round": "elections.Round",
    "shift": "elections.TermShift", "decision": "activities.Decision", "follow_up": "activities.FollowUp",
    "series": "activities.Series", "participation": "activities.Participation", "device": "activities.Device",
    "device_row": "activities.DeviceRow", "dues_assessment": "dues.Assessment", "dues_payment": "dues.Payment",
    "dues_relief": "dues.Relief", "dues_consent": "dues.Consent", "dues_movement": "dues.Movement",
    "dues_announcement": "dues.Announcement", "payment_order": "payments.Order", "file": "files.StoredFile",
    "review": "reviews.Review", "review_member": "reviews.ReviewMember", "talk": "talks.Talk", "card": "talks.Card",
    "transfer": "transfers.Transfer", "letter": "transfers.Letter", "stay": "transfers.Stay", "case": "transfers.StandingCase",
    "feed": "feeds.Feed", "batch": "exchange.ImportJob", "admission": "admissions.Admission",
    "observation": "admissions.Observation",
}  # fmt: skip


def hello(request):
    """The least that a page can be: the base template with a heading."""
    from django.shortcuts import render

    return render(request, "ui/base.html", {"title": "hello"})


def ids_of_the_city() -> dict[str, list]:
    """Objects to fill addresses with: the demo branch and the demo's member, else the last row of each table."""
    from django.apps import apps

    from gongjian.desks.activities.models import Activity
    from gongjian.records.access.models import User
    from gongjian.records.people.models import Appointment

    found = {}
    for kind, label in MODELS.items():
        try:
            model = apps.get_model(label)
        except LookupError:
            print(f"no model {label} for {kind}", file=sys.stderr)
            continue
        found[kind] = list(model.objects.order_by("-pk").values_list("pk", flat=True)[:1])
    branch = Appointment.objects.select_related("org").filter(
        person=User.objects.get(username="secretary").person_id, post="secretary"
    )[0].org  # fmt: skip
    found["organisation"] = [int(number) for number in branch.path.strip("/").split("/")]
    found["person"] = [User.objects.get(username="member").person_id]
    found["activity"] = list(
        Activity.objects.filter(org=branch).order_by("-starts_at").values_list("pk", flat=True)[:1]
    ) + list(Activity.objects.filter(org=branch, state="signed_off").values_list("pk", flat=True)[:1])
    return found


def ask(client, address: str) -> SimpleNamespace:
    """One GET: status, statements, milliseconds, whether it was a page at all."""
    from django.db import connection

    count = 0

    def counting(execute, sql, params, many, context):
        nonlocal count
        count += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counting):
        began = time.perf_counter()
        answer = client.get(address)
        spent = time.perf_counter() - began
    html = not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html")
    return SimpleNamespace(status=answer.status_code, count=count, ms=1000 * spent, html=html)


def percentile(values: list[float], share: float) -> float:
    """The value below which this share lies (nearest rank)."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def walk(rounds: int, only: str, roles: list[str]) -> tuple[list[SimpleNamespace], dict[str, list[float]]]:
    """Every page for every role, `rounds` times after a first; and the milliseconds of the bare view by role."""
    from django.test import Client

    from gongjian.records.access.models import User
    from tests.journeys.ways import ways

    known = list(ways(ids_of_the_city()))
    pages, bare = [], {}
    for role in roles:
        print(f"{len(pages)} pages; now as {role}", file=sys.stderr)
        client = Client(raise_request_exception=False)
        client.force_login(User.objects.get(username=role))
        bare[role] = [ask(client, "/bench/hello/").ms for _n in range(40)][10:]
        for way in known:
            if way.of_api or (only and only not in way.path):
                continue
            first = ask(client, way.path)
            if first.ms > SLOW:
                print(f"{first.ms:.0f} ms, {first.count} statements: {role} {way.path}", file=sys.stderr)
            if first.status >= 500:
                print(f"{first.status} {role} {way.path}", file=sys.stderr)
            if first.status != 200 or not first.html:
                continue
            asked = [ask(client, way.path) for _n in range(rounds)]
            pages.append(SimpleNamespace(
                role=role, path=way.path, name=way.route.name, count=max(one.count for one in asked), first=first.ms,
                times=[one.ms for one in asked], client=client,
            ))  # fmt: skip
        bare[role] += [ask(client, "/bench/hello/").ms for _n in range(20)]
    return pages, bare


def main() -> int:
    """Walk, print the worst, and say how many keep the budgets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--worst", type=int, default=20)
    parser.add_argument("--only", default="", help="pages whose address holds this text")
    parser.add_argument("--roles", default="", help="log-ins with commas between; all without")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongjian.config.settings")
    os.environ["GONGJIAN_RELAY"] = "manual"
    os.environ["GONGJIAN_DEMO"] = "1"
    import django
    from django.conf import settings

    django.setup()
    from django.urls import path

    from gongjian.config import urls
    from gongjian.ground.kernel.access import public

    settings.ALLOWED_HOSTS = ["*"]
    urls.urlpatterns.insert(0, path("bench/hello/", public(hello), name="bench-hello"))
    from gongjian.records.access.demo import LOGINS

    pages, bare = walk(asked.rounds, asked.only, asked.roles.split(",") if asked.roles else list(LOGINS))
    floor = {role: percentile(times, 0.95) for role, times in bare.items()}
    for page in sorted(pages, key=lambda page: -statistics.median(page.times) / floor[page.role])[: asked.worst]:
        page.times += [ask(page.client, page.path).ms for _n in range(AGAIN)]
    for page in pages:
        page.p95 = percentile(page.times, 0.95)
        page.ratio = page.p95 / floor[page.role]
    print(f"\nbare view, p95 by role: {', '.join(f'{role} {ms:.1f} ms' for role, ms in floor.items())}")
    print(f"{len(pages)} pages answered (address and role)")
    for title, key in (("slowest", lambda page: -page.ratio), ("most statements", lambda page: -page.count)):
        print(f"\n{title}:\n  times bare   p95 ms   statements  role       page")
        for page in sorted(pages, key=key)[: asked.worst]:
            print(f"  {page.ratio:9.1f}  {page.p95:8.1f}  {page.count:9d}    {page.role:<10} {page.path}")
    over = [page for page in pages if page.count > STATEMENTS]
    slow = [page for page in pages if page.ratio > TIMES]
    print(f"\nover {STATEMENTS} statements: {len(over)} of {len(pages)}; over {TIMES:.0f} times: {len(slow)}")
    if asked.json:
        rows = [
            {"role": page.role, "path": page.path, "statements": page.count, "p95_ms": round(page.p95, 2),
             "times_bare": round(page.ratio, 2)} for page in pages
        ]  # fmt: skip
        asked.json.write_text(json.dumps({"bare_p95_ms": floor, "pages": rows}, ensure_ascii=False, indent=1))
    return 1 if over or slow else 0


if __name__ == "__main__":
    sys.exit(main())
