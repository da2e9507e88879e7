"""Detection rules at work: what each found, what new ones would find, what they cover."""
