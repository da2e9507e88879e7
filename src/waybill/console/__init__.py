"""The service: HTTP in front of ``flow``, which it asks and for which it decides nothing.

``server`` runs it, ``beginning`` and ``process`` are what each process of it does first and holds, ``urls`` and ``api``
say what is where and for which scope. A request passes ``guard`` (headers, log, figures), ``bearer`` (its token) and
then a view: ``ingest`` takes batches in, by ``body`` bounded and by ``silence`` not waited for without end; ``reading``
answers questions, ``health`` says how the service is. What goes wrong is told by ``problems``; ``logs`` writes the log,
``figures`` counts, ``describing`` says in OpenAPI what operations take and give.
"""
