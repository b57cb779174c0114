from django.urls import path

from gongjian.appraisal.points import views

app_name = "points"
urlpatterns = [
    path("", views.organisations, name="organisations"),
    path("mine/", views.mine, name="mine"),
    path("mine/panel/", views.panel_mine, name="panel_mine"),
    path("rules/", views.rules, name="rules"),
    path("persons/<int:ident>/", views.person, name="person"),
    path("persons/<int:ident>/give/", views.give, name="give"),
    path("facts/<int:fact>/reverse/", views.reverse_fact, name="reverse"),
    path("organisations/<int:ident>/", views.organisation, name="organisation"),
    path("organisations/<int:ident>/named/", views.named, name="named"),
    path("organisations/<int:ident>/named/request/", views.request_basis, name="request_basis"),
    path("named/<int:ident>/approve/", views.approve_basis, name="approve_basis"),
    path("named/<int:ident>/end/", views.end_basis, name="end_basis"),
]
