"""幂等: a client that repeats a writing request under the same `Idempotency-Key` gets the first answer again.

The key's row, the deed and the kept answer are one transaction: a second request waits at the unique key until the
first has committed, then reads its answer; if the first was killed, nothing of it is left and the second does the deed.
"""

import datetime as dt
import hashlib
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from gongjian.ground.kernel import api, clock
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.outlets.openapi.models import Answered

KEPT_FOR = dt.timedelta(days=2)


class _Undo(Exception):
    """Carries an answer out of the transaction that must not be kept."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


class IdempotencyMiddleware:
    """Around every writing operation of the API that carries the header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        actor = request.actor
        if not key or request.method in ("GET", "HEAD", "OPTIONS") or not request.path.startswith("/api/"):
            return self.get_response(request)
        if len(key) > 120 or not key.isprintable():
            return api.problem(Invalid("Idempotency-Key 应为不超过 120 个可见字符。"))
        if actor.user is None:
            return self.get_response(request)  # answered 401 further in; nothing to keep
        digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body).hexdigest()
        try:
            with transaction.atomic():
                return self._answer(request, actor.user, key, digest)
        except _Undo as undone:
            return undone.response

    def _answer(self, request: HttpRequest, user: int, key: str, digest: str) -> HttpResponse:
        try:
            with transaction.atomic():
                row = Answered.objects.create(user=user, key=key, request=digest)
        except IntegrityError:
            row = Answered.objects.get(user=user, key=key)
            if row.request != digest:
                return api.problem(Refused("这个 Idempotency-Key 已用于另一个请求，请换一个。"))
            answer = HttpResponse(row.body, status=row.status, content_type=row.content_type)
            answer["Idempotent-Replay"] = "true"
            return answer
        response = self.get_response(request)
        if response.status_code >= 500:
            raise _Undo(response)
        row.status, row.content_type = response.status_code, response["Content-Type"]
        row.body = response.content.decode()
        row.save()
        return response


def forget_old() -> None:
    """Drop answers that nobody will ask for again (daily job)."""
    Answered.objects.filter(at__lt=clock.now() - KEPT_FOR).delete()
