"""Addresses of the interface itself: preferences of the reader and the gallery."""

from django.urls import path

from . import views

app_name = "ui"
urlpatterns = [
    path("preferences/elder/", views.set_elder, name="elder"),
    path("preferences/still/", views.set_still, name="still"),
    path("preferences/language/", views.set_language, name="language"),
    path("gallery/", views.gallery, name="gallery"),
    path("gallery/phone/", views.gallery_phone, name="gallery_phone"),
    path("gallery/screen/", views.gallery_screen, name="gallery_screen"),
    path("gallery/options/", views.gallery_options, name="gallery_options"),
]
