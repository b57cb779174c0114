"""换届选举: an election from the request to the approved result, by the pack's rules (DOMAIN 1.2, 1.5)."""
