"""故事: what the rooms show of themselves in a demo city, told by their real deeds in a few organisations.

Each module here has `play(crowd, now)` and an `ORDER`; it is called once, after the year of organisational life has been
written and its facts are delivered. It uses the rooms' actions, as people would, in the demo branch, its community and
street (`tree.demo_branch`, `tree.urban_communities`), and takes a few seconds at most.
"""

import datetime as dt
from importlib import import_module
from pkgutil import iter_modules

from gongjian.outlets.demo.crowd import Crowd


def play_all(crowd: Crowd, now: dt.datetime) -> None:
    """Play every story, by its ORDER, then by name."""
    found = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    for story in sorted(found, key=lambda story: (story.ORDER, story.__name__)):
        story.play(crowd, now)
