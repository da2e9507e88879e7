"""Cases: findings handled together, with who works on them, what was judged and why, tasks, evidence and clocks.

``traits`` says by what findings belong together and ``grouping`` puts them into cases; ``judging``, ``working`` and
``joining`` are what people do; ``journal`` keeps each act, and the ledger proves it. A case never says who acted:
whoever shows one asks ``flow``, which withholds it where the public has an interest.
"""
