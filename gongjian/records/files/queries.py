"""Reads of kept files; the room that owns the object says who may read and change (`Manifest.files`)."""

from collections.abc import Iterable
from typing import NamedTuple

from gongjian.ground import policy
from gongjian.ground.kernel import registry
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.ref import Ref
from gongjian.records.facts.queries import about_object
from gongjian.records.files import shelf
from gongjian.records.files.models import StoredFile

NOTHING = "没有找到这份文件，或者它不在您的可见范围内。"


class Shelf(NamedTuple):
    """一件事的文件: what `files/list.html` shows."""

    subject: Ref
    files: list[StoredFile]
    may_change: bool
    accept: str
    most_megabytes: int


def may(actor: Actor, subject: Ref, *, change: bool = False) -> bool:
    """Whether the actor may read (or add and remove) the files of an object; no gate, no way in."""
    if actor.kind == "system":
        return subject.kind in registry.file_gates()
    gate = registry.file_gates().get(subject.kind)
    return gate is not None and bool(gate(actor, subject.id, change))


def of(subject: Ref) -> list[StoredFile]:
    """The files of an object that the caller may see, oldest first, without removed ones."""
    return list(
        StoredFile.objects.filter(
            subject_kind=subject.kind, subject_id=subject.id, removed_at__isnull=True
        ).order_by("id")
    )  # fmt: skip


def counts(kind: str, idents: Iterable[object]) -> dict[str, int]:
    """How many files each of several objects of a kind keeps; those with none are left out."""
    found: dict[str, int] = {}
    rows = StoredFile.objects.filter(
        subject_kind=kind, subject_id__in=[str(i) for i in idents], removed_at__isnull=True
    )
    for ident in rows.values_list("subject_id", flat=True):
        found[ident] = found.get(ident, 0) + 1
    return found


def on_shelf(actor: Actor, subject: Ref) -> Shelf | None:
    """The files of an object for its page, ready for `files/list.html`; None if the actor may not read them."""
    if not may(actor, subject):
        return None
    limits = policy.current().files
    accept = ",".join(f".{ending}" for kind in limits.kinds for ending in kind.extensions)
    return Shelf(subject, of(subject), may(actor, subject, change=True), accept, limits.max_megabytes)


def get_for(actor: Actor, key: str, *, change: bool = False) -> StoredFile:
    """One file by the key in its address, if the actor may read (or remove) it; NotFound otherwise."""
    found = StoredFile.objects.filter(key=key, removed_at__isnull=True).first()
    if found is None or not may(actor, found.subject, change=change):
        raise NotFound(NOTHING)
    return found


def org_of(subject: Ref) -> int | None:
    """The organisation that the object's own facts name last; None if they name none."""
    named = about_object(subject).filter(org__isnull=False).order_by("-id")
    return named.values_list("org", flat=True).first()


def content_of(file: StoredFile) -> bytes:
    """The content of a file got by `get_for`. Raises Refused if it cannot be read."""
    return shelf.take(file.sha256)


def missing() -> list[StoredFile]:
    """Files whose content is not on the disk, the newest first, at most twenty (for doctor)."""
    gone = []
    for file in StoredFile.objects.order_by("-id").iterator(chunk_size=500):
        if not shelf.place_of(file.sha256).exists():
            gone.append(file)
            if len(gone) == 20:
                break
    return gone


def unreadable() -> bool:
    """Whether the newest file that is on the disk cannot be opened with our key (for doctor)."""
    newest = next((f for f in StoredFile.objects.order_by("-id")[:20] if shelf.place_of(f.sha256).exists()), None)
    if newest is None:
        return False
    try:
        shelf.take(newest.sha256)
    except Exception:
        return True
    return False
