"""Tests about the house itself: what every room keeps to, read from the code rather than remembered."""
