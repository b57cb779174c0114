"""图标: the names in our sprite (`frontend/icons.txt` chooses them, `npm run build` draws them)."""

import re
from functools import cache
from pathlib import Path

SPRITE = Path(__file__).parent / "static" / "ui" / "icons.svg"


class UnknownIcon(LookupError):
    """A template named an icon that the sprite does not hold."""


@cache
def names() -> frozenset[str]:
    """All icon names that `{% icon %}` may draw."""
    return frozenset(re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text(encoding="utf-8")))
