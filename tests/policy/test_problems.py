"""Every kind of problem, with the exact sentence: file, line, entry, field, and what may be written."""

import shutil

import pytest

from gongjian.ground.policy import folders
from gongjian.ground.policy.problems import MESSAGES, PackProblems


@pytest.fixture
def city(tmp_path):
    """A city's folder that extends the shipped base; `city(duties="…")` writes files and returns the sentences."""
    folder = tmp_path / "newcity"
    folder.mkdir()
    head = 'id: newcity\ntitle: 新市\nversion: "1"\neffective_from: 2026-01-01\nextends: _base\n'

    def write(raw=None, known=None, **files):
        for name, text in {"pack": head, **files}.items():
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        for name, data in (raw or {}).items():
            (folder / name).write_bytes(data)
        found = folders.check(folder, **(known or {}))
        write.kinds = {problem.kind for problem in found}
        return [str(problem) for problem in found]

    write.folder, write.head = folder, head
    return write


DUTY = """duties:
  - id: tea
    title: 茶话会
    short: 茶话
    text: 每月一次。
    applies_to: [branch]
    per: month
    times: 1
    done_by: {fact: activity.signed_off, where: {activity_kind: study}}
    planned_by: {fact: activity.planned, where: {activity_kind: study}}
    strength: soft
    warn_days_before: 7
    escalate_after_working_days: 5
    from: 2026-01-01
    basis: 测试
"""
RULE = """points:
  rules:
    - id: tea
      title: 茶话会
      fact: activity.attended
      to: person
      points: 2
      dimension: service
      evidence: 签到
      text: 得2分。
      from: 2026-01-01
      basis: 测试
"""
# kind of problem, files, what is said
LIST = """assessments:
  lists:
    - {{id: extra, title: 加, short: 加, of: {of}, assessed_by: street, recheck_months: 12, lapse_months: 6, basis: 无,
       bands: [{{id: all, title: 都, at_least: 0, tone: good}}],
       dimensions: [
         {{id: a, title: 甲, items: [
           {{id: one, title: 一, points: 5, basis: 无,
             records:
               {{check: covered}}}},
           {more}
         ]}}]}}
"""
ITEM = "{{id: one, title: 一, points: 5, basis: 无, {evidence}}}"


