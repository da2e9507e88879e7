"""Run by an environment of its own, which has the peers and none of our code: their speed, and Presidio's quality.

Arguments: a file of JSON with ``texts`` to be scanned and ``sentences`` of presidio-research. Prints JSON: bytes a
second of processor time by peer, and by label how many spans Presidio finds rightly, wrongly, and misses. Presidio has
a blank language model: what its patterns find, at a fraction of the time that names would take.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

import datafog
import datafog_core
import presidio_rs
import spacy
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine

LABELS = ["PHONE_NUMBER", "US_SSN", "EMAIL_ADDRESS", "IBAN_CODE", "CREDIT_CARD", "IP_ADDRESS"]
LEAST = 0.35
SIZES = {"datafog-core": 4_000_000, "datafog": 1_000_000, "presidio-rs": 200_000, "presidio": 100_000}
"""Bytes that each gets: the slower, the fewer."""


class Blank(SpacyNlpEngine):
    """Language without a model."""

    def __init__(self):
        super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
        self.nlp = {"en": spacy.blank("en")}

    def load(self):
        """Load nothing."""


given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
presidio = AnalyzerEngine(nlp_engine=Blank(), supported_languages=["en"])
peers = {
    "datafog-core": datafog_core.scan,
    "datafog": lambda text: datafog.scan(text, engine="regex"),
    "presidio-rs": presidio_rs.Analyzer().analyze,
    "presidio": lambda text: presidio.analyze(text, "en"),
}
speeds = {}
for name, scan in peers.items():
    scan(given["texts"][0][:200])
    size, begun = 0, time.process_time()
    for text in given["texts"]:
        if size >= SIZES[name]:
            break
        scan(text)
        size += len(text.encode())
    speeds[name] = size / (time.process_time() - begun)

right, wrong, missed = Counter(), Counter(), Counter()
for sentence in given["sentences"]:
    results = presidio.analyze(sentence["full_text"], "en", entities=LABELS, score_threshold=LEAST)
    found = {(one.entity_type, one.start, one.end) for one in results}
    spans = [(span["entity_type"], span["start_position"], span["end_position"]) for span in sentence["spans"]]
    wanted = {span for span in spans if span[0] in LABELS}
    right.update(one[0] for one in found & wanted)
    wrong.update(one[0] for one in found - wanted)
    missed.update(one[0] for one in wanted - found)
print(json.dumps({"speeds": speeds, "quality": {one: [right[one], wrong[one], missed[one]] for one in LABELS}}))
