"""Addresses of the statistics."""

from django.urls import path

from gongjian.outlets.statistics import views

app_name = "statistics"
urlpatterns = [
    path("", views.tables, name="tables"),
    path("excel/", views.excel, name="excel"),
    path("members/", views.members, name="members"),
    path("organisations/", views.organisations, name="organisations"),
]
