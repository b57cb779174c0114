"""Pages of 组织关系."""
