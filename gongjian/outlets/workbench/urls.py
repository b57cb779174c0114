from django.urls import path

from gongjian.outlets.workbench import views

app_name = "workbench"
urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("search/", views.search, name="search"),
    path("todos/", views.todos, name="todos"),
    path("me/", views.record, name="record"),
    path("notices/", views.notices_page, name="notices"),
    path("notices/read/", views.read_all, name="read_all"),
    path("notices/<int:notice_id>/", views.read_notice, name="read_notice"),
]
