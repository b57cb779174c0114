"""政策包: all that a city decides, as data.

    policy.current()      the pack that holds today
    policy.on(day)        the pack that held on a day
    policy.load(folder)   check and store a version
    policy.check(folder)  every problem, in words
    policy.diff(a, b)     what changed, in words
    policy.json_schema()  per file, for editors

Names are looked up when first used: this package is imported while Django still gathers its apps.
"""

from importlib import import_module

_HOME = {
    "current": "store",
    "on": "store",
    "load": "store",
    "forget": "store",
    "version_of": "store",
    "VersionTaken": "store",
    "OverBudget": "store",
    "keep": "store",
    "NoPack": "store",
    "check": "folders",
    "read_pack": "folders",
    "packs_folder": "folders",
    "diff": "differences",
    "json_schema": "editors",
    "Pack": "schema",
    "UnknownEntry": "schema",
    "PackProblems": "problems",
    "Problem": "problems",
    "calendar": "",
    "rules": "",
}


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if not _HOME[name]:
        return import_module(f"{__name__}.{name}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
