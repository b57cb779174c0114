from django.urls import path

from gongjian.desks.elections.views import deeds, pages

app_name = "elections"
urlpatterns = [
    path("", pages.overview, name="list"),
    path("new/", deeds.prepare, name="prepare"),
    path("terms/<int:org_id>/", pages.term, name="term"),
    path("shifts/<int:shift_id>/answer/", deeds.answer_shift, name="answer_shift"),
    path("contests/<int:contest_id>/candidates/", deeds.candidates, name="candidates"),
    path("contests/<int:contest_id>/start/", deeds.start_round, name="start_round"),
    path("contests/<int:contest_id>/reduce/", deeds.reduce_seats, name="reduce_seats"),
    path("rounds/<int:round_id>/settle/", deeds.settle_round, name="settle_round"),
    path("rounds/<int:round_id>/annul/", deeds.annul_round, name="annul_round"),
    path("<int:election_id>/", pages.detail, name="detail"),
    path("<int:election_id>/protocol/", pages.protocol, name="protocol"),
    path("<int:election_id>/protocol/paper/", pages.protocol_paper, name="protocol_paper"),
    path("<int:election_id>/<slug:name>/", deeds.deed, name="deed"),
]
