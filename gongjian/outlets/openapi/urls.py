"""The documentation of the API; the API itself hangs on /api/v1 (config/urls.py)."""

from django.urls import path

from gongjian.outlets.openapi import views

app_name = "openapi"
urlpatterns = [path("", views.docs, name="docs")]
