"""备份文件: one ZIP with the database, the files, a manifest of checksums and counts; keys only when asked for."""

import datetime as dt
import hashlib
import json
import shutil
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.crypto import keyed_hash
from gongjian.ground.kernel.errors import Refused
from gongjian.outlets.upkeep import engines
from gongjian.outlets.upkeep.counting import differences

FORMAT = 1
MANIFEST, SUM = "manifest.json", "manifest.sha256"
KEYS = ("gongjian_secret_key.key", "gongjian_field_key.key")


class Restored(NamedTuple):
    """恢复结果: the manifest that was proven, and how many facts the chain of seals vouches for."""

    manifest: dict[str, Any]
    files: int


def fingerprint() -> str:
    """Tells whether two installations have the same field key, without telling the key."""
    return keyed_hash("fingerprint", context="upkeep.key")[:16]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _version() -> str:
    try:
        return version("gongjian")
    except PackageNotFoundError:  # run from a source tree
        return "source"


def backup(target: Path, *, with_keys: bool = False, at: dt.datetime | None = None) -> dict[str, Any]:
    """Write a backup; returns its manifest. The file appears whole or not at all, readable by its owner only.

    Without `with_keys` the protected fields inside stay unreadable to whoever holds the file: keep the keys elsewhere.
    """
    if target.exists():
        raise Refused(f"文件 {target} 已存在，请换一个名字。")
    if not target.parent.is_dir():
        raise Refused(f"目录 {target.parent} 不存在。")
    with tempfile.TemporaryDirectory(prefix="gongjian-backup-", dir=target.parent) as scratch:
        base = "database.dump" if engines.vendor() == "postgresql" else "database.sqlite3"
        copy = Path(scratch) / base
        held = engines.copy_to(copy)
        parts = {base: copy}
        media = Path(settings.MEDIA_ROOT)
        if media.is_dir():
            parts |= {f"files/{p.relative_to(media).as_posix()}": p for p in sorted(media.rglob("*")) if p.is_file()}
        if with_keys:
            parts |= {f"keys/{name}": p for name in KEYS if (p := Path(settings.HOME) / name).is_file()}
        manifest = {
            "format": FORMAT, "made_at": (at or clock.now()).isoformat(timespec="seconds"), "version": _version(),
            "vendor": engines.vendor(), "with_keys": with_keys, "key": fingerprint(), "holdings": held,
            "parts": {name: {"bytes": path.stat().st_size, "sha256": _digest(path)} for name, path in parts.items()},
        }  # fmt: skip
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
        whole = Path(scratch) / "whole.zip"
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out:
            out.writestr(MANIFEST, text)
            out.writestr(SUM, hashlib.sha256(text).hexdigest())
            for name, path in parts.items():
                # a dump is compressed already
                out.write(path, name, zipfile.ZIP_STORED if name.endswith(".dump") else zipfile.ZIP_DEFLATED)
        whole.chmod(0o600)
        whole.replace(target)
    return manifest


def unpack(source: Path, into: Path) -> dict[str, Any]:
    """Check a backup wholly and unpack it; returns its manifest. Raises Refused, and says which part is damaged."""
    if not source.is_file():
        raise Refused(f"没有找到备份文件 {source}。")
    try:
        with zipfile.ZipFile(source) as archive:
            text = archive.read(MANIFEST)
            if hashlib.sha256(text).hexdigest() != archive.read(SUM).decode("ascii", "replace").strip():
                raise Refused("备份文件已损坏：清单与它的校验值不符。")
            manifest = json.loads(text)
            if manifest.get("format") != FORMAT:
                raise Refused("备份文件的格式不认识，可能来自更新的版本。")
            names = set(archive.namelist()) - {MANIFEST, SUM}
            if names != set(manifest["parts"]):
                raise Refused("备份文件已损坏：内容与清单不一致。")
            for name, expected in manifest["parts"].items():
                pure = PurePosixPath(name)
                if pure.is_absolute() or ".." in pure.parts:
                    raise Refused("备份文件里有不安全的路径，不予恢复。")
                place = into / name
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as part, place.open("wb") as out:
                    shutil.copyfileobj(part, out, 1 << 20)
                if _digest(place) != expected["sha256"]:
                    raise Refused(f"备份文件已损坏：{name} 与校验值不符。")
            return manifest
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError, OSError, NotImplementedError) as problem:
        raise Refused(f"备份文件已损坏，不能恢复：{problem}") from None
    except Exception as problem:
        if type(problem).__module__ == "zlib":  # zlib.error is no OSError
            raise Refused(f"备份文件已损坏，不能恢复：{problem}") from None
        raise


