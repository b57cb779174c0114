from django.urls import path

from gongjian.appraisal.standards import views

app_name = "standards"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("under/<int:pk>/", views.under, name="under"),
    path("under/<int:pk>/remind/", views.remind_listed, name="remind_listed"),
    path("orgs/<int:pk>/", views.org, name="org"),
    path("orgs/<int:pk>/remind/", views.remind_org, name="remind_org"),
    path("orgs/<int:pk>/<slug:duty>/<slug:period>/", views.cell, name="cell"),
    path("sweep/", views.sweep_now, name="sweep"),
    path("duties/", views.catalogue, name="duties"),
    path("panels/org/", views.panel_org, name="panel_org"),
]
