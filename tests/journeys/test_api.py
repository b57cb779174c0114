"""The API probed by its own description: no input makes it fail, every answer is one that the description promises."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings

from gongjian.ground.kernel.actor import SYSTEM
from gongjian.outlets.openapi.document import description
from gongjian.records.access import actions as access
from gongjian.records.facts.models import Fact
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import actions as people
from tests.house.routes import operations

API = "/api/v1"
WRITING = sorted({(methods, path) for path, methods, _view in operations() if methods != "GET"})
READING = sorted(path for path, methods, _view in operations() if methods == "GET")


@pytest.fixture
def clerk(cast, city):
    """Somebody of the city's organisation department, who may write nearly everything (工作人员)."""
    person = people.register(by=SYSTEM, org=city.root, name="温办事")
    access.give(person=person, role="city_clerk", org=city.root, by=SYSTEM, reason="测试")
    user = access.open_account(username="clerk", by=SYSTEM, person=person)
    client = Client()
    client.force_login(user)
    return client


def calls(document: dict):
    """(method, path) of every operation of a description."""
    return [(method.upper(), path) for path, found in document["paths"].items() for method in found]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)  # the WSGI application closes connections that stand in a test's transaction
@pytest.mark.parametrize("who", ["clerk", "anonymous"])
def test_schemathesis(who, city, clerk):
    """A bounded, reproducible number of requests to each operation, made up from the OpenAPI document."""
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    schema = schemathesis.openapi.from_dict(description())
    schema.config.update(base_url="http://testserver")
    client = clerk if who == "clerk" else Client()
    headers = {"Accept-Encoding": "identity", "X-CSRFToken": "t" * 32}
    # As cookies of their own: the test's HTTP client drops a Cookie header.
    cookies = {"csrftoken": "t" * 32}
    if who == "clerk":
        cookies["sessionid"] = client.cookies["sessionid"].value
    app = get_wsgi_application()
    wrong: dict[str, str] = {}
    checks = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
    count = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=12, derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def probe(case):
            label = case.operation.label
            answer = case.call(app=app, headers=headers, cookies=cookies)
            try:
                case.validate_response(answer, checks=checks)
            except AssertionError as problem:
                wrong.setdefault(label, str(problem)[:700])
            except BaseException as problem:  # schemathesis groups its findings
                if "Failure" not in type(problem).__name__ and "Group" not in type(problem).__name__:
                    raise
                details = getattr(problem, "exceptions", [problem])
                wrong.setdefault(label, " | ".join(str(one)[:500] for one in details))

        given(case=operation.as_strategy())(probe)()
        count += 1
    assert count == len(calls(description()))
    assert not wrong, "\n\n".join(f"{label}: {text}" for label, text in wrong.items())


NASTY = {
    "a list": "[1, 2, 3]",
    "a text": '"x"',
    "nothing": "null",
    "an empty body": "",
    "half of it": '{"name": ',
    "a lone surrogate": '{"name": "\\ud800", "title": "\\ud800", "value": "\\udfff", "purpose": "\\ud800"}',
    "a number of 400 digits": '{"id": %s, "org": %s, "person": %s, "parent": %s}' % (("9" * 400,) * 4),
    "infinity": '{"id": Infinity, "org": NaN}',
    "a deep nest": "[" * 3000 + "]" * 3000,
    "a NUL": '{"name": "a\\u0000b", "title": "\\u0000"}',
    "bytes that are no text": b"\xff\xfe\x00{",
}


def filled(path: str) -> str:
    import re

    return re.sub(r"<(?:\w+:)?\w+>", "1", path)


@pytest.mark.django_db
@pytest.mark.parametrize("body", NASTY.values(), ids=NASTY)
def test_nonsense_is_refused_in_words(body, clerk):
    """Whatever lies in the body, each writing operation answers with a 4xx that says so, as problem+json."""
    client = clerk
    client.raise_request_exception = False
    wrong = []
    before = Fact.objects.count()
    for _methods, path in WRITING:
        answer = client.post(filled(path), body, content_type="application/json")
        if not 400 <= answer.status_code < 500:
            wrong.append(f"{answer.status_code} {path}")
        elif not answer.headers["Content-Type"].startswith("application/problem+json"):
            wrong.append(f"{path}: {answer.status_code} {answer.headers['Content-Type']}")
        else:
            told = json.loads(answer.content)
            if told["status"] != answer.status_code or not told["title"]:
                wrong.append(f"{path}: {told}")
    assert not wrong, "\n".join(wrong)
    assert Fact.objects.count() == before


