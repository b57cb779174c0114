"""离线页: the service worker of a page that works without network. The page itself is a shell without anybody's data."""

import hashlib
import json
from collections.abc import Sequence

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.templatetags.static import static

SCRIPT = "ui/offline-worker.js"


def _content(name: str) -> bytes:
    path = finders.find(name)
    with open(path, "rb") as file:
        return file.read()


def worker(prefix: str, shell: str, files: Sequence[str]) -> HttpResponse:
    """The worker's script with what it keeps in front: the shell's address and these static files.

    `prefix` names the caches of one page, so that two such pages leave each other's alone. Another byte in any of the
    files is another version, and the browser takes all of them anew.
    """
    digest = hashlib.sha256(b"".join(_content(name) for name in (*files, SCRIPT))).hexdigest()[:16]
    values = {"PREFIX": prefix, "VERSION": digest, "SHELL": shell, "FILES": [static(name) for name in files]}
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in values.items())
    answer = HttpResponse(head + _content(SCRIPT).decode(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer
