"""Which pack holds (现行政策包): versions stored in the database, else the files, with a cache that notices loading.

The cache asks for the newest version's id at most once in RECHECK seconds, and not at all while a request is being
answered once it has asked there: a page sees one pack, and templates render without SQL.
"""

import threading
from datetime import date, datetime
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.policy import burden, folders
from gongjian.ground.policy.models import PackVersion
from gongjian.ground.policy.schema import Pack

RECHECK = 1.0  # seconds


class VersionTaken(Refused):
    """A version cannot be loaded (版本冲突): its number was used for other content, or its day lies too early."""


class OverBudget(Refused):
    """A version asks more of people than its own budget (负担超出预算), and nobody has answered for it by name."""


class NoPack(Refused):
    """No pack can be chosen (没有可用的政策包)."""


class _Cache:
    """What this process knows (进程内缓存): the timeline of versions and packs already read."""

    def __init__(self):
        self.lock = threading.RLock()
        self.mark = None  # (id, digest) of the newest version when the timeline was read
        self.timeline: list[tuple[date, int]] = []  # (effective_from, id), ascending
        self.packs: dict[int, Pack] = {}
        self.files: tuple | None = None  # (setting, when the database was asked, folder, pack)
        self.asked_at = None


_cache = _Cache()
_request = threading.local()


def forget() -> None:
    """Ask the database again at the next call (after loading; tests that roll back)."""
    with _cache.lock:
        _cache.asked_at = None
        _cache.mark = None
        _cache.timeline = []
        _cache.packs = {}
        _cache.files = None
    _request.asked = False


def request_begins(**_kwargs) -> None:
    """From here to request_ends this thread asks the database once."""
    _request.serving, _request.asked = True, False


def request_ends(**_kwargs) -> None:
    """This thread serves no request any more."""
    _request.serving = _request.asked = False


request_started.connect(request_begins, dispatch_uid="policy.request_begins")
request_finished.connect(request_ends, dispatch_uid="policy.request_ends")


def current() -> Pack:
    """The pack that holds today."""
    return on(clock.today())


def on(day: date) -> Pack:
    """The pack that held on this day: of the versions effective by then the last; before the first, the first."""
    with _cache.lock:
        _refresh()
        if not _cache.timeline:
            return _from_files()
        chosen = _cache.timeline[0][1]
        for effective_from, number in _cache.timeline:
            if effective_from <= day:
                chosen = number
        return _read(chosen)


def version_of(day: date) -> int | None:
    """The id of the stored version that held on this day, None while the files are used."""
    with _cache.lock:
        _refresh()
        held = [number for effective_from, number in _cache.timeline if effective_from <= day]
        return held[-1] if held else (_cache.timeline[0][1] if _cache.timeline else None)


def _refresh() -> None:
    serving = getattr(_request, "serving", False)
    if _cache.asked_at is not None:
        if serving and getattr(_request, "asked", False):
            return
        if not serving and monotonic() - _cache.asked_at < RECHECK:
            return
    versions = PackVersion.objects.order_by("-id")
    if settings.PACK:
        versions = versions.filter(pack=settings.PACK)
    try:
        newest = versions.values_list("id", "digest", "pack").first()
    except (OperationalError, ProgrammingError):
        if PackVersion._meta.db_table in connection.introspection.table_names():
            raise
        newest = None  # before the first migrate: the files hold
    if newest != _cache.mark or _cache.asked_at is None:
        rows = (
            PackVersion.objects.filter(pack=newest[2]).order_by("effective_from", "id")
            if newest
            else PackVersion.objects.none()
        )
        _cache.timeline = list(rows.values_list("effective_from", "id"))
        _cache.packs = {}
        _cache.mark = newest
    _cache.asked_at = monotonic()
    _request.asked = True


def _read(number: int) -> Pack:
    if number not in _cache.packs:
        _cache.packs[number] = folders.parse(PackVersion.objects.values_list("content", flat=True).get(id=number))
    return _cache.packs[number]


def chosen_folder() -> Path:
    """The folder of settings.PACK; without that setting the only city in the packs folder, or the base alone."""
    if settings.PACK:
        return folders.find(settings.PACK)
    cities = folders.cities()
    if len(cities) > 1:
        raise NoPack(_("有多个政策包（%(names)s），请用 GONGJIAN_PACK 指定一个。") % {"names": "、".join(cities)})
    return folders.find(cities[0] if cities else "_base")


