"""Every way in with real objects filled in: addresses of pages and of the API, made from the resolver."""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from urllib.parse import quote

from tests.house.routes import Route, routes

OTHERS = ("allauth.", "django.")  # pages of libraries: log-in and one's own account
NOBODY = 99_999_999  # an id that nothing has

# What an id in an address is the id of: by the route's name where it is not by its namespace and parameter.
KINDS = {
    "orgs:pk": "organisation", "people:pk": "person", "points:fact": "fact", "facts:pk": "fact", "facts:ident": "person",
    "standards:pk": "organisation", "access:person": "person", "access:grant": "grant", "access:token": "token",
    "access:user": "user", "activities:activity_id": "activity", "exchange:pk": "batch", "places:pk": "place",
    "points:person ident": "person", "points:give ident": "person", "points:organisation ident": "organisation",
    "points:named ident": "organisation", "points:request_basis ident": "organisation",
    "points:approve_basis ident": "basis", "points:end_basis ident": "basis",
    "people:answer pk": "correction", "people:end_appointment pk": "appointment", "people:end_relation pk": "relation",
    "workbench:notice_id": "notice",
    "publication:pk": "publication", "publication:objection_id": "objection",
    "voting:poll_id": "poll", "/api/v1/polls poll_id": "poll", "/api/v1/appointments ident": "appointment",
    "elections:election_id": "election", "elections:contest_id": "contest",
    "elections:round_id": "round", "elections:shift_id": "shift", "elections:org_id": "organisation",
    "/api/v1/elections election_id": "election", "/api/v1/contests contest_id": "contest",
    "/api/v1/rounds round_id": "round", "/api/v1/shifts shift_id": "shift", "/api/v1/terms org_id": "organisation",
    "activities:follow_up_id": "follow_up", "/api/v1/follow-ups follow_up_id": "follow_up",
    "/api/v1/activities decision_id": "decision",
    "people:end_circumstance pk": "circumstance", "people:consent_circumstance pk": "circumstance",
    "/api/v1/circumstances ident": "circumstance",
    "dues:org_id": "organisation", "dues:person_id": "person", "dues:assessment_id": "dues_assessment",
    "dues:payment_id": "dues_payment", "dues:relief_id": "dues_relief", "dues:consent_id": "dues_consent",
    "dues:movement_id": "dues_movement", "dues:announcement_id": "dues_announcement", "payments:order": "payment_order",
    "activities:series_id": "series", "activities:joining_id": "participation",
    "/api/v1/activity-years org_id": "organisation", "/api/v1/activity-series series_id": "series",
    "/api/v1/joint-activities joining_id": "participation",
    "files:key": "file", "files:subject_id": "review", "/api/v1/files subject_id": "review", "/api/v1/file key": "file",
    "reviews:review_id": "review", "reviews:member_id": "review_member", "talks:talk_id": "talk", "talks:card_id": "card",
    "/api/v1/reviews review_id": "review", "/api/v1/reviews member_id": "review_member", "/api/v1/talks talk_id": "talk",
    "/api/v1/birthday-cards card_id": "card",
    "transfers:transfer_id": "transfer", "transfers:letter_id": "letter", "transfers:person_id": "person",
    "transfers:stay_id": "stay", "transfers:case_id": "case", "/api/v1/transfers transfer_id": "transfer",
    "/api/v1/mobile-members stay_id": "stay", "/api/v1/mobile-members person": "person",
    "/api/v1/standing-cases case_id": "case",
    "standards:excuse_id": "excuse", "standards:moratorium_id": "moratorium", "/api/v1/standings excuse_id": "excuse",
    "/api/v1/standings moratorium_id": "moratorium", "/api/v1/standings org_id": "organisation",
    "activities:person_id": "person", "activities:device_id": "device", "activities:row_id": "device_row",
    "/api/v1/activities device": "device", "/api/v1/activities row": "device_row", "feeds:feed_id": "feed",
    "/api/v1/feeds feed_id": "feed", "notices:robot_id": "robot", "/api/v1/notices message_id": "outgoing",
    "orders:order_id": "order", "orders:org_id": "organisation", "/api/v1/orders order_id": "order",
    "points:appeal ident": "appeal", "points:my_appeal ident": "appeal", "points:withdraw_appeal ident": "appeal",
    "points:close ident": "close", "points:close_again ident": "close", "points:posted ident": "close",
    "points:exemption ident": "exemption", "points:approve_exemption ident": "exemption",
    "points:refuse_exemption ident": "exemption", "points:end_exemption ident": "exemption", "points:person": "person",
    "/api/v1/points appeal": "appeal", "/api/v1/points close": "close", "/api/v1/points exemption": "exemption",
    "trial:draft_id": "draft", "trial:trial_id": "trial", "/api/v1/policy-drafts ident": "draft",
    "/api/v1/policy-trials ident": "trial", "assessments:pk": "assessment", "assessments:place_id": "place",
    "assessments:subject_id": "organisation", "/api/v1/assessments ident": "assessment",
    # the API: by the text of the address
    "/api/v1/dues org": "organisation", "/api/v1/dues assessment": "dues_assessment", "/api/v1/dues payment": "dues_payment",
    "/api/v1/dues relief": "dues_relief", "/api/v1/dues movement": "dues_movement",
    "/api/v1/publications publication_id": "publication", "/api/v1/objections objection_id": "objection",
    "admissions:pk": "admission", "admissions:observation_id": "observation",
    "/api/v1/admissions admission_id": "admission", "/api/v1/admission-observations observation_id": "observation",
    "/api/v1/facts ident": "fact", "/api/v1/imports ident": "batch", "/api/v1/people person": "person",
    "/api/v1/people ident": "person", "/api/v1/organisations org": "organisation",
    "/api/v1/organisations ident": "organisation", "/api/v1/activities ident": "activity",
    "/api/v1/activities activity": "activity", "/api/v1/activities activity_id": "activity",
    "/api/v1/activities person": "person", "/api/v1/places ident": "place", "/api/v1/notices ident": "notice",
}  # fmt: skip


