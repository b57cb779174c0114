"""来的是谁: who stands behind many sessions at once, read set-wise where many arrive in the same moment (ADR 0008).

Nothing is kept between two calls: a session that was ended, an account that was closed and a changed password hold from
the next call on, in every process.
"""

import datetime as dt
import json
from collections.abc import Iterable
from importlib import import_module
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.utils.crypto import constant_time_compare

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.db import json_rows
from gongjian.records.access.models import RoleGrant, User
from gongjian.records.access.queries import MEMBER_ROLE, owes_password
from gongjian.records.people.models import Appointment, Dated

DATABASE_SESSIONS = "django.contrib.sessions.backends.db"


class Arrival(NamedTuple):
    """来者: the person behind a session, and what the session holds (to be read only)."""

    person: int
    user: int
    session: dict[str, Any]


def arrivals(keys: Iterable[str], at: dt.datetime) -> dict[str, Arrival]:
    """Persons by the keys of their sessions, in four statements however many there are.

    Left out is everyone of whom there is more to say: unknown and expired sessions, a changed password, a closed
    account, an account without a person, and whoever owes a new password or may owe a second factor (`queries.owes`).
    They go the ordinary way, which tells them.
    """
    sessions = _sessions(keys, at)
    wanted = {found[SESSION_KEY] for found in sessions.values()}
    users = {str(user.pk): user for user in User.objects.filter(pk__in=wanted, is_active=True, person__isnull=False)}
    day = clock.day_of(at)
    age = policy.on(day).settings.password.max_age_days
    held_back = set() if settings.DEMO else _may_owe_second_factor({user.person_id for user in users.values()}, day)
    found = {}
    for key, session in sessions.items():
        user = users.get(session[SESSION_KEY])
        if user is None or user.person_id in held_back or (not settings.DEMO and owes_password(user, at, age)):
            continue
        if constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
            found[key] = Arrival(user.person_id, user.pk, session)
    return found


def _sessions(keys: Iterable[str], at: dt.datetime) -> dict[str, dict]:
    """What these sessions hold, of those that somebody is logged in to by a back end of ours."""
    if settings.SESSION_ENGINE != DATABASE_SESSIONS:
        return {}
    sql = (
        "SELECT session_key, session_data FROM django_session"
        f" WHERE session_key IN (SELECT key FROM {json_rows({'key': 'text'})}) AND expire_date > %s"
    )
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(at)
        cursor.execute(sql, [json.dumps([[key] for key in set(keys)]), moment])
        rows = cursor.fetchall()
    opened = import_module(settings.SESSION_ENGINE).SessionStore()
    found = {key: opened.decode(text) for key, text in rows}
    return {
        key: session
        for key, session in found.items()
        if session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS and session.get(SESSION_KEY)
    }


def _may_owe_second_factor(persons: set[int], day: dt.date) -> set[int]:
    """Those of these persons who hold a role for which the pack asks a second factor, whether they have set it up or not."""
    pack = policy.on(day)
    asking = {role.id for role in pack.roles if role.second_factor}
    if not asking or not persons:
        return set()
    if asking & {MEMBER_ROLE, *pack.role_of_relation.values()}:
        return persons
    posts = {post.id for post in pack.posts if asking & set(post.confers.values())}
    current = Dated.current_q(day)
    found = set(RoleGrant.objects.filter(current, person__in=persons, role__in=asking).values_list("person", flat=True))
    if posts:
        held = Appointment.objects.filter(current, person__in=persons, post__in=posts)
        found |= set(held.values_list("person", flat=True))
    return found
