"""组织关系: transfers with their letters, members away, members lost, and the deadlines of 党籍."""
