"""Pack folders (政策包文件夹): where they are, reading one with the packs it extends, and its checked content."""

import json
from dataclasses import dataclass
from hashlib import sha256
from os import environ
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError

from gongjian.ground.policy.problems import PackProblems, Problem
from gongjian.ground.policy.reading import Node, merge, read
from gongjian.ground.policy.references import references
from gongjian.ground.policy.schema import Pack

PACKAGE = Path(__file__).resolve().parents[2]
#: file (without .yaml) → the fields of Pack that it holds; pack.yaml holds them at its top
FILES = {
    "pack": ("id", "title", "version", "effective_from", "extends", "about", "settings"),
    "levels": ("levels",),
    "org_kinds": ("org_kinds",),
    "posts": ("posts",),
    "roles": ("roles",),
    "activity_kinds": ("activity_kinds",),
    "points": ("points",),
    "duties": ("duties",),
    "dues": ("dues",),
    "transfers": ("transfers",),
    "planning": ("planning",),
    "notices": ("notices",),
    "burden": ("burden",),
    "calendar": ("calendar",),
    "meetings": ("meetings",),
    "feeds": ("feeds",),
    "files": ("files",),
    "assessments": ("assessments",),
    "reviews": ("reviews",),
    "talks": ("talks",),
    "publication": ("publication",),
    "admissions": ("admissions",),
    "orders": ("orders",),
    "statistics": ("statistics",),
    "trials": ("trials",),
    "voting": ("voting",),
    "elections": ("elections",),
    "words": ("words",),
    "figures": ("figures",),
    "examples": ("examples",),
}
OPTIONAL = {"figures", "examples"}
_FILE_OF = {section: name for name, sections in FILES.items() for section in sections}


def packs_folder() -> Path:
    """The folder of packs: GONGJIAN_PACKS, else `packs` beside the package, else the one inside the installed wheel."""
    given = environ.get("GONGJIAN_PACKS", "")
    if given:
        return Path(given)
    beside = PACKAGE.parent / "packs"
    return beside if (beside / "_base" / "pack.yaml").is_file() else PACKAGE / "_packs"


def find(name: str) -> Path:
    """The folder of the pack with this id."""
    return packs_folder() / name


def cities() -> list[str]:
    """The ids of the packs in the packs folder that are not bases (a base's name begins with _)."""
    folder = packs_folder()
    if not folder.is_dir():
        return []
    return sorted(p.parent.name for p in folder.glob("*/pack.yaml") if not p.parent.name.startswith("_"))


@dataclass(frozen=True)
class Draft:
    """A pack as read (草稿): merged content as text, where each piece stands, and the problems of the writing."""

    root: Node
    problems: list[Problem]

    @property
    def content(self) -> dict:
        """The merged content: nested dict, list and str, as it is stored."""
        return self.root.plain()


def _written(folder: Path, label: str) -> tuple[dict[str, Node], list[Problem]]:
    """What a folder's own files say, by section, and the problems of their writing."""
    problems: list[Problem] = []
    parts: dict[str, Node] = {}
    for path in sorted(folder.glob("*.y*ml")):
        if path.stem not in FILES or path.suffix != ".yaml":
            allowed = "、".join(f"{n}.yaml" for n in FILES)
            problems.append(Problem("unknown_file", label + path.name, 1, allowed=allowed))
            continue
        node, found = read(path, label + path.name)
        problems += found
        if node is None:
            continue
        for key, child in node.value.items():
            if key in FILES[path.stem]:
                parts[key] = child
            else:
                line = node.key_lines.get(key, child.line)
                problems.append(
                    Problem("extra_forbidden", child.file, line, field=key, allowed="、".join(FILES[path.stem]))
                )
    return parts, problems


