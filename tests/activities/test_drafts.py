"""Minutes as one value: what a form becomes, and two people's minutes merged without losing a word of either."""

import pytest

from gongjian.desks.activities import drafts


def decision(text, ident=None, **fields):
    return {"id": ident, "text": text, "owner": None, "due_on": None, "point": None, "problem": ""} | fields


def content(note="", text="", decisions=()):
    return {"notes": [{"point": "学习", "note": note}], "text": text, "decisions": list(decisions)}


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "merged"),
    [
        ("", "", "我写的", "我写的"),
        ("", "她写的", "", "她写的"),
        ("原文", "原文", "原文改", "原文改"),
        ("原文", "她改", "原文", "她改"),
        ("原文", "她改", "我改", "她改\n我改"),
        ("原文", "原文，她添", "原文，她添，我也添", "原文，她添，我也添"),
        ("", "长长的一段", "长的", "长长的一段"),
        ("原文", "", "我改", "我改"),
        ("原文", "她改", "", "她改"),
    ],
)
def test_two_texts(base, theirs, mine, merged):
    assert drafts.merged_text(base, theirs, mine) == merged


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "texts"),
    [
        ([], [decision("她的", 1)], [decision("我的")], ["她的", "我的"]),
        ([], [decision("同样的", 1)], [decision("同样的")], ["同样的"]),
        ([decision("旧", 1)], [decision("旧", 1)], [decision("新", 1)], ["新"]),
        ([decision("旧", 1)], [decision("她改", 1)], [decision("旧", 1)], ["她改"]),
        ([decision("旧", 1)], [decision("旧", 1)], [], []),
        ([decision("旧", 1)], [decision("她改", 1)], [], ["她改"]),
        ([decision("旧", 1)], [], [decision("旧", 1)], []),
        ([decision("旧", 1)], [], [decision("我改", 1)], ["我改"]),
        ([], [decision("她的", 1)], [decision("")], ["她的"]),
    ],
)
def test_two_lists_of_decisions(base, theirs, mine, texts):
    found = drafts.merged(content(decisions=base), content(decisions=theirs), content(decisions=mine))
    assert [one["text"] for one in found["decisions"]] == texts


def test_what_they_took_away_and_we_changed_comes_back_as_new():
    found = drafts.merged(content(decisions=[decision("旧", 7)]), content(), content(decisions=[decision("我改", 7)]))
    assert found["decisions"][0]["id"] is None


def test_a_form_becomes_content_whatever_was_typed():
    fields = {
        "note_0": "学了",
        "text": "完",
        "decision_0": "修灯",
        "owner_0": "7",
        "due_0": "明天",
        "point_0": "0",
        "id_0": "x",
    }
    assert drafts.from_fields(fields, ["学习", "讨论"]) == {
        "notes": [{"point": "学习", "note": "学了"}, {"point": "讨论", "note": ""}], "text": "完",
        "decisions": [decision("修灯", owner=7, due_on="明天", point=0)],
    }  # fmt: skip


def test_notes_follow_their_point_when_the_agenda_moves():
    moved = {"notes": [{"point": "讨论", "note": "谈了"}, {"point": "学习", "note": "学了"}]}
    assert [drafts.note_for(moved, n, point) for n, point in enumerate(["学习", "讨论", "新的"])] == [
        "学了",
        "谈了",
        "",
    ]


def test_a_phrase_is_put_once():
    once = drafts.with_phrase(content("学了。"), 0, "没有不同意见。")
    assert drafts.with_phrase(once, 0, "没有不同意见。")["notes"][0]["note"] == "学了。没有不同意见。"
