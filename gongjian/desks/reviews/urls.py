"""Addresses of the yearly appraisal."""

from django.urls import path

from gongjian.desks.reviews import views

app_name = "reviews"
urlpatterns = [
    path("", views.overview, name="list"),
    path("mine/", views.mine, name="mine"),
    path("reported/", views.reported, name="reported"),
    path("start/", views.start, name="start"),
    path("<int:review_id>/", views.detail, name="detail"),
    path("<int:review_id>/ballot/", views.ballot, name="ballot"),
    path("<int:review_id>/decide/", views.begin_deciding, name="begin_deciding"),
    path("<int:review_id>/invite/", views.invite, name="invite"),
    path("<int:review_id>/cancel/", views.cancel, name="cancel"),
    path("<int:review_id>/verdicts/", views.verdicts, name="verdicts"),
    path("<int:review_id>/results.pdf", views.paper_all, name="paper"),
    path("<int:review_id>/self/", views.self_rating, name="self"),
    path("<int:review_id>/peers/", views.peers, name="peers"),
    path("<int:review_id>/result/", views.result, name="result"),
    path("<int:review_id>/members/<int:member_id>/", views.member, name="member"),
    path("<int:review_id>/members/<int:member_id>/uninvite/", views.uninvite, name="uninvite"),
    path("<int:review_id>/members/<int:member_id>/sheet.pdf", views.paper_one, name="sheet"),
]
