"""Addresses of assessments."""

from django.urls import path

from gongjian.appraisal.assessments import offline, views

app_name = "assessments"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("lists/<slug:standard>/", views.under, name="list"),
    path("lists/<slug:standard>/items/", views.items, name="items"),
    path("lists/<slug:standard>/open/", views.open_listed, name="open_listed"),
    path("lists/<slug:standard>/<int:subject_id>/", views.subject, name="subject"),
    path("lists/<slug:standard>/<int:subject_id>/open/", views.open_one, name="open"),
    path("visits/", views.visits, name="visits"),
    path("offline/", offline.shell, name="offline"),
    path("offline/worker.js", offline.worker, name="offline_worker"),
    path("offline/data/", offline.data, name="offline_data"),
    path("offline/hand-in/", offline.hand_in, name="offline_hand_in"),
    path("results/<int:place_id>/", views.open_page, name="public"),
    path("panels/org/", views.panel_org, name="panel_org"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/self/", views.own, name="self"),
    path("<int:pk>/visit/", views.visit, name="visit"),
    path("<int:pk>/settle/", views.settle, name="settle"),
    path("<int:pk>/object/", views.object_to, name="object"),
    path("<int:pk>/answer/", views.answer, name="answer"),
    path("<int:pk>/<slug:deed>/", views.deed, name="deed"),
]
