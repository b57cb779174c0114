"""门禁: each view says who may come in. A view that says nothing is refused by the middleware and by a house test."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.ground.kernel.errors import Unauthenticated

PUBLIC = "public"
SIGNED_IN = "signed_in"


def declare(view: Callable, access: str) -> Callable:
    """Write on a view's plate who may enter: `public`, `signed_in` or a permission code."""
    view.gongjian_access = access  # type: ignore[attr-defined]
    return view


def public(view: Callable) -> Callable:
    """Anyone may enter."""
    return declare(view, PUBLIC)


def to_login(request: HttpRequest) -> HttpResponse:
    """Send someone we do not know to the log-in page, and back here afterwards."""
    here = request.get_full_path() if request.method == "GET" else "/"
    return HttpResponseRedirect(reverse("account_login") + "?" + urlencode({"next": here}))


def needs(code: str) -> Callable[[Callable], Callable]:
    """Who holds this permission anywhere may enter (`signed_in`: whoever is logged in).

    Which objects they get is decided by the room's queries, never here.
    """

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = request.actor  # type: ignore[attr-defined]
            if not actor.is_authenticated:
                raise Unauthenticated(_("请先登录。"))
            if code != SIGNED_IN:
                actor.require(code)
            return view(request, *args, **kwargs)

        return declare(guarded, code)

    return decorate


signed_in = needs(SIGNED_IN)