CASES = [
    ("step_number", {"admissions": "admissions:\n  steps:\n    - {id: application, number: 7}\n"},
     ["admissions.yaml 第 2 行，字段 admissions：步骤要按 1、2、3 连续编号，这里应为 1，写的是 7。"]),
    ("step_names", {"admissions": "admissions:\n  steps:\n    - {id: application, stage: moon}\n"},
     ["admissions.yaml 第 2 行，字段 admissions：“application”里写的“moon”没有登记，或者不在它前面。"]),
    ("condition_lacks",
     {"admissions": "admissions:\n  steps:\n    - id: application\n      conditions:\n        - {id: tall, kind: age, basis: 无}\n"},
     ["admissions.yaml 第 2 行，字段 admissions：条件“application.tall”缺少：years。"]),
    ("class_full", {"points": "points:\n  classes:\n    - {id: mobile, counts: [{dimension: learning, full: 21}]}\n"},
     ["points.yaml 第 3 行，条目 mobile，字段 counts.1.full：这一类党员的满分 21 超过维度满分 20。"]),
    ("hour", {"planning": "planning:\n  usual_hour: 25点\n"},
     ["planning.yaml 第 2 行，字段 planning.usual_hour：“25点”不是时刻，请写成 15:00 这样，要加引号。"]),
    ("weekday", {"planning": "planning:\n  usual_weekday: 8\n"},
     ["planning.yaml 第 2 行，字段 planning.usual_weekday：“8”不是星期，只能写 1（周一）到 7（周日）。"]),
    ("not_fitting", {"dues": "dues:\n  tables:\n    - {id: pension, brackets: [{upto: 5000, rate: 0.5}]}\n"},
     ["dues.yaml 第 3 行，条目 pension：“5000”不合要求：各档上限从小到大，最后一档不写上限。"]),
    ("syntax", {"words": "words:\n  a: [1\n"}, ["words.yaml 第 3 行：YAML 写法有误：expected ',' or ']', but got '<stream end>'。"]),
    ("alias", {"words": "words:\n  a: &x 甲\n  b: *x\n"}, ["words.yaml 第 3 行：不要使用引用“*x”，请把内容写全。"]),
    ("tag", {"words": "words:\n  a: !!python/name:os.system x\n"},
     ["words.yaml 第 2 行：不要使用标记“tag:yaml.org,2002:python/name:os.system”，这里只写文字、清单和键值。"]),
    ("key", {"words": "words:\n  [a, b]: 甲\n"}, ["words.yaml 第 2 行：字段名必须是一个词。"]),
    ("top", {"words": "- 甲\n"}, ["words.yaml 第 1 行：文件最外层要写成“字段: 内容”的形式。"]),
    ("double_key", {"words": "words:\n  a: 甲\n  a: 乙\n"}, ["words.yaml 第 3 行，字段 a：字段写了两次，第一次在第 2 行。"]),
    ("double_key", {"duties": "duties:\n  - id: theme_day_monthly\n    times: 1\n    times: 2\n"},
     ["duties.yaml 第 4 行，条目 theme_day_monthly，字段 times：字段写了两次，第一次在第 3 行。"]),
    ("double_entry", {"levels": "levels:\n  - {id: city, title: 甲}\n  - {id: city, title: 乙}\n"},
     ["levels.yaml 第 3 行，条目 city：同一个编号写了两次，第一次在第 2 行。"]),
    ("remove_unknown", {"duties": "duties:\n  - {id: dance, remove: true}\n"},
     ["duties.yaml 第 2 行，条目 dance：要删除的条目在上级政策包里并不存在。"]),
    ("missing", {"duties": DUTY.replace("    per: month\n", "")}, ["duties.yaml 第 2 行，条目 tea，字段 per：必须填写。"]),
    ("extra_forbidden", {"calendar": "calendar:\n  colour: 红\n"},
     ["calendar.yaml 第 2 行，字段 calendar.colour：没有这个字段，可用的字段有：hours、days、confirmed_until、basis。"]),
    ("extra_forbidden", {"words": "words: {}\nwrods: {}\n"},
     ["words.yaml 第 2 行，字段 wrods：没有这个字段，可用的字段有：words。"]),
    ("literal_error", {"duties": DUTY.replace("per: month", "per: week")},
     ["duties.yaml 第 7 行，条目 tea，字段 per：不能写“week”，只能写：month、quarter、year。"]),
    ("list", {"duties": DUTY.replace("[branch]", "branch")},
     ["duties.yaml 第 6 行，条目 tea，字段 applies_to：要写成清单，每项一行，以“- ”开头。"]),
    ("mapping", {"duties": DUTY.replace("{fact: activity.planned, where: {activity_kind: study}}", "study")},
     ["duties.yaml 第 10 行，条目 tea，字段 planned_by：要写成“字段: 内容”的形式。"]),
    ("text", {"words": "words:\n  a: [甲]\n"}, ["words.yaml 第 2 行，字段 words.a：要写一段文字。"]),
    ("empty", {"words": "words:\n  a:\n"}, ["words.yaml 第 2 行，字段 words.a：不能为空。"]),
    ("integer", {"duties": DUTY.replace("times: 1", "times: 两")}, ["duties.yaml 第 8 行，条目 tea，字段 times：“两”不是整数。"]),
    ("integer", {"points": RULE.replace("points: 2\n", "points: 2.5\n")}, ["points.yaml 第 7 行，条目 tea，字段 points：“2.5”不是整数。"]),
    ("too_small", {"duties": DUTY.replace("times: 1", "times: 0")},
     ["duties.yaml 第 8 行，条目 tea，字段 times：“0”太小，不能小于 1。"]),
    ("too_large", {"duties": DUTY + "    usual_months: [10, 13]\n"},
     ["duties.yaml 第 16 行，条目 tea，字段 usual_months.2：“13”太大，不能大于 12。"]),
    ("number", {"figures": "figures:\n  - {id: a, label: 甲, value: 很多, unit: 个, op: '=', about: 数。}\n"},
     ["figures.yaml 第 2 行，条目 a，字段 value：“很多”不是数。"]),
    ("boolean", {"roles": "roles:\n  - id: admin\n    second_factor: yes\n"},
     ["roles.yaml 第 3 行，条目 admin，字段 second_factor：“yes”不是是非，只能写：true、false。"]),
    ("date", {"duties": DUTY.replace("2026-01-01", "2026-02-30")},
     ["duties.yaml 第 14 行，条目 tea，字段 from：“2026-02-30”不是日期，请写成 2026-01-31 这样。"]),
    ("identifier", {"levels": "levels:\n  - {id: 市, title: 市, rank: 1}\n"},
     ["levels.yaml 第 2 行，条目 市，字段 id：“市”不能作编号：只用小写英文字母、数字和下划线，以字母开头。"]),
    ("fact_kind", {"points": RULE.replace("activity.attended", "attended")},
     ["points.yaml 第 5 行，条目 tea，字段 fact：“attended”不像事实种类，请写成“名词.动词”，如 activity.attended。"]),
    ("permission", {"roles": "roles:\n  - id: admin\n    permissions: [everything]\n"},
     ["roles.yaml 第 3 行，条目 admin，字段 permissions.1：“everything”不像权限代码，请写成“房间.动作”或“房间.*”。"]),
    ("version", {"pack": 'id: newcity\ntitle: 新市\nversion: 新版\neffective_from: 2026-01-01\nextends: _base\n'},
     ["pack.yaml 第 3 行，字段 version：“新版”不能作版本号，请用数字和点，如 2026.1。"]),
    ("folder_id", {"pack": 'id: oldcity\ntitle: 新市\nversion: "1"\neffective_from: 2026-01-01\nextends: _base\n'},
     ["pack.yaml 第 1 行，字段 id：编号“oldcity”与文件夹名“newcity”不一致。"]),
    ("extends", {"pack": 'id: newcity\ntitle: 新市\nversion: "1"\neffective_from: 2026-01-01\nextends: nowhere\n'},
     ["pack.yaml 第 5 行，字段 extends：找不到要继承的政策包“nowhere”。"]),
    ("extends_loop", {"pack": 'id: newcity\ntitle: 新市\nversion: "1"\neffective_from: 2026-01-01\nextends: newcity\n'},
     ["pack.yaml 第 5 行，字段 extends：政策包“newcity”绕了一圈又继承了自己。"]),
    ("unknown_file", {"duty": "duties: []\n"},
     ["duty.yaml 第 1 行：政策包里没有叫这个名字的文件，可用的有：" + "、".join(f"{n}.yaml" for n in folders.FILES) + "。"]),
    ("unknown_ref", {"levels": "levels:\n  - {id: group, remove: true}\n"},
     ["_base/org_kinds.yaml 第 {group_line} 行，条目 group，字段 level：“group”没有登记，"
      "可用的有：branch、city、community、district、street、unit。"]),
    ("unknown_ref", {"points": RULE.replace("dimension: service", "dimension: mood")},
     ["points.yaml 第 8 行，条目 tea，字段 dimension：“mood”没有登记，"
      "可用的有：appraisal、bonus、duties、learning、organisational_life、service。"]),
    ("dates", {"duties": DUTY + "    until: 2025-12-31\n"},
     ["duties.yaml 第 16 行，条目 tea，字段 until：停用日期 2025-12-31 早于启用日期 2026-01-01。"]),
    ("zero_points", {"points": RULE.replace("points: 2\n", "points: 0\n")}, ["points.yaml 第 7 行，条目 tea，字段 points：分值不能是 0。"]),
    ("cap_sign", {"points": RULE.replace("points: 2\n", "points: -2\n      at_most: {points: 6, per: month}\n")},
     ["points.yaml 第 8 行，条目 tea，字段 at_most：扣分规则不设上限，请去掉 at_most。"]),
    ("cap_small", {"points": RULE.replace("points: 2\n", "points: 2\n      at_most: {points: 1, per: month}\n")},
     ["points.yaml 第 8 行，条目 tea，字段 at_most.points：上限 1 分小于一次的分值 2 分。"]),
    ("frame", {"points": "points:\n  dimensions:\n    - {id: service, full: 50}\n"},
     ["_base/points.yaml 第 {cap_line} 行，字段 points.frame.cap：各维度满分合计 130 分，超过总分上限 110 分。"]),
    ("bands", {"points": "points:\n  bands:\n    - {id: low, remove: true}\n"},
     ["points.yaml 第 2 行，字段 points.bands：最低一档必须从 0 分起，现在从 60 分起。"]),
    ("figure_value", {"figures": "figures:\n  - {id: a, label: 甲, unit: 个, op: '=', about: 数。}\n"},
     ["figures.yaml 第 2 行，条目 a：必须填写公布值（value），或区间（range）的下限和上限。"]),
    ("bounds", {"figures": "figures:\n  - {id: a, label: 甲, range: [5, 3], unit: 个, op: range, about: 数。}\n"},
     ["figures.yaml 第 2 行，条目 a，字段 range：下限 5 大于上限 3。"]),
    ("nothing_bound",
     {"org_kinds": "org_kinds:\n  - id: alliance\n    size_rules:\n"
      "      - {id: empty, measure: all_members, severity: warn, text: 空。, basis: 无。}\n"},
     ["org_kinds.yaml 第 4 行，条目 empty：至少要写下限（at_least）、上限（at_most）或单数（odd）。"]),
    ("list_kinds", {"assessments": LIST.format(of="estate", more="").replace("id: extra,", "id: extra, org_kinds: [branch],")},
     ["assessments.yaml 第 3 行，条目 extra，字段 org_kinds：面向组织的清单要写 org_kinds，面向小区或服务中心的不写（现在面向 estate）。"]),
    ("list_item_twice",
     {"assessments": LIST.format(of="estate", more="").replace(
         "]}]}", "]}, {id: b, title: 乙, items: [" + ITEM.format(evidence="records: {check: covered}") + "]}]}")},
     ["assessments.yaml 第 11 行，条目 one，字段 id：清单里已有编号“one”的条目。"]),
    ("list_evidence", {"assessments": LIST.format(of="estate", more=ITEM.format(evidence="text: 无").replace("one", "two"))},
     ["assessments.yaml 第 10 行，条目 two：条目“two”要么从记录核（records），要么人工评（levels），只写一种。"]),
    ("list_levels",
     {"assessments": LIST.format(
         of="estate", more=ITEM.format(evidence="levels: [{points: 3, text: 好}]").replace("one", "two"))},
     ["assessments.yaml 第 10 行，条目 two，字段 levels：评分档不能重分，最高一档应等于条目分值 5，现在是 3。"]),
    ("list_check",
     {"assessments": LIST.format(of="organisation", more="").replace("id: extra,", "id: extra, org_kinds: [branch],")},
     ["assessments.yaml 第 9 行，条目 one，字段 records.check：“covered”只能用于小区和服务中心的清单。"]),
    ("example_assessment",
     {"examples": "examples:\n  assessments:\n    - {id: nothing_found, expect: {percent: 1, band: unmet}}\n"},
     ["examples.yaml 第 3 行，条目 nothing_found，字段 expect：算例不符：应为 1% unmet，实为 0% unmet。"]),
    ("example_standing", {"examples": "examples:\n  standings:\n    - {id: theme_day_held, expect: short}\n"},
     ["examples.yaml 第 3 行，条目 theme_day_held，字段 expect：算例不符：应为“short”，实为“kept”。"]),
    ("example_points",
     {"examples": "examples:\n  points:\n    - id: volunteer_hours\n      expect:\n"
      "        - {rule: attend_volunteer_service, person: 1, points: 3}\n"},
     ["examples.yaml 第 5 行，条目 volunteer_hours，字段 expect.1.points：算例不符：应得 3，实得 2。"]),
]  # fmt: skip


