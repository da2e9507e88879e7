"""Source formats to batches of transfers; what cannot be read goes to the quarantine with its reason."""
