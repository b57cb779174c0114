from django.urls import path

from gongjian.outlets.exchange import views

app_name = "exchange"
urlpatterns = [
    path("", views.index, name="list"),
    path("new/<slug:sheet_id>/", views.new, name="new"),
    path("template/<slug:sheet_id>/", views.template, name="template"),
    path("export/<slug:sheet_id>/", views.export, name="export"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/marked/", views.marked, name="marked"),
    path("<int:pk>/agree/", views.agree, name="agree"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/drop/", views.drop, name="drop"),
]
