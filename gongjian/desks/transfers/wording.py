"""The pack's periods in words, so that a sentence never says another number than the rule that is in force."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

NUMERALS = ("零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十")


def span(months: int) -> str:
    """A period of complete months in words: 6 → 六个月, 24 → 两年; digits above ten and in other languages."""
    number, unit = (months // 12, _("%(n)s年")) if months % 12 == 0 else (months, _("%(n)s个月"))
    chinese = (get_language() or "zh").startswith("zh")
    return unit % {"n": NUMERALS[number] if chinese and number < len(NUMERALS) else number}
