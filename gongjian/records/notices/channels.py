"""The ways out (渠道): e-mail by Django's backend, text messages and groups' robots over HTTP. Knows no table.

Each raises `Unsent` with a reason that may be shown: it names neither an address nor a token.
"""

import smtplib
import time
from collections.abc import Mapping
from urllib.parse import quote

import httpx
from django.conf import settings
from django.core import mail
from django.utils.translation import gettext as _

from gongjian.records.notices import rules


class Unsent(Exception):
    """A message was not taken (没有发出): `hanging` when the receiver did not answer in time."""

    def __init__(self, reason: str, *, hanging: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.hanging = reason[:300], hanging


def connected() -> set[str]:
    """The channels for which this installation has what it needs; robots need nothing but their own address."""
    found = {"wecom", "dingtalk"}
    if settings.MAIL_ON:
        found.add("mail")
    if settings.SMS.get("url"):
        found.add("sms")
    return found


def words(title: str, link: str) -> str:
    """What is sent: the title, and the address of the page if the installation knows its own."""
    where = f"{settings.OWN_ADDRESS.rstrip('/')}{link}" if settings.OWN_ADDRESS and link.startswith("/") else ""
    return rules.clip(f"{title}\n{where}".strip())


def send_mail(address: str, title: str, text: str, *, timeout: int) -> None:
    """Hand one e-mail to the mail server that the settings name."""
    try:
        connection = mail.get_connection(timeout=timeout)
        mail.EmailMessage(title, text, settings.DEFAULT_FROM_EMAIL, [address], connection=connection).send()
    except TimeoutError:
        raise Unsent(_("邮件服务器没有按时应答"), hanging=True) from None
    except smtplib.SMTPAuthenticationError:
        raise Unsent(_("邮件服务器不接受账号或口令")) from None
    except smtplib.SMTPResponseException as problem:
        raise Unsent(_("邮件服务器拒绝（%(code)s）") % {"code": problem.smtp_code}) from None
    except (smtplib.SMTPException, OSError) as problem:
        raise Unsent(_("邮件服务器出错（%(what)s）") % {"what": type(problem).__name__}) from None


def send_sms(phone: str, text: str, *, timeout: int) -> None:
    """One text message through the gateway that GONGJIAN_SMS describes.

    `fields` are put together from {phone} and {text}; `as` is json, form or query; `ok` names a field of the answer and the
    value that it has when the message was taken (most gateways answer 200 to a refusal as well).
    """
    shape = settings.SMS
    fields = _filled(shape.get("fields") or {"phone": "{phone}", "text": "{text}"}, phone, text)
    how = {"json": "json", "form": "data", "query": "params"}[shape.get("as", "json")]
    answer = _ask(
        shape.get("method", "POST"), shape["url"], timeout, headers=shape.get("headers") or {}, **{how: fields}
    )
    expected = shape.get("ok")
    if expected:
        found = _json(answer).get(expected["field"])
        if str(found) != str(expected["equals"]):
            raise Unsent(_("短信网关拒绝（%(code)s）") % {"code": str(found)[:40]})


def _filled(shape, phone: str, text: str):
    if isinstance(shape, Mapping):
        return {key: _filled(value, phone, text) for key, value in shape.items()}
    if isinstance(shape, list):
        return [_filled(value, phone, text) for value in shape]
    return shape.replace("{phone}", phone).replace("{text}", text) if isinstance(shape, str) else shape


def send_robot(channel: str, token: str, secret: str, text: str, *, timeout: int) -> None:
    """One text message to a group. Both services answer 200 with an errcode other than 0 when they refuse."""
    if channel == "wecom":
        address = f"{settings.WECOM}?key={quote(token, safe='')}"
    else:
        address = f"{settings.DINGTALK}?access_token={quote(token, safe='')}"
        if secret:
            now = round(time.time() * 1000)
            address += f"&timestamp={now}&sign={quote(rules.dingtalk_signature(secret, now), safe='')}"
    answer = _json(_ask("POST", address, timeout, json={"msgtype": "text", "text": {"content": text}}))
    if answer.get("errcode") != 0:
        code, said = answer.get("errcode"), str(answer.get("errmsg", "")).replace(token, "****")
        raise Unsent(_("机器人拒绝（%(code)s %(said)s）") % {"code": code, "said": said[:120]})


def _ask(method: str, address: str, timeout: int, **rest) -> httpx.Response:
    try:
        # for connecting, and for each wait for bytes; no redirect, which might lead elsewhere
        with httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client:
            answer = client.request(method, address, **rest)
    except httpx.TimeoutException:
        raise Unsent(_("对方没有按时应答"), hanging=True) from None
    except (httpx.HTTPError, httpx.InvalidURL) as problem:  # its text holds the address, and with it the token
        raise Unsent(_("连不上对方（%(what)s）") % {"what": type(problem).__name__}) from None
    if not 200 <= answer.status_code < 300:
        raise Unsent(_("对方应答 %(code)s") % {"code": answer.status_code})
    return answer


def _json(answer: httpx.Response) -> dict:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unsent(_("看不懂对方的应答"))
    return found
