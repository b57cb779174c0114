"""Addresses of payments."""

from django.urls import path

from gongjian.engines.payments import views

app_name = "payments"
urlpatterns = [
    path("", views.overview, name="list"),
    path("notify/<slug:config>/", views.notify, name="notify"),
    path("orders/<slug:order>/", views.order, name="order"),
    path("orders/<slug:order>/check/", views.check, name="check"),
    path("orders/<slug:order>/close/", views.close, name="close"),
    path("orders/<slug:order>/refund/", views.refund, name="refund"),
]
