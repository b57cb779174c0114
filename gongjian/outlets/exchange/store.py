"""文件的存放: uploaded files under random names, readable by this program only, and how far work on them has come.

Progress is told through a small file beside the upload, not through the database: the writing of an import is one
transaction, from inside of which nobody else could see a row move.
"""

import hashlib
import json
import os
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from gongjian.ground.kernel import clock

EVERY = 0.3  # seconds between two tellings


def folder() -> Path:
    """The private folder; made at the first use."""
    place = Path(settings.MEDIA_ROOT) / "imports"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def keep(chunks: Iterable[bytes]) -> tuple[str, str, int]:
    """Store a file; returns its random name, the SHA-256 of its content and its size in bytes."""
    name, digest, size = secrets.token_hex(16), hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(folder() / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
    except BaseException:  # refused on the way in: nothing of it stays
        drop(name)
        raise
    return name, digest.hexdigest(), size


def read(name: str) -> bytes:
    """The content of a stored file. Raises FileNotFoundError when it is gone."""
    return (folder() / name).read_bytes()


def drop(name: str) -> None:
    """Delete a stored file and what was told of it; nothing happens if it is gone."""
    if name:
        for path in (folder() / name, folder() / f"{name}.progress"):
            with suppress(FileNotFoundError):
                path.unlink()


class Progress:
    """进度: told at most every EVERY seconds; `told_at` of the file is the worker's heartbeat."""

    def __init__(self, name: str) -> None:
        self.path = folder() / f"{name}.progress"
        self._last = 0.0

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` rows."""
        now = time.monotonic()
        if now - self._last < EVERY and done < total:
            return
        self._last = now
        draft = self.path.with_suffix(".tmp")
        draft.write_text(json.dumps([done, total]), encoding="ascii")
        told = clock.now().timestamp()
        os.utime(draft, (told, told))
        draft.replace(self.path)


def progress_of(name: str) -> tuple[int, int]:
    """(done, total) as told last; (0, 0) when nothing was told."""
    try:
        done, total = json.loads((folder() / f"{name}.progress").read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError, TypeError):
        return 0, 0
    return done, total


def told_at(name: str) -> float:
    """When progress was last told, in seconds since 1970; 0 when never."""
    try:
        return (folder() / f"{name}.progress").stat().st_mtime
    except FileNotFoundError:
        return 0.0


def silence(name: str) -> None:
    """Forget the progress told so far: the next step begins at zero."""
    with suppress(FileNotFoundError):
        (folder() / f"{name}.progress").unlink()


@contextmanager
def beating(name: str, every: float = 5.0) -> Iterator[None]:
    """While inside, the progress file is touched: a sign that the worker lives, also where it tells no progress."""
    path, stop = folder() / f"{name}.progress", threading.Event()

    def touch() -> None:
        now = clock.now().timestamp()
        with suppress(FileNotFoundError):
            os.utime(path, (now, now))

    def beat() -> None:
        while not stop.wait(every):
            touch()

    if name:
        path.touch()
        touch()
    thread = threading.Thread(target=beat, name="gongjian-import-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def sweep(known: set[str], before: float) -> int:
    """Delete files that no import knows (a crash between storing and noting it) once they are old; returns how many."""
    found = 0
    for path in folder().iterdir():
        if path.name.partition(".")[0] not in known and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            found += 1
    return found
