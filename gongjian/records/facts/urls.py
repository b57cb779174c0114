from django.urls import path

from gongjian.records.facts import views

app_name = "facts"
urlpatterns = [
    path("", views.index, name="list"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/proof.json", views.proof_file, name="proof"),
    path("<int:pk>/proof.pdf", views.proof_paper, name="proof_paper"),
    path("<slug:kind>/<int:ident>/", views.about, name="about"),
]
