"""Addresses of calendar feeds."""

from django.urls import path

from gongjian.outlets.feeds import views

app_name = "feeds"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("open/", views.open_feed, name="open"),
    path("<int:feed_id>/renew/", views.renew, name="renew"),
    path("<int:feed_id>/close/", views.close, name="close"),
    path("<str:secret>.ics", views.feed, name="feed"),
]