def words() -> dict[str, Iterable[str]]:
    """What a word in an address may be, by namespace and parameter."""
    from gongjian.desks.elections.views.deeds import DEEDS as ELECTION_DEEDS
    from gongjian.ground import policy
    from gongjian.ground.kernel import registry
    from gongjian.records.orgs.views.deeds import DEEDS as ORG_DEEDS
    from gongjian.records.people.models import PROTECTED
    from gongjian.records.people.views.deeds import DEEDS as PERSON_DEEDS

    pack = policy.current()
    sheets = [path.rpartition(".")[2].lower() for room in registry.rooms() for path in room.sheets]
    return {
        "feeds:secret": ["x" * 32], "orgs:name": list(ORG_DEEDS), "elections:name": list(ELECTION_DEEDS),
        "people:name": list(PERSON_DEEDS), "people:field": PROTECTED,
        "activities:secret": ("none",), "/api/v1/activity-years year_number": ("2026",),
        "files:subject_kind": ("review",), "/api/v1/files subject_kind": ("review",),
        "transfers:deed": ("accept", "withdraw", "contact", "report", "decide"),
        "/api/v1/transfers deed": ("accept", "withdraw"), "/api/v1/mobile-members stay_deed": ("return", "report", "paper"),
        "/api/v1/mobile-members member_deed": ("contact", "lost"), "/api/v1/standing-cases case_deed": ("approve", "drop"),
        "facts:kind": ("person", "organisation", "activity"), "publication:slug": ("none",),
        "admissions:step_id": ("contacts",), "standards:duty": [pack.duties[0].id, "theme_day_monthly"],
        "/api/v1/standings duty": ["theme_day_monthly"], "/api/v1/standings period": ["2026-11"],
        "standards:period": ["2026-11", "2026Q4"], "exchange:sheet_id": sheets,
        "dues:month": ["2026-11"], "dues:year": ["2026"], "/api/v1/dues month": ["2026-11"], "/api/v1/dues year": ["2026"],
        "payments:config": ["default"],
        "points:year": ["2026"], "/api/v1/people year": ["2026"], "trial:part": ("duties",), "trial:entry": ("none",),
        "assessments:standard": [entry.id for entry in pack.assessments.lists], "assessments:deed": ("assess",),
        "/api/v1/assessments step": ("assess",),
        "burden:week": ("2026-11-09",), "burden:what": ("deed", "message"), "burden:code": ("attend",),
        "orders:kind": ["repair"], "orders:token": ["0" * 32], "orders:key": ["none"], "orders:deed": ["accept", "contact", "finish"],
        "/api/v1/order-requests token": ["0" * 32], "/api/v1/order-rates month": ["2026-11"],
        "dashboards:ident": [figure.id for figure in pack.figures][:6], "/api/v1/figures ident": [f.id for f in pack.figures][:6],
    }  # fmt: skip


