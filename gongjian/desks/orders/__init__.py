"""点单、下单、接单: a resident asks, the community gives it to somebody, who does it; the resident says how it was."""
