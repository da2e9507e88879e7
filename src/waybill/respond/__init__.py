"""Response: playbooks (OASIS CACAO 2.0) that really stop a transfer, prove that they did, and can be undone.

``playbook`` reads one, ``checking`` says what is wrong with it beyond its schema, ``walking`` goes through its steps,
``running`` does so durably: each act is a row before it is done, and a run that was broken off goes on where it was.
``connectors`` act on the organisation's own systems alone; each says what it would call, acts, looks whether that is in
force, and restores what was before.
"""
