"""Deeds on organisations; each dated, in one transaction, and recorded."""

from gongjian.records.orgs.actions.founding import FIELDS, correct, found, rename, start_term
from gongjian.records.orgs.actions.moving import dissolve, merge, move, split

__all__ = ["FIELDS", "correct", "dissolve", "found", "merge", "move", "rename", "split", "start_term"]
