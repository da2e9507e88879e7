"""Run by an environment of its own, which has networkx: prints seconds of processor time per lineage as JSON.

Takes a file of two arrays (``numpy.savez``: source, target) and the starts.
"""

import json
import sys
import time

import networkx
import numpy

edges = numpy.load(sys.argv[1])
starts = [int(start) for start in sys.argv[2].split(",")]
graph = networkx.DiGraph()
graph.add_nodes_from(starts)
graph.add_edges_from(zip(edges["source"].tolist(), edges["target"].tolist(), strict=True))
found, times = [0] * len(starts), [float("inf")] * len(starts)
for _ in range(3):
    for place, start in enumerate(starts):
        work = time.process_time()
        found[place] = len(networkx.descendants(graph, start))
        times[place] = min(times[place], time.process_time() - work)
print(json.dumps({"times": times, "found": found}))
