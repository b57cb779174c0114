from django.urls import path

from gongjian.records.places import views

app_name = "places"
urlpatterns = [
    path("", views.index, name="list"),
    path("coverage/", views.coverage, name="coverage"),
    path("panel/", views.panel, name="panel"),
    path("new/", views.add, name="add"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/cover/", views.cover, name="cover"),
    path("<int:pk>/uncover/", views.uncover, name="uncover"),
    path("<int:pk>/end/", views.end, name="end"),
]
