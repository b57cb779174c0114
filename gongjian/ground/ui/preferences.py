"""阅读偏好: what a reader chose for the pages (elder version, less motion), kept in cookies of their own device."""

from django.http import HttpRequest

ELDER = "gongjian_elder"
STILL = "gongjian_still"
YEAR = 365 * 24 * 3600


def elder(request: HttpRequest | None) -> bool:
    """Whether the elder version (长辈版) is on."""
    return bool(request) and request.COOKIES.get(ELDER) == "1"


def still(request: HttpRequest | None) -> bool:
    """Whether the reader asked for no motion."""
    return bool(request) and request.COOKIES.get(STILL) == "1"


def frame_class(request: HttpRequest | None) -> str:
    """Classes of <html> for the reader's choices."""
    return " ".join(name for name, on in (("gj-elder", elder(request)), ("gj-still", still(request))) if on)
