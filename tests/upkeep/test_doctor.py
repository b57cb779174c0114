"""The doctor: finds what is wrong, says how to mend it, and stays calm when all is well."""

import json

import pytest
from click.testing import CliRunner

from gongjian.outlets.upkeep import doctor


def found(check: str) -> doctor.Finding:
    return next(finding for finding in doctor.examine() if finding.check == check)


@pytest.fixture
def home(tmp_path, settings, monkeypatch):
    for name in ("GONGJIAN_SECRET_KEY", "GONGJIAN_FIELD_KEY"):
        monkeypatch.delenv(name, raising=False)
        key = tmp_path / (name.lower() + ".key")
        key.write_text("a key", encoding="ascii")
        key.chmod(0o600)
    settings.HOME = tmp_path
    return tmp_path


@pytest.mark.django_db
def test_a_key_that_others_can_read_is_wrong(home):
    assert found("字段密钥").state == doctor.OK
    (home / "gongjian_field_key.key").chmod(0o644)
    finding = found("字段密钥")
    assert finding.state == doctor.WRONG
    assert "chmod 600" in finding.mend


@pytest.mark.django_db
def test_a_missing_key_is_wrong(home):
    (home / "gongjian_field_key.key").unlink()
    assert found("字段密钥").state == doctor.WRONG


@pytest.mark.django_db
def test_a_stopped_listener_is_named_with_its_error(home):
    from gongjian.engines import relay
    from gongjian.engines.relay.models import Cursor

    name = relay.listeners()[0].name
    Cursor.objects.update_or_create(name=name, defaults={"error": "ValueError('坏了')"})
    finding = found(f"听者 {name}")
    assert finding.state == doctor.WRONG
    assert "坏了" in finding.text


@pytest.mark.django_db
def test_a_calendar_about_to_end_is_announced(home, clock):
    clock.set("2026-10-01 09:00")
    assert found("工作日历").state == doctor.OK
    clock.set("2026-12-20 09:00")
    assert found("工作日历").state == doctor.WARN
    clock.set("2031-01-05 09:00")
    assert found("工作日历").state == doctor.WRONG


@pytest.mark.django_db
def test_a_production_without_a_worker_is_wrong(home, settings):
    settings.RELAY = "worker"
    assert found("工人").state == doctor.WRONG


@pytest.mark.django_db
def test_facts_long_unsealed_are_announced(home, clock):
    from gongjian.ground.kernel.actor import SYSTEM
    from gongjian.records.people import actions as people

    people.register(by=SYSTEM, name="某人")
    assert found("封存").state == doctor.OK
    clock.forward(days=3)
    assert found("封存").state == doctor.WARN


@pytest.mark.django_db
def test_a_migration_left_out_is_wrong(home):
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="demo").delete()
    finding = found("数据库版本")
    assert finding.state == doctor.WRONG
    assert "gongjian migrate" in finding.mend


@pytest.mark.django_db
def test_little_space_is_wrong(home, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _place: _Usage(1024))
    assert found("磁盘空间").state == doctor.WRONG


class _Usage:
    def __init__(self, free: int) -> None:
        self.free = free


@pytest.mark.django_db
def test_a_check_that_breaks_is_a_finding_not_a_crash(monkeypatch, home):
    def broken():
        raise RuntimeError("anything")
        yield

    monkeypatch.setattr(doctor, "_clock", broken)
    assert any(finding.state == doctor.WRONG and "anything" in finding.text for finding in doctor.examine())


@pytest.mark.django_db
def test_exit_code_and_json(home):
    from gongjian.outlets.upkeep.cli import doctor as command

    (home / "gongjian_field_key.key").chmod(0o644)
    done = CliRunner().invoke(command, ["--json"])
    told = json.loads(done.output)
    assert done.exit_code == 1
    assert told["wrong"] >= 1
    assert {"check", "state", "text", "mend"} == set(told["findings"][0])