def line_of(path, text):
    return next(i for i, line in enumerate(path.read_text("utf-8").splitlines(), 1) if line.strip() == text)


@pytest.mark.parametrize(("kind", "files", "sentences"), CASES, ids=[f"{i}-{c[0]}" for i, c in enumerate(CASES)])
def test_a_problem_is_told_in_words(city, kind, files, sentences):
    base = folders.find("_base")
    places = {
        "cap_line": line_of(base / "points.yaml", "cap: 110"),
        "group_line": line_of(base / "org_kinds.yaml", "level: group"),
    }
    for key, line in places.items():
        sentences = [sentence.replace("{" + key + "}", str(line)) for sentence in sentences]
    assert city(**files) == sentences
    assert kind in city.kinds


def test_a_file_that_is_not_utf8(city):
    assert city(raw={"words.yaml": "words:\n  a: 桂\n".encode("gbk")}) == [
        "words.yaml 第 1 行：文件不是 UTF-8 编码，请另存为 UTF-8。"
    ]


def test_a_folder_that_is_not_there(tmp_path):
    assert [str(p) for p in folders.check(tmp_path / "nowhere")] == ["pack.yaml 第 1 行：找不到政策包文件夹“nowhere”。"]


def test_a_section_that_nobody_wrote(tmp_path):
    folder = tmp_path / "_alone"
    shutil.copytree(folders.find("_base"), folder)
    (folder / "pack.yaml").write_text(
        (folder / "pack.yaml").read_text("utf-8").replace("id: _base", "id: _alone"), encoding="utf-8"
    )
    (folder / "calendar.yaml").unlink()
    assert [str(p) for p in folders.check(folder)] == ["calendar.yaml 第 1 行，字段 calendar：必须填写。"]


