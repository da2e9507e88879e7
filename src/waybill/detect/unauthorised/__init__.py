"""A graded asset moved outside its home with no permit that covers it."""
