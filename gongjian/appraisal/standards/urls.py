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
    path("orgs/<int:pk>/<slug:duty>/<slug:period>/know/", views.know, name="know"),
    path("orgs/<int:pk>/<slug:duty>/<slug:period>/excuse/", views.ask_excuse, name="ask_excuse"),
    path("excuses/", views.excuses, name="excuses"),
    path("excuses/<int:excuse_id>/", views.excuse, name="excuse"),
    path("excuses/<int:excuse_id>/decide/", views.decide_excuse, name="decide_excuse"),
    path("excuses/<int:excuse_id>/withdraw/", views.withdraw_excuse, name="withdraw_excuse"),
    path("moratoria/declare/", views.declare, name="declare"),
    path("moratoria/<int:moratorium_id>/", views.moratorium, name="moratorium"),
    path("moratoria/<int:moratorium_id>/decide/", views.decide_moratorium, name="decide_moratorium"),
    path("moratoria/<int:moratorium_id>/end/", views.end_moratorium, name="end_moratorium"),
    path("sweep/", views.sweep_now, name="sweep"),
    path("duties/", views.catalogue, name="duties"),
    path("panels/org/", views.panel_org, name="panel_org"),
]
