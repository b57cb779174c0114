"""谈心谈话、政治生日: who has talked with whom, kept private; cards for membership anniversaries, only with consent."""
