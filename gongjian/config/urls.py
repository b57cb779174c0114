"""地址: every room's pages under its own prefix; a room without `urls` has no pages."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.urls import include, path

from gongjian.outlets.openapi.document import api
from gongjian.records.access.views import log_in

PREFIXES = {"workbench": "", "ui": "ui/", "openapi": "api/docs/"}


def _rooms() -> list:
    found = []
    for config in apps.get_app_configs():
        if config.name.startswith("gongjian.") and find_spec(config.name + ".urls"):
            module = import_module(config.name + ".urls")
            found.append(path(PREFIXES.get(config.label, f"{config.label}/"), include(module)))
    return found


urlpatterns = [
    path("api/v1/", api().urls),
    path("accounts/login/", log_in, name="account_login"),  # before allauth's own: counts failures
    path("accounts/", include("allauth.urls")),
    *_rooms(),
]

handler400 = "gongjian.ground.ui.views.bad_request"
handler403 = "gongjian.ground.ui.views.forbidden"
handler404 = "gongjian.ground.ui.views.not_found"
handler500 = "gongjian.config.outage.handler500"
