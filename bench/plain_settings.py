"""The production settings, with the plain view of bench/plain.py in front."""

from gongjian.config.settings import *  # noqa: F403
from gongjian.config.settings import MIDDLEWARE

MIDDLEWARE = ["bench.plain.PlainRoad", *MIDDLEWARE]
