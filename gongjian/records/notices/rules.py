"""Rules of outside messages (站外消息): quiet hours, retries, lengths, DingTalk's signature. Pure; tested as tables."""

import base64
import datetime as dt
import hashlib
import hmac

LONGEST = 2048  # bytes of a text message, as WeCom's group robots publish it; DingTalk allows more


def minutes_of(hour: str) -> int:
    """Minutes since midnight of `HH:MM`."""
    return int(hour[:2]) * 60 + int(hour[3:])


def allowed_from(moment: dt.datetime, begins: str, ends: str) -> dt.datetime:
    """The moment itself outside quiet hours, else when they end. `moment` is local time; the end does not belong."""
    start, stop = minutes_of(begins), minutes_of(ends)
    now = moment.hour * 60 + moment.minute
    inside = start <= now < stop if start < stop else now >= start or now < stop
    if not inside:
        return moment
    over = moment.replace(hour=stop // 60, minute=stop % 60, second=0, microsecond=0)
    return over if over > moment else over + dt.timedelta(days=1)


def within(hour: str, earliest: str, latest: str) -> bool:
    """Whether an hour lies within bounds of one day, both included."""
    return minutes_of(earliest) <= minutes_of(hour) <= minutes_of(latest)


def wait_after(failures: int, first: int, factor: int, longest: int) -> int:
    """Seconds to wait after so many failures (at least one): growing by a factor, bounded."""
    return min(longest, first * factor ** min(failures - 1, 40))


def week_of(day: dt.date) -> dt.date:
    """The Monday of the day's week."""
    return day - dt.timedelta(days=day.weekday())


def clip(text: str, most: int = LONGEST) -> str:
    """The text cut to so many bytes of UTF-8, never inside a character, with a mark where it was cut."""
    raw = text.encode()
    if len(raw) <= most:
        return text
    return raw[: most - len("…".encode())].decode(errors="ignore") + "…"


def dingtalk_signature(secret: str, milliseconds: int) -> str:
    """HMAC-SHA256 over "timestamp⏎secret" with the secret as key, base64 (钉钉开放平台《自定义机器人安全设置》, 加签).

    Not percent-encoded: whoever builds the address encodes it, once.
    """
    told = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(told).decode()


def mask_mail(address: str) -> str:
    """An e-mail address as it is shown: first letter and domain."""
    name, _at, domain = address.partition("@")
    return f"{name[:1]}***@{domain}" if domain else ""


def mask_token(token: str) -> str:
    """A robot's token as it is shown: its last four characters, none of a short one."""
    return "****" + (token[-4:] if len(token) > 12 else "")
