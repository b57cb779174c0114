"""Addresses of 组织关系."""

from django.urls import path

from gongjian.desks.transfers.views import deeds, lists, papers, ranks, starting

app_name = "transfers"
urlpatterns = [
    path("", lists.overview, name="list"),
    path("mine/", lists.mine, name="mine"),
    path("ask/", starting.ask, name="ask"),
    path("start/", starting.start, name="start"),
    path("batch/", starting.batch, name="batch"),
    path("key-in/", starting.key_in, name="key_in"),
    path("issue-many/", starting.issue_many, name="issue_many"),
    path("destinations/", lists.destinations, name="destinations"),
    path("<int:transfer_id>/", lists.detail, name="detail"),
    path("<int:transfer_id>/do/<slug:deed>/", deeds.deed, name="deed"),
    path("letters/<int:letter_id>/", papers.letter, name="letter"),
    path("letters/<int:letter_id>/full/", papers.full, name="letter_full"),
    path("ranks/", ranks.overview, name="ranks"),
    path("ranks/signals/", ranks.signals, name="signals"),
    path("ranks/guests/", ranks.guests, name="guests"),
    path("ranks/cases/", ranks.cases, name="cases"),
    path("ranks/members/<int:person_id>/", ranks.member, name="member"),
    path("ranks/members/<int:person_id>/<slug:deed>/", ranks.member_deed, name="member_deed"),
    path("ranks/stays/<int:stay_id>/", ranks.stay, name="stay"),
    path("ranks/stays/<int:stay_id>/print/", papers.stay_paper, name="stay_paper"),
    path("ranks/stays/<int:stay_id>/<slug:deed>/", ranks.stay_deed, name="stay_deed"),
    path("ranks/cases/<int:case_id>/", ranks.case, name="case"),
    path("ranks/cases/<int:case_id>/<slug:deed>/", ranks.case_deed, name="case_deed"),
]
