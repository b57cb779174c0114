"""A view to measure against: Django's own middleware, the same session, one row written by the ORM, committed."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.module_loading import import_string

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.ids import new_id
from gongjian.records.notices.models import Notice


@login_required
def write(request: HttpRequest) -> HttpResponse:
    """One row, one commit, a redirect: the least that a view which writes for somebody can do."""
    with transaction.atomic():
        Notice.objects.create(
            person_id=request.user.person_id, kind="bench", title="bench", link="/", key=f"bench:{new_id()}",
            created_at=clock.now(),
        )  # fmt: skip
    return HttpResponseRedirect("/")


class PlainRoad:
    """Answers /bench/ through the middleware that Django itself brings, and nothing of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.plain: Callable[[HttpRequest], HttpResponse] = write
        for name in reversed(settings.MIDDLEWARE):
            if name.startswith("django.middleware.") or name.startswith("django.contrib."):
                self.plain = import_string(name)(self.plain)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return (self.plain if request.path.startswith("/bench/") else self.get_response)(request)
