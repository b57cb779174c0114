"""民主评议: the yearly appraisal of a branch's members, from self-rating to the verdict that each is told privately."""
