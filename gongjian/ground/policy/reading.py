"""Reading a pack's YAML as text (读取政策包文件), keeping the line of everything.

YAML's own guesses are the trap here: `on` would become a truth value, `0571` an octal number and `3.10` the number 3.1.
So every scalar stays the text that was written, and the schema says what each text must be.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from gongjian.ground.policy.problems import Problem

#: a list's entries are recognised by the first of these keys that they have
KEYS = ("id", "date")


@dataclass(frozen=True)
class Node:
    """A piece of YAML (一段内容) with the file and line it came from. `value` is str, list[Node] or dict[str, Node]."""

    value: Any  # str, list[Node] or dict[str, Node]
    file: str
    line: int
    key_lines: dict = field(default_factory=dict)

    def plain(self):
        """The content without positions: nested dict, list and str."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def key(self) -> str:
        """What names this entry in a list: its id or date, "" if it has none."""
        if isinstance(self.value, dict):
            for name in KEYS:
                child = self.value.get(name)
                if child is not None and isinstance(child.value, str):
                    return child.value
        return ""


def read(path: Path, name: str) -> tuple[Node | None, list[Problem]]:
    """Read one file. Returns its content (None if it cannot be read at all) and every problem of its writing."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return None, [Problem("encoding", name, 1)]
    try:
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            if isinstance(event, yaml.AliasEvent):
                return None, [Problem("alias", name, event.start_mark.line + 1, value=event.anchor or "")]
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return None, [Problem("syntax", name, mark.line + 1 if mark else 1, value=error.problem or "")]
    except yaml.YAMLError as error:  # a control character, for one
        return None, [Problem("syntax", name, 1, value=str(error).splitlines()[0])]
    if root is None:
        return Node({}, name, 1), []
    problems: list[Problem] = []
    node = _node(root, name, problems, "")
    if not isinstance(node.value, dict):
        return None, [Problem("top", name, node.line)]
    return node, problems


def _node(raw, name: str, problems: list[Problem], entry: str) -> Node:
    line = raw.start_mark.line + 1
    if raw.tag not in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
        problems.append(Problem("tag", name, line, entry, value=raw.tag))
    if isinstance(raw, yaml.ScalarNode):
        return Node(raw.value, name, line)
    if isinstance(raw, yaml.SequenceNode):
        children = [_node(child, name, problems, entry) for child in raw.value]
        seen: dict[str, int] = {}
        for child in children:
            key = child.key()
            if key and key in seen:
                problems.append(Problem("double_entry", name, child.line, key, value=str(seen[key])))
            elif key:
                seen[key] = child.line
        return Node(children, name, line)
    pairs: dict[str, Node] = {}
    lines: dict[str, int] = {}
    for key_node, _ in raw.value:
        if isinstance(key_node, yaml.ScalarNode) and key_node.value in KEYS:
            entry = next((v.value for k, v in raw.value if k is key_node and isinstance(v, yaml.ScalarNode)), entry)
            break
    for key_node, value_node in raw.value:
        at = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem("key", name, at, entry))
            continue
        if key_node.value in pairs:
            problems.append(Problem("double_key", name, at, entry, key_node.value, value=str(lines[key_node.value])))
            continue
        lines[key_node.value] = at
        pairs[key_node.value] = _node(value_node, name, problems, entry)
    return Node(pairs, name, line, lines)


def merge(base: Node, over: Node, problems: list[Problem], section: str = "") -> Node:
    """Lay a city's file over the base's: sections and settings by key, lists of entries by id, all else replaced.

    An entry with `remove: true` takes the base's entry away; naming one that the base has not is a problem.
    """
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        merged = dict(base.value)
        lines = dict(base.key_lines)
        for key, child in over.value.items():
            merged[key] = merge(merged[key], child, problems, key) if key in merged else _without(child, problems)
            lines[key] = over.key_lines.get(key, child.line)
        return Node(merged, over.file, over.line, lines)
    if _is_entries(base) and _is_entries(over):
        entries = {child.key(): child for child in base.value}
        for child in over.value:
            key = child.key()
            if _removes(child):
                if entries.pop(key, None) is None:
                    problems.append(Problem("remove_unknown", child.file, child.line, key))
            elif key in entries:
                old = entries[key]
                values = {**old.value, **{name: node for name, node in child.value.items() if name != "remove"}}
                lines = {**old.key_lines, **child.key_lines}
                entries[key] = Node(values, child.file, child.line, lines)
            else:
                entries[key] = child
        return Node(list(entries.values()), over.file, over.line)
    return over


def _without(node: Node, problems: list[Problem]) -> Node:
    """A section that only the city has: nothing in it can be removed."""
    if not _is_entries(node):
        return node
    kept = []
    for child in node.value:
        if _removes(child):
            problems.append(Problem("remove_unknown", child.file, child.line, child.key()))
        else:
            kept.append(child)
    return Node(kept, node.file, node.line)


def _removes(node: Node) -> bool:
    child = node.value.get("remove") if isinstance(node.value, dict) else None
    return child is not None and child.value == "true"


def _is_entries(node: Node) -> bool:
    return isinstance(node.value, list) and all(child.key() for child in node.value)