def draft(folder: Path, _seen: tuple[str, ...] = ()) -> Draft:
    """Read a folder and, below it, the packs it extends (beside it, else in the packs folder)."""
    folder = Path(folder)
    if not (folder / "pack.yaml").is_file():
        return Draft(Node({}, "pack.yaml", 1), [Problem("no_folder", "pack.yaml", 1, value=folder.name)])
    name = folder.name
    label = "" if not _seen else f"{name}/"
    parts, problems = _written(folder, label)
    lines = {key: child.line for key, child in parts.items()}
    root = Node(parts, label + "pack.yaml", 1, lines)
    given_id = parts.get("id")
    if given_id is not None and given_id.value != name:
        problems.append(
            Problem("folder_id", given_id.file, given_id.line, field="id", value=str(given_id.value), allowed=name)
        )
    extends = parts.get("extends")
    if extends is None or not isinstance(extends.value, str) or not extends.value:
        return Draft(root, problems)
    base_folder = folder.parent / extends.value
    if not (base_folder / "pack.yaml").is_file():
        base_folder = find(extends.value)
    if not (base_folder / "pack.yaml").is_file():
        problems.append(Problem("extends", extends.file, extends.line, field="extends", value=extends.value))
        return Draft(root, problems)
    if extends.value in (*_seen, name):
        problems.append(Problem("extends_loop", extends.file, extends.line, field="extends", value=extends.value))
        return Draft(root, problems)
    base = draft(base_folder, (*_seen, name))
    problems += base.problems
    below = Node({k: v for k, v in base.root.value.items() if k != "extends"}, base.root.file, 1, base.root.key_lines)
    return Draft(merge(below, root, problems), problems)


def parse(content: dict) -> Pack:
    """A pack from its stored content. Raises pydantic's ValidationError if a later schema no longer takes it."""
    return Pack.model_validate(content)


def check(folder: Path, *, fact_kinds=None, permissions=None) -> list[Problem]:
    """Every problem of a pack's folder, in the order of its files; an empty list means that it can be used.

    fact_kinds, permissions: the names that the installed rooms declare; None skips that part.
    """
    return examine(draft(Path(folder)), fact_kinds, permissions)[2]


def read_pack(folder: Path, *, fact_kinds=None, permissions=None) -> tuple[Pack, dict]:
    """The pack of a folder and its content for storing. Raises PackProblems with every problem."""
    pack, content, problems = examine(draft(Path(folder)), fact_kinds, permissions)
    if problems:
        raise PackProblems(problems)
    return pack, content


def digest_of(content: dict) -> str:
    """SHA-256 of the content, in hex, independent of the order of keys."""
    return sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def node_of(content: dict) -> Node:
    """Stored content as if it had been read from files, each section in the file that holds it; lines are not known."""

    def made(value, file: str) -> Node:
        if isinstance(value, dict):
            return Node({key: made(child, file) for key, child in value.items()}, file, 1)
        if isinstance(value, list):
            return Node([made(child, file) for child in value], file, 1)
        return Node(value, file, 1)

    sections = {key: made(value, _FILE_OF.get(key, "pack") + ".yaml") for key, value in content.items()}
    return Node(sections, "pack.yaml", 1)


def over(content: dict, folder: Path) -> Draft:
    """A folder's files laid over stored content, as a city's are laid over the base: only what differs is written."""
    parts, problems = _written(folder, "")
    lines = {key: child.line for key, child in parts.items()}
    return Draft(merge(node_of(content), Node(parts, "pack.yaml", 1, lines), problems), problems)


def examine(read_draft: Draft, fact_kinds=None, permissions=None) -> tuple[Pack | None, dict, list[Problem]]:
    """A draft's pack (None if it cannot be made), its content, and every problem in the order of the files."""
    problems = list(read_draft.problems)
    content = read_draft.content
    if any(problem.kind in ("no_folder", "extends", "extends_loop") for problem in problems):
        return None, content, sorted(problems, key=_order)
    # A file that cannot be read at all would bring "missing" for everything in it: say only why it cannot be read.
    unread = {p.file for p in problems if p.kind in ("syntax", "encoding", "alias", "top")}
    pack = None
    try:
        pack = parse(content)
    except ValidationError as error:
        for found in error.errors():
            problem = _problem(read_draft.root, found)
            if problem.file not in unread:
                problems.append(problem)
    if pack is not None:
        for found in references(pack, fact_kinds, permissions):
            node, line = _locate(read_draft.root, found.path)
            entry, field = _entry(read_draft.root, found.path)
            problems.append(Problem(found.kind, node.file, line, entry, field, found.value, found.allowed))
    return pack, content, sorted(set(problems), key=_order)


