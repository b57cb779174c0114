"""Addresses of admissions."""

from django.urls import path

from gongjian.desks.admissions.views import deeds, files, lists, steps

app_name = "admissions"
urlpatterns = [
    path("", lists.overview, name="list"),
    path("mine/", lists.mine, name="mine"),
    path("pool/", lists.pool, name="pool"),
    path("new/", deeds.new, name="new"),
    path("adopt/", deeds.adopt, name="adopt"),
    path("<int:pk>/", files.detail, name="detail"),
    path("<int:pk>/file.pdf", files.paper_file, name="pdf"),
    path("<int:pk>/step/", steps.step, name="step"),
    path("<int:pk>/redo/<str:step_id>/", steps.redo, name="redo"),
    path("<int:pk>/withdraw/", steps.withdraw, name="withdraw"),
    path("<int:pk>/publish/", steps.publish, name="publish"),
    path("<int:pk>/poll/", steps.poll, name="poll"),
    path("<int:pk>/observe/", deeds.observe, name="observe"),
    path("observations/<int:observation_id>/withdraw/", deeds.withdraw_observation, name="withdraw_observation"),
    path("<int:pk>/end/", deeds.end, name="end"),
    path("<int:pk>/move/", deeds.move, name="move"),
    path("<int:pk>/accept/", deeds.accept, name="accept"),
    path("<int:pk>/decline/", deeds.decline, name="decline"),
]
