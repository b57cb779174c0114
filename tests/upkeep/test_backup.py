"""Backup and restore on either database: whole, proven, and refused when anything is damaged."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests import databases

ROOT = Path(__file__).resolve().parents[2]


class Place:
    """An installation of its own, run through the command line as an administrator would."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, *arguments: str, fails: bool = False) -> str:
        own = ("GONGJIAN_SECRET_KEY", "GONGJIAN_FIELD_KEY", "GONGJIAN_RELAY")
        environment = {key: value for key, value in os.environ.items() if key not in own}
        environment |= {
            "GONGJIAN_HOME": str(self.folder), "GONGJIAN_DATABASE": self.database, "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "gongjian.config.settings",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, env=environment, cwd=self.folder, check=False
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def gongjian(self, *arguments: object, fails: bool = False) -> str:
        return self.run("-m", "gongjian.config.cli", *map(str, arguments), fails=fails)

    def fill(self) -> None:
        self.gongjian("migrate")
        self.run("-c", FILL)
        (self.folder / "files").mkdir(exist_ok=True)
        (self.folder / "files" / "照片.txt").write_text("一份文件", encoding="utf-8")

    def tell(self) -> dict:
        return json.loads(self.run("-c", TELL).strip().splitlines()[-1])


FILL = """
import django; django.setup()
import datetime as dt
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.facts.seal import seal
from gongjian.records.orgs import actions as orgs
from gongjian.records.people import actions as people
from gongjian.engines import relay
from gongjian.ground.kernel import clock
from gongjian.records.files import shelf
from gongjian.records.files.models import StoredFile
digest = "ab" * 32
shelf.put("一份申请书".encode(), digest)
StoredFile.objects.create(sha256=digest, title="申请书", name="a.pdf", kind="pdf", mime="application/pdf", size=15,
                          subject_kind="case", subject_id="1", kept_at=clock.now())
root = orgs.found(by=SYSTEM, code="R", name="云山市委", kind="city_committee", level="city", parent=None, on=dt.date(2015, 6, 1))
for n in range(30):
    people.register(by=SYSTEM, org=root, name=f"人员{n}", phone=f"1400000{n:04d}")
relay.deliver()
seal()
"""
TELL = """
import django, json; django.setup()
from gongjian.records.facts.models import Fact
from gongjian.records.files import queries as files
from gongjian.records.files.models import StoredFile
from gongjian.records.people.models import Person
kept = [files.content_of(f).decode() for f in StoredFile.objects.all()]
print(json.dumps({"files": kept, "facts": Fact.objects.count(), "phones": [p.unsealed("phone") for p in Person.objects.order_by("id")]}))
"""


def database_for(folder: Path, name: str) -> str:
    """A database of its own, of the kind that the tests run on."""
    if databases.KIND == "sqlite":
        return f"sqlite:///{folder / 'gongjian.sqlite3'}"
    import psycopg

    url = f"postgres://{databases.OWNER}@127.0.0.1:{os.environ[databases.PORT]}"
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    return f"{url}/{name}"


@pytest.fixture(scope="module")
def filled(tmp_path_factory, django_db_setup) -> Place:
    folder = tmp_path_factory.mktemp("filled")
    place = Place(folder, database_for(folder, "upkeep_filled"))
    place.fill()
    return place


@pytest.fixture(scope="module")
def saved(filled, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("saved") / "backup.zip"
    assert "事实 31 条" in filled.gongjian("backup", file)
    return file


@pytest.fixture
def other(tmp_path, filled) -> Place:
    """An empty installation with the same keys."""
    place = Place(tmp_path / "other", database_for(tmp_path / "other", "upkeep_other"))
    for name in ("gongjian_field_key.key", "gongjian_secret_key.key"):
        (place.folder / name).write_bytes((filled.folder / name).read_bytes())
    return place


def test_a_backup_holds_no_key_and_is_readable_by_its_owner_only(saved):
    assert saved.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(saved) as archive:
        assert not [name for name in archive.namelist() if "key" in name]


def test_everything_comes_back_and_is_proven(filled, saved, other):
    assert "封存核验通过（31 条）" in other.gongjian("restore", saved)
    assert other.tell() == filled.tell()
    assert len(other.tell()["phones"]) == 30
    assert other.tell()["files"] == ["一份申请书"]
    assert (other.folder / "files" / "照片.txt").read_text(encoding="utf-8") == "一份文件"


def test_a_database_with_data_is_replaced_only_by_force(saved, other):
    other.fill()
    before = other.tell()
    assert "加 --force" in other.gongjian("restore", saved, fails=True)
    assert other.tell() == before
    assert "已恢复" in other.gongjian("restore", saved, "--force")


def test_another_key_is_noticed_before_anything_is_written(saved, other):
    (other.folder / "gongjian_field_key.key").write_text("quite another key", encoding="ascii")
    assert "密钥与备份时的不同" in other.gongjian("restore", saved, fails=True)


def test_keys_travel_only_when_asked_for(filled, other, tmp_path):
    file = tmp_path / "with-keys.zip"
    filled.gongjian("backup", file, "--with-keys")
    for name in ("gongjian_field_key.key", "gongjian_secret_key.key"):
        (other.folder / name).unlink()
    assert "已恢复" in other.gongjian("restore", file, "--force")
    assert other.tell() == filled.tell()


def test_an_existing_file_is_not_overwritten(filled, saved):
    assert "已存在" in filled.gongjian("backup", saved, fails=True)


def rewrite(source: Path, target: Path, change) -> None:
    """Copy a backup, each part through `change(name, content)`; None drops it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)


def flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda name, content: flip(content) if name.startswith("database") else content, "与校验值不符"),
        (lambda name, content: flip(content) if name.startswith("files/") else content, "与校验值不符"),
        (lambda name, content: flip(content) if name == "manifest.json" else content, "清单"),
        (lambda name, content: None if name.startswith("files/") else content, "内容与清单不一致"),
        (lambda name, content: None if name == "manifest.json" else content, "已损坏"),
    ],
    ids=["database", "file", "manifest", "part missing", "manifest missing"],
)
def test_a_damaged_backup_is_refused_and_nothing_is_touched(saved, other, tmp_path, damage, word):
    bad = tmp_path / "bad.zip"
    rewrite(saved, bad, damage)
    assert word in other.gongjian("restore", bad, fails=True)
    assert not (other.folder / "gongjian.sqlite3").exists()


@pytest.mark.parametrize("keep", [0, 100, -200], ids=["empty", "cut short", "tail lost"])
def test_a_truncated_backup_is_refused(saved, other, tmp_path, keep):
    bad = tmp_path / "bad.zip"
    bad.write_bytes(saved.read_bytes()[:keep])
    assert "已损坏" in other.gongjian("restore", bad, fails=True)


def test_a_path_that_climbs_out_is_refused(tmp_path):
    """Checked before anything is written, even when the checksums agree."""
    import hashlib

    from gongjian.ground.kernel.errors import Refused
    from gongjian.outlets.upkeep.archive import unpack

    evil = tmp_path / "evil.zip"
    name, content = "files/../../out.txt", b"x"
    text = json.dumps({"format": 1, "parts": {name: {"sha256": hashlib.sha256(content).hexdigest()}}}).encode()
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("manifest.json", text)
        archive.writestr("manifest.sha256", hashlib.sha256(text).hexdigest())
        archive.writestr(name, content)
    with pytest.raises(Refused, match="不安全的路径"):
        unpack(evil, tmp_path / "into")
    assert not (tmp_path / "out.txt").exists()


def test_counts_that_differ_are_named():
    from gongjian.outlets.upkeep.counting import differences

    held = {"rows": {"facts_fact": 3}, "facts": {"count": 3, "last": 3}, "seal": None, "points": None, "migrations": []}
    other = {**held, "rows": {"facts_fact": 2}, "facts": {"count": 2, "last": 3}}
    assert differences(held, held) == []
    assert len(differences(held, other)) == 2
