"""Stored versions: which one holds on a day, what may be loaded, and a cache that notices another process."""

import json
import shutil
from datetime import date

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from gongjian.ground import policy
from gongjian.ground.policy import folders, store
from gongjian.ground.policy.cli import pack as command
from gongjian.ground.policy.models import PackVersion

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    store.forget()
    yield
    store.forget()


@pytest.fixture
def make(tmp_path):
    """`make("1.0", "2026-01-01", city="甲市")` writes a folder of the pack `newcity` and returns it."""

    def write(version, effective_from, city="新市"):
        folder = tmp_path / version / "newcity"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pack.yaml").write_text(
            f'id: newcity\ntitle: 新市\nversion: "{version}"\neffective_from: {effective_from}\nextends: _base\n',
            "utf-8",
        )
        (folder / "words.yaml").write_text(f"words:\n  city: {city}\n", "utf-8")
        return folder

    return write


def test_without_a_version_the_files_hold():
    assert policy.current().id == store.chosen_folder().name
    assert policy.version_of(date(2026, 11, 1)) is None


def test_the_version_of_a_day(make):
    policy.load(make("1", "2026-01-01", "甲市"))
    policy.load(make("2", "2026-07-01", "乙市"))
    assert policy.on(date(2025, 5, 5)).word("city") == "甲市"  # before the first, the first
    assert policy.on(date(2026, 6, 30)).word("city") == "甲市"
    assert policy.on(date(2026, 7, 1)).word("city") == "乙市"
    assert policy.version_of(date(2026, 6, 30)) < policy.version_of(date(2026, 7, 1))


def test_a_correction_of_the_same_day_holds(make):
    policy.load(make("1", "2026-01-01", "甲市"))
    policy.load(make("1.1", "2026-01-01", "乙市"))
    assert policy.on(date(2026, 1, 1)).word("city") == "乙市"


def test_today_decides(make, clock):
    policy.load(make("1", "2026-01-01", "甲市"))
    policy.load(make("2", "2026-12-01", "乙市"))
    clock.set("2026-11-30 23:59")
    assert policy.current().word("city") == "甲市"
    clock.set("2026-12-01 00:01")  # in Shanghai; still November in UTC
    assert policy.current().word("city") == "乙市"


def test_loading_twice_changes_nothing(make):
    first, new = policy.load(make("1", "2026-01-01"), by=7)
    again, anew = policy.load(make("1", "2026-01-01"))
    assert (first.id, new, anew) == (again.id, True, False)
    assert PackVersion.objects.get().loaded_by == 7


def test_a_version_number_is_used_once(make):
    policy.load(make("1", "2026-01-01", "甲市"))
    with pytest.raises(policy.VersionTaken) as raised:
        policy.load(make("1", "2026-01-01", "乙市"))
    assert str(raised.value) == "政策包 newcity 的版本 1 已经登记，内容与这次不同：请改用新的版本号。"


def test_a_new_version_does_not_rewrite_the_past(make):
    policy.load(make("2", "2026-07-01"))
    with pytest.raises(policy.VersionTaken) as raised:
        policy.load(make("1", "2026-06-30"))
    assert str(raised.value) == ("生效日期 2026-06-30 早于已登记版本 2 的生效日期 2026-07-01：新版本不能改写过去。")


def test_a_pack_with_problems_is_not_stored(make):
    folder = make("1", "2026-01-01")
    (folder / "words.yaml").write_text("words:\n  a:\n", "utf-8")
    with pytest.raises(policy.PackProblems):
        policy.load(folder)
    assert not PackVersion.objects.exists()


@pytest.mark.parametrize("deed", ["UPDATE policy_packversion SET pack = 'x'", "DELETE FROM policy_packversion"])
def test_versions_are_append_only(make, deed):
    policy.load(make("1", "2026-01-01"))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deed)


def test_what_is_stored_reads_back_the_same(make):
    version, _new = policy.load(make("1", "2026-01-01"))
    kept = PackVersion.objects.get(id=version.id)
    assert folders.parse(kept.content) == folders.read_pack(make("1", "2026-01-01"))[0]
    assert folders.digest_of(kept.content) == kept.digest


def insert(folder):
    """Store a version as another process would: behind this process's back."""
    pack, content = folders.read_pack(folder)
    PackVersion.objects.create(
        pack=pack.id, version=pack.version, effective_from=pack.effective_from, content=content,
        digest=folders.digest_of(content), loaded_at="2026-11-01T00:00:00Z",
    )  # fmt: skip


def test_another_process_is_noticed_after_the_pause(make, monkeypatch):
    policy.load(make("1", "2026-01-01", "甲市"))
    ticks = iter([100.0, 100.5, 101.6, 101.6, 101.6])
    monkeypatch.setattr(store, "monotonic", lambda: next(ticks))
    assert policy.current().word("city") == "甲市"  # asked at 100.0
    insert(make("2", "2026-02-01", "乙市"))
    assert policy.current().word("city") == "甲市"  # 100.5: not yet asked again
    assert policy.current().word("city") == "乙市"  # 101.6


