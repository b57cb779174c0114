"""JSON Schema of a pack's files (编辑器用的结构说明), so that an editor completes and underlines while one writes.

It is more lenient than the check: a city's file holds only what differs from the base, so hardly anything is required.
"""

import json
from pathlib import Path

from pydantic import TypeAdapter

from gongjian.ground.policy.folders import FILES
from gongjian.ground.policy.schema import Pack

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, dict]:
    """File name without .yaml → its JSON Schema."""
    return {name: _of_file(name, sections) for name, sections in FILES.items()}


def write(folder: Path) -> list[Path]:
    """Write <file>.json for each file into the folder; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, schema in json_schema().items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        paths.append(path)
    return paths


def _of_file(name: str, sections: tuple[str, ...]) -> dict:
    properties, definitions = {}, {}
    for section in sections:
        annotation = Pack.model_fields[section].rebuild_annotation()
        part = TypeAdapter(annotation).json_schema(by_alias=True)
        definitions |= part.pop("$defs", {})
        properties[section] = _lenient(part)
    return {
        "$schema": DIALECT,
        "title": f"{name}.yaml",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": {key: _lenient(value) for key, value in definitions.items()},
    }


def _lenient(part):
    """Require only an id, allow `remove` beside it, and drop defaults that YAML does not write."""
    if isinstance(part, list):
        return [_lenient(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {
        # below `properties` the keys are a pack's own words, and one of them may be called “required”
        key: {name: _lenient(child) for name, child in value.items()} if key == "properties" else _lenient(value)
        for key, value in part.items()
        if key not in ("default", "required")
    }
    properties = kept.get("properties")
    if isinstance(properties, dict) and kept.get("type") == "object":
        keys = [key for key in ("id", "date") if key in properties]
        if keys:
            kept["required"] = keys[:1]
            properties["remove"] = {"enum": [True, "true"]}
    return kept
