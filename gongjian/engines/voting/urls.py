from django.urls import path

from gongjian.engines.voting import views

app_name = "voting"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("<int:poll_id>/", views.poll, name="poll"),
    path("<int:poll_id>/ballot/", views.ballot, name="ballot"),
    path("<int:poll_id>/present/", views.present, name="present"),
    path("<int:poll_id>/paper-back/", views.paper_back, name="paper_back"),
    path("<int:poll_id>/papers/", views.papers, name="papers"),
    path("<int:poll_id>/opinion/", views.opinion, name="opinion"),
    path("<int:poll_id>/stop/", views.stop, name="stop"),
    path("<int:poll_id>/resume/", views.resume, name="resume"),
    path("<int:poll_id>/close/", views.close, name="close"),
    path("<int:poll_id>/void/", views.void, name="void"),
]
