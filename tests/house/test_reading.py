"""Reading changes nothing: every page that can be fetched is fetched, on a connection that refuses to write.

While a template renders, the connection refuses to be asked at all: what a page shows was read before.
"""

import re
from contextlib import ExitStack
from unittest import mock

import pytest
from django.db import connection
from django.template.base import Template
from django.urls import NoReverseMatch, reverse

from tests.house.routes import routes

# What keeping somebody logged in writes, whoever asks for whatever.
HOUSEKEEPING = re.compile(r"\b(django_session|axes_\w+|account_\w+|usersessions_\w+|last_login)\b")
WRITES = re.compile(r"^\s*(?:WITH\b.*?\b)?(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|ALTER|DROP|CREATE)\b", re.I | re.S)
ROLES = ("admin", "city", "secretary", "member", "resident", "outsider")
OTHERS_PAGES = ("allauth.", "django.")


class WroteWhileReading(AssertionError):
    """A page wrote to the database although it was only looked at."""


class AskedWhileRendering(AssertionError):
    """A template asked the database."""


def refuse_writes(execute, sql, params, many, context):
    if WRITES.match(sql) and not HOUSEKEEPING.search(sql):
        raise WroteWhileReading(sql[:300])
    return execute(sql, params, many, context)


def refuse_all(execute, sql, params, many, context):
    raise AskedWhileRendering(sql[:300])


@pytest.fixture
def samples(city, cast):
    """An existing object for each parameter that a URL takes, by the parameter's name or by `namespace:parameter`."""
    return {
        "org_id": city.branch.pk,
        "orgs:pk": city.branch.pk,
        "person_id": cast.member.person.pk,
        "people:pk": cast.member.person.pk,
        "facts:kind": "organisation",
        "facts:ident": city.branch.pk,
        **dict.fromkeys(("pk", "id", "activity_id", "batch_id", "place_id", "token_id", "grant_id", "duty_id"), 1),
        **dict.fromkeys(("notice_id", "session_id", "fact_id", "posting_id", "seq", "version", "number"), 1),
        **dict.fromkeys(("poll_id", "follow_up_id", "election_id", "contest_id", "round_id", "shift_id"), 1),
        **dict.fromkeys(("objection_id", "observation_id", "series_id", "joining_id", "device_id", "row_id"), 1),
        **dict.fromkeys(("code", "key", "slug", "name", "kind", "duty", "sheet", "figure", "figure_id"), "none"),
        **dict.fromkeys(
            ("sheet_id", "step_id", "field", "token", "role", "slot", "rule", "rule_id", "measure", "what"), "none"
        ),
        **dict.fromkeys(("activities:device_id", "activities:row_id", "feeds:feed_id"), 1),
        "activities:secret": "none",
        "feeds:secret": "none",
        **dict.fromkeys(("review_id", "member_id", "talk_id", "card_id"), 1),
        **dict.fromkeys(("transfer_id", "letter_id", "stay_id", "case_id"), 1),
        "transfers:deed": "contact",
        "order_id": 1,
        **{"orders:kind": "repair", "orders:token": "0" * 32, "orders:deed": "accept", "orders:key": "none"},
        "standard": "branch_standard",
        "assessments:subject_id": city.branch.pk,
        "assessments:deed": "assess",
        "standards:pk": city.branch.pk,
        **dict.fromkeys(("excuse_id", "moratorium_id"), 1),
        "standards:duty": "theme_day_monthly",
        **dict.fromkeys(
            ("assessment_id", "payment_id", "relief_id", "consent_id", "movement_id", "announcement_id"), 1
        ),
        **dict.fromkeys(("config", "order"), "none"),
        "points:ident": city.branch.pk,
        "points:fact": 1,
        "points:person": cast.member.person.pk,
        "points:year": "2026",
        "access:person": cast.member.person.pk,
        "access:user": cast.member.user.pk,
        **dict.fromkeys(("access:grant", "access:token"), 1),
        "notices:robot_id": 1,
        "burden:week": "2026-11-09",
        "dashboards:ident": "grid_coverage",
        **dict.fromkeys(("files:subject_kind", "files:subject_id"), "none"),
        "draft_id": 1,
        "trial_id": 1,
        "trial:part": "rules",
        "trial:entry": "attend_theme_day",
        "period": "2026-11",
        "month": "2026-11",
        "year": 2026,
        "day": "2026-11-16",
        "line": "parent",
        "path": "none",
    }


def addresses(samples) -> tuple[dict[str, str], list[str]]:
    """Route → address with sample objects filled in, and the routes for which a sample is missing."""
    found, missing = {}, []
    for route in routes():
        if route.of_ninja or route.name.endswith(":") or not route.name or route.module.startswith(OTHERS_PAGES):
            continue
        namespace = route.name.rpartition(":")[0]
        values = {}
        for parameter in route.parameters:
            known = samples.get(f"{namespace}:{parameter}", samples.get(parameter))
            if known is None:
                missing.append(f"{route}: {parameter}")
            values[parameter] = known
        try:
            found[str(route)] = reverse(route.name, kwargs=values)
        except NoReverseMatch as problem:
            missing.append(f"{route}: {problem}")
    return found, missing


@pytest.mark.django_db
def test_there_is_a_sample_for_every_parameter(samples):
    found, missing = addresses(samples)
    assert found
    assert not missing, "tests/house/test_reading.py needs a sample value:\n" + "\n".join(missing)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_a_get_never_writes_and_no_template_asks(role, cast, samples):
    client = getattr(cast, role).client
    client.raise_request_exception = False
    plain = Template._render
    depth = 0

    def render_without_asking(template, context):
        nonlocal depth
        if depth:
            return plain(template, context)
        depth += 1
        try:
            with connection.execute_wrapper(refuse_all):
                return plain(template, context)
        finally:
            depth -= 1

    broken, answered = [], 0
    problems = []
    with ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(refuse_writes))
        stack.enter_context(mock.patch.object(Template, "_render", render_without_asking))
        stack.enter_context(mock.patch("django.core.handlers.exception.response_for_exception", _keeping(problems)))
        for name, address in addresses(samples)[0].items():
            problems.clear()
            response = client.get(address)
            if response.streaming:
                b"".join(response.streaming_content)
            if problems or response.status_code >= 500:
                broken.append(f"{name}: {response.status_code} {problems[:1]}")
            answered += response.status_code == 200
    assert answered > 3
    assert not broken, "\n".join(broken)


def _keeping(problems):
    """Django turns exceptions into answers; keep those that no answer below 500 was meant for."""
    from django.core.handlers import exception

    plain = exception.response_for_exception

    def keep(request, exc):
        if isinstance(exc, WroteWhileReading | AskedWhileRendering):
            problems.append(exc)
        return plain(request, exc)

    return keep
