"""Receivers and a clock for the tests of outside messages."""

import pytest

from gongjian.records.notices import actions
from gongjian.records.people.models import Person
from tests.notices.receivers import Http, Smtp


@pytest.fixture
def http(settings):
    """The one HTTP receiver: text messages and both kinds of robot lead there."""
    receiver = Http()
    settings.WECOM, settings.DINGTALK = f"{receiver.url}/wecom", f"{receiver.url}/dingtalk"
    settings.SMS = {
        "url": f"{receiver.url}/sms", "fields": {"mobile": "{phone}", "content": "【共建】{text}", "type": "notice"},
        "ok": {"field": "code", "equals": "0"},
    }  # fmt: skip
    settings.OWN_ADDRESS = "https://dj.example.cn"
    yield receiver
    receiver.close()


@pytest.fixture
def smtp(settings):
    """A mail server of this machine."""
    receiver = Smtp()
    settings.MAIL_ON, settings.EMAIL_BACKEND = True, "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", receiver.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.OWN_ADDRESS = "https://dj.example.cn"
    yield receiver
    receiver.close()


@pytest.fixture
def reader(cast, clock):
    """The member, who wants both mail and text messages."""
    from gongjian.ground.kernel.crypto import encrypt

    Person.objects.filter(pk=cast.member.person.pk).update(
        phone_sealed=encrypt("13900000000", context="person.phone"), phone_masked="139****0000"
    )
    actions.choose(by=cast.member.actor, outside=True, mail=True, sms=True, address="zhang@example.com")
    return cast.member
