"""快车道: check-ins of a full hall, taken in front of Django and committed together (ADR 0008).

A WSGI callable that knows one request, the form of the check-in page, and only its plain, good case. It reads the form,
compares the token against forgery and hands it to one thread, which asks who all those waiting are, checks all of them in
with one commit, and then answers. Anything else, and every check-in that does not simply succeed, goes the ordinary way
through Django with its body put back: what the rules are and what is said about them stands there alone.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import NamedTuple
from urllib.parse import parse_qsl

from csp.utils import build_policy
from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host
from django.middleware.csrf import InvalidTokenFormat, _check_token_format, _does_token_match

from gongjian.desks.activities import tickets
from gongjian.desks.activities.actions import Knock, check_in_together
from gongjian.ground.kernel import clock
from gongjian.records.access.arrivals import DATABASE_SESSIONS, arrivals

log = logging.getLogger(__name__)

PATH = re.compile(r"/activities/([1-9][0-9]{0,17})/check-in/")
FORMS = ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8")
MOST_BYTES = 2048  # of a form: a token, a code or a ticket
MOST_TOGETHER = 256
PATIENCE = 10.0  # seconds; then the request goes the ordinary way, which may come to the same row and finds it written
IDLE = 5.0  # seconds without a check-in after which a connection is looked at again before it is used


class Asked(NamedTuple):
    """What a good form says: the meeting, who asks by which session, the code or the ticket."""

    activity: int
    session: str
    code: str
    ticket: str


class Waiting:
    """One request that waits for the common commit; `came` is whether it was checked in."""

    __slots__ = ("asked", "came", "gate")

    def __init__(self, asked: Asked) -> None:
        self.asked, self.came = asked, False
        self.gate = threading.Lock()
        self.gate.acquire()


class Together:
    """The one thread of a process that commits check-ins: while one commit is under way, the next batch gathers."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._queue: list[Waiting] = []
        self._bell = threading.Semaphore(0)
        self._thread: threading.Thread | None = None

    def check_in(self, asked: Asked) -> bool:
        """Wait for the common commit; whether it checked this one in. False says nothing but: ask the ordinary way."""
        waiting = Waiting(asked)
        with self._mutex:
            if (
                self._thread is None or not self._thread.is_alive()
            ):  # started in the process that serves, not before a fork
                self._thread = threading.Thread(target=self._run, name="gongjian-express", daemon=True)
                self._thread.start()
            self._queue.append(waiting)
            first = len(self._queue) == 1
        if first:
            self._bell.release()
        return waiting.gate.acquire(timeout=PATIENCE) and waiting.came

    def _run(self) -> None:
        last = 0.0
        while True:
            self._bell.acquire()
            with self._mutex:
                batch, self._queue = self._queue[:MOST_TOGETHER], self._queue[MOST_TOGETHER:]
                if self._queue:
                    self._bell.release()
            try:
                if time.monotonic() - last > IDLE:
                    close_old_connections()
                answer(batch)
            except Exception:
                # Nothing was committed, nobody is told that it was; each asks the ordinary way.
                log.exception("check-ins could not be committed together")
                for waiting in batch:
                    waiting.came = False
                connection.close()
            finally:
                last = time.monotonic()
                for waiting in batch:
                    waiting.gate.release()


def answer(batch: list[Waiting]) -> None:
    """Check in all who wait, in one transaction, and say on each whether it was done. Raises if the commit failed."""
    at = clock.now()
    with transaction.atomic():
        known = arrivals({waiting.asked.session for waiting in batch}, at)
        knocking, knocks = [], []
        for waiting in batch:
            asked, arrival = waiting.asked, known.get(waiting.asked.session)
            if arrival is not None:
                seen = tickets.has_seen(asked.ticket, arrival.session, asked.activity, arrival.person)
                knocking.append(waiting)
                knocks.append(Knock(asked.activity, arrival.person, asked.code, seen))
        done = check_in_together(knocks=knocks, at=at) if knocks else []
    for waiting, checked_in in zip(knocking, done, strict=True):
        waiting.came = checked_in is not None


class Express:
    """WSGI in front of WSGI: answers a good check-in itself, hands everything else on."""

    def __init__(self, ordinary: Callable[[dict, Callable], Iterable[bytes]]) -> None:
        self.ordinary = ordinary
        self.together = Together()
        # Settings under which the checks below would not be those of the middleware: then all go the ordinary way.
        self.open = (
            settings.SESSION_ENGINE == DATABASE_SESSIONS
            and not settings.CSRF_USE_SESSIONS
            and not settings.SESSION_SAVE_EVERY_REQUEST
            and not settings.SECURE_SSL_REDIRECT
            and not settings.USE_X_FORWARDED_HOST
        )
        self.headers = [
            ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "0"), ("Vary", "Cookie, Accept-Language"),
            ("Content-Language", settings.LANGUAGE_CODE), ("X-Frame-Options", settings.X_FRAME_OPTIONS),
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
            ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
            ("Content-Security-Policy", build_policy()),
        ]  # fmt: skip

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if not self.open or environ["REQUEST_METHOD"] != "POST":
            return self.ordinary(environ, start_response)
        path = environ.get("PATH_INFO", "")
        found = PATH.fullmatch(path)
        if found is None:
            return self.ordinary(environ, start_response)
        asked = read(environ, int(found[1]))
        if asked is None or not self.together.check_in(asked):
            return self.ordinary(environ, start_response)
        start_response("302 Found", [("Location", path), *self.headers])
        return [b""]


def read(environ: dict, activity: int) -> Asked | None:
    """What a form says if everything about the request is as a browser of ours sends it; None otherwise.

    The body is put back, for whoever reads it next.
    """
    size = environ.get("CONTENT_LENGTH") or ""
    if (
        not size.isascii() or not size.isdecimal() or int(size) > MOST_BYTES or environ.get("SCRIPT_NAME")
        or environ.get("QUERY_STRING") or environ.get("CONTENT_TYPE", "").lower() not in FORMS
        or "HTTP_X_HTTP_METHOD_OVERRIDE" in environ or not comes_from_here(environ)
    ):  # fmt: skip
        return None
    cookies = parse_cookie(environ.get("HTTP_COOKIE", ""))
    session = cookies.get(settings.SESSION_COOKIE_NAME, "")
    secret = cookies.get(settings.CSRF_COOKIE_NAME, "")
    if not session.isalnum() or not session.isascii() or not secret:
        return None
    body = environ["wsgi.input"].read(int(size))
    environ["wsgi.input"] = BytesIO(body)
    try:
        form = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=10))
        token = form.get("csrfmiddlewaretoken") or environ.get(settings.CSRF_HEADER_NAME, "")
        _check_token_format(secret)
        _check_token_format(token)
        if not _does_token_match(token, secret):
            return None
    except (ValueError, InvalidTokenFormat):
        return None
    return Asked(activity, session, form.get("code", ""), form.get("ticket", ""))


def comes_from_here(environ: dict) -> bool:
    """Whether the request names a host of ours, and was sent by a page of the same address (as Django's own check asks).

    Over HTTPS a browser's Origin is asked for; who sends a Referer alone goes the ordinary way.
    """
    host = environ.get("HTTP_HOST", "")
    domain, _port = split_domain_port(host)
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    secure = environ.get("wsgi.url_scheme") == "https"
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        told = environ.get(name)
        if told is not None:
            secure = told.split(",", 1)[0].strip() == value
    origin = environ.get("HTTP_ORIGIN")
    return origin == f"{'https' if secure else 'http'}://{host}" if origin is not None else not secure
