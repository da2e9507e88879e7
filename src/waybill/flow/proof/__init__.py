"""The ledger at work: what is recorded gets there, is proved, compared, witnessed, stamped and recovered."""
