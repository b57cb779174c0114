"""Addresses of the burden meter."""

from django.urls import path

from gongjian.outlets.burden import views

app_name = "burden"
urlpatterns = [
    path("", views.city, name="city"),
    path("mine/", views.mine, name="mine"),
    path("<str:week>/<str:what>/<str:code>/", views.rows, name="rows"),
]
