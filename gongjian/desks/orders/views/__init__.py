"""Pages: asking and following for everybody, the community's desk, what who does it sees."""
