"""Addresses of publications."""

from django.urls import path

from gongjian.engines.publication import views

app_name = "publication"
urlpatterns = [
    path("", views.overview, name="list"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/note/", views.note, name="note"),
    path("<int:pk>/close/", views.close, name="close"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("objections/<int:objection_id>/answer/", views.answer, name="answer"),
    path("p/<str:slug>/", views.open_page, name="open"),
]
