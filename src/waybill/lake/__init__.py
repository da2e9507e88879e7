"""The durable store of transfers: append, commit, query, compact, retain, erase, verify."""