def test_a_request_sees_one_pack_and_the_next_the_new(make, queries):
    policy.load(make("1", "2026-01-01", "甲市"))
    store.request_begins()
    try:
        assert policy.current().word("city") == "甲市"
        insert(make("2", "2026-02-01", "乙市"))
        with queries(0):  # a template may ask for words
            assert policy.current().word("city") == "甲市"
        store.request_begins()
        assert policy.current().word("city") == "乙市"
    finally:
        store.request_ends()


def test_asking_again_costs_no_statement(make, queries):
    policy.load(make("1", "2026-01-01"))
    policy.current()
    with queries(0):
        for _ in range(100):
            policy.current()


def test_settings_choose_among_cities(make, tmp_path, monkeypatch):
    policy.load(make("1", "2026-01-01", "甲市"))
    other = tmp_path / "othercity"
    shutil.copytree(make("1", "2026-01-01"), other)
    text = (other / "pack.yaml").read_text("utf-8").replace("newcity", "othercity")
    (other / "pack.yaml").write_text(text, "utf-8")
    policy.load(other)
    assert policy.current().id == "othercity"  # the newest loaded
    with override_settings(PACK="newcity"):
        store.forget()
        assert policy.current().id == "newcity"


def test_several_cities_in_the_folder_need_a_choice(make, tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pack.yaml").write_text(f"id: {name}\n", "utf-8")
    monkeypatch.setenv("GONGJIAN_PACKS", str(tmp_path))
    with pytest.raises(policy.NoPack) as raised:
        policy.current()
    assert str(raised.value) == "有多个政策包（a、b），请用 GONGJIAN_PACK 指定一个。"


# ---- the command line ---------------------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)


def test_command_load_and_diff(make):
    first, second = make("1", "2026-01-01", "甲市"), make("2", "2026-07-01", "乙市")
    assert run("load", first).output == "已登记政策包 newcity 1，自 2026-01-01 起生效。\n"
    assert run("load", first).output == "政策包 newcity 1 早已登记，没有变化。\n"
    (second / "duties.yaml").write_text(
        "duties:\n  - {id: theme_day_monthly, times: 2}\n  - {id: heart_to_heart_yearly, remove: true}\n", "utf-8"
    )
    (second / "examples.yaml").write_text(
        "examples:\n  standings:\n    - {id: theme_day_held, expect: at_risk}\n"
        "    - {id: theme_day_planned, expect: at_risk}\n    - {id: theme_day_made_good, expect: short}\n",
        "utf-8",
    )
    result = run("diff", "newcity@1", second)
    assert result.output.splitlines() == [
        "版本：由 “1” 改为 “2”",
        "生效日期：由 “2026-01-01” 改为 “2026-07-01”",
        "规定动作 theme_day_monthly times：由 “1” 改为 “2”",
        "规定动作 heart_to_heart_yearly：删去 “谈心谈话每年至少1次”",
        "用语 city：由 “甲市” 改为 “乙市”",
        "达标算例 theme_day_held expect：由 “kept” 改为 “at_risk”",
        "达标算例 theme_day_planned expect：由 “on_track” 改为 “at_risk”",
        "达标算例 theme_day_made_good expect：由 “made_good” 改为 “short”",
        "共 8 处不同。",
    ]
    assert run("diff", first, first).output == "两者相同。\n"
    assert "没有登记过政策包 newcity@9。" in run("diff", "newcity@9", first).output


def test_command_check_tells_every_problem(make):
    folder = make("1", "2026-01-01")
    (folder / "words.yaml").write_text("words:\n  a:\n  b: [甲]\n", "utf-8")
    result = run("check", folder)
    assert result.exit_code == 1
    assert "words.yaml 第 2 行，字段 words.a：不能为空。" in result.output
    assert "words.yaml 第 3 行，字段 words.b：要写一段文字。" in result.output


def test_command_check_of_a_sound_pack(make, monkeypatch):
    found = folders.read_pack(make("1", "2026-01-01"))[0]
    kinds = {rule.fact for rule in found.points.rules}
    for duty in found.duties:
        kinds |= {match.fact for match in (duty.done_by, duty.planned_by, *duty.also_done_by, *duty.withdrawn_by)}
    items = [item for entry in found.assessments.lists for item in entry.items if item.records is not None]
    kinds |= {item.records.fact for item in items if item.records.fact is not None}
    monkeypatch.setattr("gongjian.ground.kernel.registry.fact_kinds", lambda: dict.fromkeys(kinds))
    codes = {code for role in found.roles for code in role.permissions}
    monkeypatch.setattr("gongjian.ground.kernel.registry.permissions", lambda: dict.fromkeys(codes))
    result = run("check", make("1", "2026-01-01"))
    assert result.output == (
        f"政策包 新市（newcity 1）没有问题：{len(found.points.rules)} 条积分规则，{len(found.duties)} 项规定动作，"
        f"算例 {sum(len(part) for _name, part in found.examples)} 个全部相符。\n"
    )


def test_command_schema(tmp_path):
    result = run("schema", tmp_path / "out")
    assert len(result.output.splitlines()) == len(folders.FILES)
    assert json.loads((tmp_path / "out" / "duties.json").read_text("utf-8"))["title"] == "duties.yaml"
