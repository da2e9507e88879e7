"""What comes in: read from files or sent by agents, enriched, kept, counted."""
