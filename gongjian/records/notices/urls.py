"""Addresses of channels and the outbox; the notices themselves are shown by the workbench."""

from django.urls import path

from gongjian.records.notices import views

app_name = "notices"
urlpatterns = [
    path("channels/", views.channels, name="channels"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/again/", views.send_again, name="send_again"),
    path("outbox/test/", views.send_test, name="send_test"),
    path("robots/add/", views.add_robot, name="add_robot"),
    path("robots/<int:robot_id>/close/", views.close_robot, name="close_robot"),
]
