"""Which of the simulated leaks are found, by what, how fast, and at what price."""
