"""登录设备的最近活动: when a session was last seen, written now and then instead of at every request."""

import datetime as dt
import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse

from gongjian.ground.kernel import clock

EVERY = 300.0  # seconds; the page of one's sessions says "a few minutes ago" anyway
MOST_KEPT = 50_000


class SessionActivityMiddleware:
    """Keeps 最近活动 of the list of sessions up to date without making a page that only reads into one that writes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._written: dict[str, float] = {}  # by session key, of this process

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated and self._is_due(key) and not self._is_fresh(key):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)

    def _is_due(self, key: str) -> bool:
        now = time.monotonic()
        if now - self._written.get(key, -EVERY) < EVERY:
            return False
        if len(self._written) >= MOST_KEPT:
            self._written.clear()
        self._written[key] = now
        return True

    @staticmethod
    def _is_fresh(key: str) -> bool:
        """Another process, or the log-in itself, has just written it."""
        since = clock.now() - dt.timedelta(seconds=EVERY)
        return UserSession.objects.filter(session_key=key, last_seen_at__gt=since).exists()