NUMBERS = (
    "9" * 400,
    "-1",
    "0",
    "1e9",
    "abc",
    "９",
    "%00",
    "\ud800".encode("utf-8", "surrogatepass").hex(),
    "9223372036854775808",
)


@pytest.mark.django_db
@pytest.mark.parametrize("number", NUMBERS, ids=lambda text: text[:12])
def test_odd_ids_and_parameters(number, clerk):
    """In the address, as a cursor and as a limit: an answer below 500 with a problem's shape, or the page."""
    import re

    client = clerk
    client.raise_request_exception = False
    wrong = []
    for path in READING:
        odd = re.sub(r"<(?:\w+:)?\w+>", number, path)
        for address in (
            odd,
            f"{filled(path)}?limit={number}&cursor={number}&org={number}&period={number}&q={number}&on={number}",
        ):
            answer = client.get(address)
            if answer.status_code >= 500:
                wrong.append(f"{answer.status_code} {address[:120]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_a_body_of_twenty_megabytes_is_refused(clerk):
    client = clerk
    client.raise_request_exception = False
    body = json.dumps({"name": "共" * (20 * 1024 * 1024 // 3)}, ensure_ascii=False)
    wrong = []
    for _methods, path in WRITING:
        answer = client.post(filled(path), body, content_type="application/json")
        if not 400 <= answer.status_code < 500:
            wrong.append(f"{answer.status_code} {path}")
        elif not answer.headers["Content-Type"].startswith("application/problem+json"):
            wrong.append(f"{path}: {answer.status_code} {answer.headers['Content-Type']}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db(transaction=True)
def test_the_same_request_eight_times_at_once_is_one_deed(clerk, city):
    """Under one Idempotency-Key: one organisation, one fact, the same answer for all."""
    session = clerk.cookies["sessionid"].value
    body = {
        "code": "IDEM1", "name": "幂等党支部", "kind": "branch", "parent": city.community.pk, "on": "2026-01-05",
        "founded_on": "2026-01-05",
    }  # fmt: skip
    ready = threading.Barrier(8)

    def ask(_number: int) -> tuple[int, bytes]:
        client = Client()
        client.cookies["sessionid"] = session
        try:
            ready.wait(30)
            answer = client.post(
                f"{API}/organisations", body, "application/json", headers={"Idempotency-Key": "same-1"}
            )
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert len(set(answers)) == 1, answers
    assert answers[0][0] in (200, 201), answers[0]
    assert Organisation.objects.filter(name="幂等党支部").count() == 1
    assert (
        Fact.objects.filter(kind="organisation.founded", org=Organisation.objects.get(name="幂等党支部").pk).count()
        == 1
    )
    other = clerk.post(
        f"{API}/organisations", {**body, "name": "另一个"}, "application/json", headers={"Idempotency-Key": "same-1"}
    )
    assert other.status_code in (409, 422)


@pytest.mark.django_db
def test_a_problem_has_its_shape(cast, clerk):
    for client, path, status in (
        (Client(), f"{API}/organisations", 401), (cast.outsider.client, f"{API}/organisations/99999999", 404),
        (clerk, f"{API}/organisations?cursor=torn", 422),
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == status, path
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        told = json.loads(answer.content)
        assert told["status"] == status
        assert told["title"]
        assert told["code"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/organisations", "/people", "/facts"])
def test_paging_by_key_walks_every_row_once(path, clerk, cast, city):
    """Page by page with three rows each: the same rows as in one page, each once."""
    client = clerk
    whole = client.get(f"{API}{path}?limit=500").json()
    assert whole["next"] is None
    wanted = [row["id"] for row in whole["items"]]
    assert len(wanted) > 6
    walked, cursor = [], None
    while True:
        page = client.get(f"{API}{path}", {"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        walked += [row["id"] for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        assert len(walked) <= len(wanted)
    assert walked == wanted
    assert len(set(walked)) == len(walked)
