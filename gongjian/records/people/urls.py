from django.urls import path

from gongjian.records.people.views import deeds, detail, lists

app_name = "people"
urlpatterns = [
    path("", lists.index, name="list"),
    path("export/", lists.export, name="export"),
    path("officers/", lists.officers, name="officers"),
    path("new/", deeds.register, name="register"),
    path("me/", detail.me, name="me"),
    path("me/data/", detail.take_away, name="take_away"),
    path("me/correct/", detail.ask, name="ask"),
    path("requests/", deeds.requests, name="requests"),
    path("requests/<int:pk>/answer/", deeds.answer, name="answer"),
    path("appointments/<int:pk>/end/", deeds.end_appointment, name="end_appointment"),
    path("relations/<int:pk>/end/", deeds.end_relation, name="end_relation"),
    path("circumstances/<int:pk>/end/", deeds.end_circumstance, name="end_circumstance"),
    path("circumstances/<int:pk>/consent/", deeds.consent_circumstance, name="consent_circumstance"),
    path("<int:pk>/", detail.detail, name="detail"),
    path("<int:pk>/look/<slug:field>/", detail.look, name="look"),
    path("<int:pk>/<slug:name>/", deeds.deed, name="deed"),
]
