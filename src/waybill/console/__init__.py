"""The service: HTTP in front of ``flow``, which it asks and for which it decides nothing.

``server`` runs it, ``process`` is what each worker process of it holds, ``urls`` says what is where. A request passes
``guard`` (headers, log, figures), ``bearer`` (its token) and then a view: ``ingest`` takes batches in, by ``body``
bounded and by ``silence`` not waited for without end; ``reading`` answers questions, ``health`` says how the service
is. What goes wrong is told by ``problems``; ``logs`` writes the log and ``figures`` counts.
"""