def test_names_that_the_rooms_do_not_declare(city):
    everything = folders.read_pack(folders.find("_base"))[0]
    known = {
        "fact_kinds": {"activity.attended", "activity.signed_off", "activity.planned", "activity.cancelled"}
        | {"points.awarded", "points.deducted", "dues.paid", "review.closed", "talk.held", "talk.withdrawn"}
        | {"order.finished", "order.rated", "order.helped"},
        "permissions": {code for role in everything.roles for code in role.permissions},
    }
    roles = "roles:\n  - id: admin\n    permissions: [orgs.view, orgs.fly, moon.*, people.*, '*']\n"
    said = city(known=known, roles=roles)
    assert said == [
        "roles.yaml 第 3 行，条目 admin，字段 permissions.2：系统里没有叫“orgs.fly”的权限。",
        "roles.yaml 第 3 行，条目 admin，字段 permissions.3：系统里没有叫“moon.*”的权限。",
        f"_base/points.yaml 第 {fact_line('member.became_formal')} 行，条目 became_formal，字段 fact："
        "系统里没有叫“member.became_formal”的事实种类。",
    ]


def fact_line(kind):
    return line_of(folders.find("_base") / "points.yaml", f"fact: {kind}")


def test_everything_is_told_at_once(city):
    said = city(
        duties=DUTY.replace("times: 1", "times: 零").replace("per: month", "per: week"),
        roles="roles:\n  - id: admin\n    second_factor: 是\n",
        words="words:\n  a: 甲\n  a: 乙\n",
    )
    assert [sentence.partition("：")[0] for sentence in said] == [
        "roles.yaml 第 3 行，条目 admin，字段 second_factor",
        "duties.yaml 第 7 行，条目 tea，字段 per",
        "duties.yaml 第 8 行，条目 tea，字段 times",
        "words.yaml 第 3 行，字段 a",
    ]


def test_reading_raises_with_all_problems(city):
    city(duties=DUTY.replace("times: 1", "times: 零").replace("per: month", "per: week"))
    with pytest.raises(PackProblems) as raised:
        folders.read_pack(city.folder)
    assert len(raised.value.problems) == 2
    assert str(raised.value).count("\n") == 1


def test_every_kind_of_problem_has_its_test():
    tested = {case[0] for case in CASES} | {"encoding", "no_folder", "unknown_fact", "unknown_permission"}
    assert set(MESSAGES) == tested
