"""Cases at work: opened, shown, reported on, handed out as evidence, kept in time; and who is on duty."""