def _from_files() -> Pack:
    # Looking which folder holds costs as much as a small page: once for each time that the database is asked.
    if _cache.files is not None and _cache.files[:2] == (settings.PACK, _cache.asked_at):
        return _cache.files[3]
    folder = chosen_folder()
    known = _cache.files is not None and _cache.files[2] == folder
    pack = _cache.files[3] if known else folders.read_pack(folder)[0]
    _cache.files = (settings.PACK, _cache.asked_at, folder, pack)
    return pack


def latest() -> tuple[PackVersion | None, dict]:
    """The version that takes effect last, with its content; None and the files' content while nothing is stored."""
    versions = PackVersion.objects.order_by("-id")
    newest = (versions.filter(pack=settings.PACK) if settings.PACK else versions).first()
    if newest is None:
        return None, folders.read_pack(chosen_folder())[1]
    last = PackVersion.objects.filter(pack=newest.pack).order_by("-effective_from", "-id").first()
    return last, last.content


def load(
    folder: Path | str, *, by: int | None = None, at: datetime | None = None, approver: str = "", reason: str = ""
) -> tuple[PackVersion, bool]:
    """Check a folder and store it as a version. Returns the version and whether it is new.

    The same content under the same version again is no change. Raises PackProblems with everything wrong, VersionTaken
    when the number was used for other content or the day lies before that of a version already loaded, OverBudget when
    its duties ask more than its burden's budget and no approver with a reason is named.
    """
    pack, content = folders.read_pack(Path(folder))
    return keep(pack, content, by=by, at=at, approver=approver, reason=reason)


def keep(
    pack: Pack,
    content: dict,
    *,
    by: int | None = None,
    at: datetime | None = None,
    approver: str = "",
    reason: str = "",
) -> tuple[PackVersion, bool]:
    """Store checked content as a version, as `load` does; raises VersionTaken and OverBudget like it."""
    digest = folders.digest_of(content)
    try:
        with transaction.atomic():
            known = PackVersion.objects.filter(pack=pack.id, version=pack.version).first()
            if known is None:
                _refuse_early(pack)
                over = _refuse_burden(pack, approver.strip(), reason.strip())
                made = PackVersion.objects.create(
                    pack=pack.id,
                    version=pack.version,
                    effective_from=pack.effective_from,
                    content=content,
                    digest=digest,
                    loaded_at=at or clock.now(),
                    loaded_by=by,
                    approver=approver.strip()[:60] if over else None,
                    approved_because=reason.strip()[:300] if over else None,
                )
                forget()
                return made, True
    except IntegrityError:  # another process loaded the same number meanwhile
        known = PackVersion.objects.get(pack=pack.id, version=pack.version)
    if known.digest != digest:
        raise VersionTaken(
            _("政策包 %(pack)s 的版本 %(version)s 已经登记，内容与这次不同：请改用新的版本号。")
            % {"pack": pack.id, "version": pack.version}
        )
    return known, False


def _refuse_early(pack: Pack) -> None:
    last = PackVersion.objects.filter(pack=pack.id).order_by("-effective_from").first()
    if last is not None and pack.effective_from < last.effective_from:
        raise VersionTaken(
            _("生效日期 %(day)s 早于已登记版本 %(version)s 的生效日期 %(last)s：新版本不能改写过去。")
            % {"day": pack.effective_from, "version": last.version, "last": last.effective_from}
        )


MEASURES = {
    "messages": gettext_noop("消息"),
    "fields": gettext_noop("必填项"),
    "uploads": gettext_noop("上传"),
    "minutes": gettext_noop("分钟"),
}


def over_budget(pack: Pack) -> list[str]:
    """One sentence for each place where the pack's duties break its burden's budget, on its first day."""
    return [
        _("%(role)s每周%(measure)s估计 %(estimated).1f，预算 %(budget)d，要得最多的是：%(duties)s")
        % {
            "role": pack.role(one.role).title, "measure": _(MEASURES[one.measure]), "estimated": float(one.estimated),
            "budget": one.budget, "duties": "、".join(pack.duty(duty).short for duty in one.most),
        }
        for one in burden.breaches(pack, pack.effective_from)
    ]  # fmt: skip


def _refuse_burden(pack: Pack, approver: str, reason: str) -> bool:
    """Whether the budget is broken (with approver and reason); without them OverBudget."""
    over = over_budget(pack)
    if over and not (approver and len(reason) >= 5):
        raise OverBudget(
            _("负担超出预算：%(over)s。要登记，请写明批准人和理由（至少五个字）。") % {"over": "；".join(over)}
        )
    return bool(over)