def _order(problem: Problem):
    file = problem.file.rpartition("/")[2].removesuffix(".yaml")
    names = list(FILES)
    return (
        names.index(file) if file in names else len(names),
        problem.file,
        problem.line,
        problem.entry,
        problem.field,
    )


def _locate(root: Node, path: tuple) -> tuple[Node, int]:
    """The node at the end of the path, or the deepest one there is, and its line (the key's line for a field)."""
    node, line = root, 1
    for depth, step in enumerate(path):
        child = None
        if isinstance(node.value, dict):
            child = node.value.get(step)
            if child is not None:
                line = node.key_lines.get(step, child.line)
        elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            child = node.value[step]
            line = child.line
        if child is None:
            if depth == 0:  # a whole section is missing: name the file that should hold it
                return Node({}, _FILE_OF.get(step, "pack") + ".yaml", 1), 1
            break
        # fields keep the file they were written in: an entry of the city may keep fields of the base
        node = child
    return node, line


def _entry(root: Node, path: tuple) -> tuple[str, str]:
    """The id of the innermost entry on the path, and the field below it in dots."""
    node, entry, rest = root, "", []
    for step in path:
        rest.append(str(step + 1) if isinstance(step, int) else str(step))
        if isinstance(node.value, dict):
            node = node.value.get(step)
        elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            node = None
        if node is None:
            node = Node("", "", 1)
        elif node.key():
            entry, rest = node.key(), []
    return entry, ".".join(rest)


def _problem(root: Node, found: dict) -> Problem:
    path = tuple(found["loc"])
    node, line = _locate(root, path)
    entry, field = _entry(root, path)
    kind, context = found["type"], found.get("ctx", {})
    value, allowed = "", ""
    if kind == "literal_error":
        value = str(found["input"])
        allowed = "、".join(str(a) for a in get_args(_annotation(path)) or ()) or _expected(context)
    elif kind == "extra_forbidden":
        allowed = "、".join(_fields(path[:-1]))
    elif kind in ("tuple_type", "list_type", "too_short", "too_long"):
        kind = "list"
    elif kind in ("model_type", "model_attributes_type", "dict_type"):
        kind = "mapping"
    elif kind in ("string_type",):
        kind = "text"
    elif "value" in context:
        value, allowed = str(context["value"]), str(context.get("allowed", ""))
    return Problem(kind, node.file, line, entry, field, value, allowed)


def _expected(context: dict) -> str:
    """pydantic says "'a', 'b' or 'c'"; readers get a、b、c."""
    return context.get("expected", "").replace(" or ", ", ").replace("'", "").replace(", ", "、")


def _annotation(path: tuple):
    """The type that the schema gives to this path, or None."""
    model, kind = Pack, None
    for step in path:
        if isinstance(step, int):
            continue
        if model is None:
            return None
        info = next((f for n, f in model.model_fields.items() if (f.alias or n) == step), None)
        if info is None:
            return None
        kind = info.annotation
        model = _model_in(kind)
    return kind


def _model_in(kind) -> type[BaseModel] | None:
    """The Shape inside a type such as tuple[Duty, ...] or Cap | None."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((model for model in map(_model_in, get_args(kind)) if model is not None), None)


def _fields(path: tuple) -> list[str]:
    model = _model_in(_annotation(path)) if path else Pack
    return [info.alias or name for name, info in model.model_fields.items()] if model else []
