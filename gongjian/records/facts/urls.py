from django.urls import path

from gongjian.records.facts import views

app_name = "facts"
urlpatterns = [
    path("", views.index, name="list"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/proof.json", views.proof_file, name="proof"),
    path("<slug:kind>/<int:ident>/", views.about, name="about"),
]
