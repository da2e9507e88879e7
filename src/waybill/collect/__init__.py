"""Source formats to batches of transfers; what cannot be read goes to the quarantine with its reason.

``collect`` reads files as a ``Plan`` says. A mapping (``load_mapping``, ``built_in_mappings``) describes a source;
names of people and protected traffic never leave this room. In the order in which a file passes through:

- in the parent: ``unpack`` opens, ``sniff`` recognises, ``framing`` and ``cutting`` cut, ``pool`` hands out,
  ``occurrences`` numbers equal records, ``collector`` puts these together; ``plan`` holds what goes in and comes out;
- in a worker (``worker``, ``transform``): ``rows`` has flat NDJSON read many records at a time (``flat_lines``,
  ``arranging``) and all else one by one: ``parsing`` (``lines``, ``delimited``, ``zeek``, ``evtx``) makes ``records``,
  ``masking`` takes secrets out, ``readers`` (one module a source that needs one) and ``flatten`` make flat rows;
- every byte: ``scanning``, plainly, or ``quick_scanning`` by machine code of our own, which ``compiled`` makes and
  ``machine_code`` keeps and loads;
- people: ``cleaning`` and ``privacy`` drop protected records and replace names, which ``names`` and ``patterns`` find;
- columns: ``mapping`` holds the mapping language, ``mapping_reader``, ``expression_reader`` and ``toml_table`` read it,
  ``expressions``, ``variants`` and ``line_patterns`` (made sure of by ``linear``) compute it, ``table``, ``typed``,
  ``times`` and ``time_patterns`` make the Arrow table;
- what was carried: ``inspecting`` looks into content at hand (``letters`` of messages, ``handed`` of records) against
  what is ``known``, and hands on ``carried`` records; ``steps`` are what passes through all this;
- files that grow: ``following`` reads them part by part from ``contents``, ``parts`` cuts off what may be unfinished;
- files that are sent on as they are: ``passing_on`` cuts them into pieces, ``sifting`` drops protected records;
- batches that were sent in: ``receiving``; ``quarantine`` keeps what could not be read.
"""

from waybill.collect.collector import collect, recollect
from waybill.collect.contents import PRINT_BYTES, Contents
from waybill.collect.following import Follower, Unfinished
from waybill.collect.mapping import Mapping, built_in_mappings, load_mapping
from waybill.collect.occurrences import Occurrences, Seen
from waybill.collect.parts import Place
from waybill.collect.plan import Batch, Inspected, Limits, Plan, Rejected
from waybill.collect.quarantine import Quarantine
from waybill.collect.unpack import STDIN

__all__ = [
    "PRINT_BYTES",
    "STDIN",
    "Batch",
    "Contents",
    "Follower",
    "Inspected",
    "Limits",
    "Mapping",
    "Occurrences",
    "Place",
    "Plan",
    "Quarantine",
    "Rejected",
    "Seen",
    "Unfinished",
    "built_in_mappings",
    "collect",
    "load_mapping",
    "recollect",
]
