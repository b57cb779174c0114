from django.urls import path

from gongjian.outlets.trial import views

app_name = "trial"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.new, name="new"),
    path("drafts/<int:draft_id>/", views.draft, name="draft"),
    path("drafts/<int:draft_id>/describe/", views.describe, name="describe"),
    path("drafts/<int:draft_id>/edit/<slug:part>/", views.part, name="part"),
    path("drafts/<int:draft_id>/edit/<slug:part>/<slug:entry>/", views.entry, name="entry"),
    path("drafts/<int:draft_id>/edit/<slug:part>/<slug:entry>/reset/", views.reset, name="reset"),
    path("drafts/<int:draft_id>/try/", views.try_out, name="try"),
    path("drafts/<int:draft_id>/submit/", views.submit, name="submit"),
    path("drafts/<int:draft_id>/return/", views.send_back, name="return"),
    path("drafts/<int:draft_id>/publish/", views.publish, name="publish"),
    path("drafts/<int:draft_id>/renew/", views.renew, name="renew"),
    path("drafts/<int:draft_id>/drop/", views.drop, name="drop"),
    path("runs/<int:trial_id>/", views.trial, name="trial"),
    path("runs/<int:trial_id>/cancel/", views.cancel, name="cancel"),
    path("runs/<int:trial_id>/organisations/", views.organisations, name="organisations"),
]
