"""Reads of 组织关系: `moving` (transfers and letters), `watching` (members away, lost, decided on), `todos`."""
