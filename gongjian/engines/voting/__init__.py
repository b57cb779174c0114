"""表决: quorum and majorities by the pack's rules, who should attend and has a vote, open and secret ballots."""
