"""最近活动: kept up to date, but not by a write at every page."""

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_a_session_is_noted_once_in_a_while(cast):
    client = Client()
    client.force_login(cast.member.user)
    url = reverse("access:security")
    client.get(url)
    assert UserSession.objects.filter(user=cast.member.user).count() == 1
    with CaptureQueriesContext(
        connection,
    ) as captured:
        for _time in range(3):
            client.get(url)
    assert not [
        entry for entry in captured if "usersessions_usersession" in entry["sql"] and "SELECT" not in entry["sql"]
    ]


def test_nobody_is_noted(db):
    Client().get(reverse("account_login"))
    assert not UserSession.objects.exists()
