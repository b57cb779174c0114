"""Only the interface's own addresses: no search, no notices, no log-in."""

from django.urls import include, path

urlpatterns = [path("ui/", include("gongjian.ground.ui.urls"))]