def restore(source: Path, *, force: bool = False) -> Restored:
    """Check a backup, put it in the place of the configured database and prove that everything is there again.

    Raises Refused for a damaged backup, one of the other database, one from a newer program, one sealed with another
    key, and (without `force`) when the database is not empty. Stop the server first.
    """
    with tempfile.TemporaryDirectory(prefix="gongjian-restore-") as scratch:
        folder = Path(scratch)
        manifest = unpack(source, folder)
        _fits(manifest, force)
        if engines.vendor() == "sqlite":
            copy = folder / "database.sqlite3"
            _prove(manifest, engines.count_sqlite(copy))
            engines.put_back_sqlite(copy)
        else:
            engines.put_back_postgres(folder / "database.dump")
        _prove(manifest, engines.count_here())
        files = _put_files(folder)
        _put_keys(folder, force)
    return Restored(manifest, files)


def _fits(manifest: dict[str, Any], force: bool) -> None:
    if manifest["vendor"] != engines.vendor():
        raise Refused(
            f"备份来自 {manifest['vendor']}，现在设置的数据库是 {engines.vendor()}，请先改 GONGJIAN_DATABASE。"
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    newer = [name for name in manifest["holdings"]["migrations"] if name not in known]
    if newer:
        raise Refused(f"备份来自更新的版本（{newer[0]} 等 {len(newer)} 项本程序不认识），请先升级程序。")
    if manifest["key"] != fingerprint() and not manifest["with_keys"] and not force:
        raise Refused(
            "这里的加密密钥与备份时的不同，恢复后身份证号、电话、住址将无法读取。"
            "请先放回原来的 gongjian_field_key.key（或 GONGJIAN_FIELD_KEY）；确实没有的，可加 --force。"
        )
    if not force and not _is_empty():
        raise Refused("数据库里已有数据，恢复会把它全部替换。确认要替换，请加 --force。")


def _is_empty() -> bool:
    if engines.vendor() == "sqlite" and not Path(settings.DATABASES["default"]["NAME"]).exists():
        return True
    tables = set(connection.introspection.table_names())
    for table in ("facts_fact", "orgs_organisation", "people_person", "access_user"):
        if table in tables:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
                if cursor.fetchone():
                    return False
    return True


def _prove(manifest: dict[str, Any], found: dict[str, Any]) -> None:
    wrong = differences(manifest["holdings"], found)
    if wrong:
        raise Refused("恢复出来的数据与备份清单不符：" + "；".join(wrong[:5]) + "。")


def _put_files(folder: Path) -> int:
    media = Path(settings.MEDIA_ROOT)
    parts = [path for path in (folder / "files").rglob("*") if path.is_file()] if (folder / "files").is_dir() else []
    for path in parts:
        place = media / path.relative_to(folder / "files")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    return len(parts)


def _put_keys(folder: Path, force: bool) -> None:
    for path in (folder / "keys").glob("*.key") if (folder / "keys").is_dir() else ():
        place = Path(settings.HOME) / path.name
        if place.exists() and place.read_bytes() == path.read_bytes():
            continue
        if place.exists() and not force:
            raise Refused(f"数据已恢复，但 {place} 已有另一把密钥，没有替换；确认要替换，请加 --force 再恢复一次。")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch(mode=0o600)
        place.write_bytes(path.read_bytes())
