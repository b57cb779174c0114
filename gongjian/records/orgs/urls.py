from django.urls import path

from gongjian.records.orgs.views import deeds, detail, lists, tree

app_name = "orgs"
urlpatterns = [
    path("", lists.index, name="list"),
    path("tree/", tree.tree, name="tree"),
    path("branches/", tree.branches, name="branches"),
    path("suggest/", lists.suggest, name="suggest"),
    path("new/", deeds.found, name="found"),
    path("<int:pk>/", detail.detail, name="detail"),
    path("<int:pk>/<slug:name>/", deeds.deed, name="deed"),
]
