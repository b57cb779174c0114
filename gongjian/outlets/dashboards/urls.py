"""Pages of figures."""

from django.urls import path

from gongjian.outlets.dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("figures/", views.figures, name="figures"),
    path("figures/<slug:ident>/", views.rows, name="rows"),
]
