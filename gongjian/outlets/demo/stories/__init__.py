"""故事: what the rooms show of themselves in a demo city, told by their real deeds in a few organisations.

Each module here has `play(crowd, now)` and an `ORDER`; it is called once, in one transaction, after the year of organisational life has been
written and its facts are delivered. It uses the rooms' actions, as people would, in the demo branch, its community and
street (`tree.demo_branch`, `tree.urban_communities`), and takes a few seconds at most.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def stories() -> list[ModuleType]:
    """Every story, by its ORDER, then by name."""
    found = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    return sorted(found, key=lambda story: (story.ORDER, story.__name__))
