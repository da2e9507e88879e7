"""Run by an environment of its own, which has the reference generator of hash ids: prints events a second as JSON.

Takes the documents on standard input, a line each, in JSON.
"""

import json
import logging
import sys
import time

from epcis_event_hash_generator import hash_generator, json_to_py

logging.disable(logging.CRITICAL)
documents = [json.loads(line) for line in sys.stdin]
rates = []
for _ in range(3):
    hashes = []
    work = time.process_time()
    for document in documents:
        found = json_to_py.event_list_from_epcis_document_json(document)
        hashes += hash_generator.epcis_hashes_from_events(found)
    rates.append(len(hashes) / (time.process_time() - work))
print(json.dumps({"work": max(rates), "hashes": hashes}))
