"""The page that a device keeps to work without network: an empty shell without anybody's data, and its service worker."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from gongjian.ground.kernel.access import public
from gongjian.ground.ui import offline
from gongjian.ground.ui.shortcuts import page

# What the shell asks for; all of it is kept on the device.
FILES = (
    "ui/vendor/tabler.min.css", "ui/gongjian.css", "activities/activities.css", "activities/hall.css", "activities/hall.js",
    "activities/hall-store.js", "ui/icons.svg", "ui/logo.svg",
)  # fmt: skip


@public
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """The page itself; names and tokens come from the device's own store."""
    return page(request, "activities/hall.html", {
        "worker": reverse("activities:hall_worker"), "join": "/api/v1/check-in-devices/join",
        "batch": "/api/v1/check-in-devices/batch",
    })  # fmt: skip


@public
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: our own script, with the list of what it keeps in front."""
    return offline.worker("gongjian-hall-", reverse("activities:hall"), FILES)
