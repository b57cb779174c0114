"""时限: clocks in working time, or by the wall clock where it is urgent; paused, extended, met or run out."""
