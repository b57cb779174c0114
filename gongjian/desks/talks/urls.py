"""Addresses of talks and anniversaries."""

from django.urls import path

from gongjian.desks.talks import views

app_name = "talks"
urlpatterns = [
    path("", views.matrix, name="matrix"),
    path("mine/", views.mine, name="mine"),
    path("record/", views.record, name="record"),
    path("<int:talk_id>/", views.talk, name="talk"),
    path("<int:talk_id>/withdraw/", views.withdraw, name="withdraw"),
    path("birthday/", views.wish, name="wish"),
    path("cards/", views.cards, name="cards"),
    path("cards/<int:card_id>/", views.card, name="card"),
    path("cards/<int:card_id>/card.pdf", views.card_paper, name="card_paper"),
]
