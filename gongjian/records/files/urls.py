"""Addresses of files."""

from django.urls import path

from gongjian.records.files import views

app_name = "files"
urlpatterns = [
    path("<str:key>/", views.download, name="download"),
    path("<str:key>/remove/", views.remove, name="remove"),
    path("<slug:subject_kind>/<str:subject_id>/add/", views.add, name="add"),
]