@dataclass
class Way:
    """One address: what it is the address of, and the same with an id that nothing has."""

    route: Route
    path: str
    missing: str = ""
    kinds: set[str] = field(default_factory=set)

    @property
    def of_api(self) -> bool:
        return self.route.of_ninja


def ways(ids: dict[str, list[int]]) -> Iterator[Way]:
    """Every address of the program with these objects filled in; raises LookupError for a parameter nobody explained."""
    known_words = words()
    for route in routes():
        if route.module.startswith(OTHERS) or route.name.startswith("account"):
            continue
        names = list(route.parameters) or re.findall(r"<(?:\w+:)?(\w+)>", route.text)
        namespace = route.name.rpartition(":")[0]
        place = "/".join(route.text.split("/")[:4]) if route.of_ninja else namespace
        choices, kinds = [], set()
        for name in names:
            kind = KINDS.get(f"{route.name} {name}") or KINDS.get(f"{place} {name}") or KINDS.get(f"{place}:{name}")
            if f"{place} {name}" in known_words or f"{place}:{name}" in known_words:
                found = known_words.get(f"{place} {name}") or known_words[f"{place}:{name}"]
                choices.append([(name, word, word) for word in found])
            elif kind:
                kinds.add(kind)
                choices.append([(name, ident, NOBODY) for ident in ids.get(kind, ())])
            else:
                raise LookupError(f"{route}: say in tests/journeys/ways.py what “{name}” is (place: {place})")
        for filled in product(*choices):
            yield Way(
                route, fill(route.text, {name: value for name, value, _ in filled}),
                fill(route.text, {name: other for name, _, other in filled}) if kinds else "", kinds,
            )  # fmt: skip


def fill(text: str, values: dict[str, object]) -> str:
    """The address of a pattern's text with these values."""
    for name, value in values.items():
        text = re.sub(rf"<(?:\w+:)?{name}>", quote(str(value)), text)
    return text


def readable(response) -> str:
    """All that an answer tells: text, JSON with its characters, every part of a workbook, and where it leads."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "")
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            text = "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    elif "json" in kind and body:
        text = json.dumps(json.loads(body), ensure_ascii=False)
    else:
        text = body.decode("utf-8-sig" if "csv" in kind else "utf-8", "replace")
    return text + "\n" + response.headers.get("Location", "") + response.headers.get("Content-Disposition", "")


CHANCE = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"|"X-CSRFToken": "\w+"|"csrf": ?"\w+"|"now_ms": ?\d+|[0-9a-f]{8}-[0-9a-f-]{27}'
    r"|\d\d?:\d\d(:\d\d)?(\.\d+)?|value=\"[\w:-]+:[\w-]{40,}\""
)


def settled(text: str) -> str:
    """An answer without what differs by chance: tokens, times of the day."""
    return CHANCE.sub("·", text)
