"""Base scores of CVSS vectors, by the calculator of Red Hat: all of CVSS 2, 3.0 and 3.1, some of CVSS 4.

Reads how many of CVSS 4 are wanted and prints [[type, vector, score in tenths], ...] as JSON.
"""

import itertools
import json
import random
import sys

from cvss import CVSS2, CVSS3, CVSS4

V2 = {"AV": "NAL", "AC": "LMH", "Au": "NSM", "C": "NPC", "I": "NPC", "A": "NPC"}
V3 = {"AV": "NALP", "AC": "LH", "PR": "NLH", "UI": "NR", "S": "UC", "C": "HLN", "I": "HLN", "A": "HLN"}
IMPACTS = {name: "HLN" for name in ("VC", "VI", "VA", "SC", "SI", "SA")}
V4 = {"AV": "NALP", "AC": "LH", "AT": "NP", "PR": "NLH", "UI": "NPA", **IMPACTS}


def vector(prefix, metrics, values):
    return prefix + "/".join(f"{name}:{value}" for name, value in zip(metrics, values))


def tenths(score):
    return round(float(score) * 10)


def scores(wanted):
    for values in itertools.product(*V2.values()):
        text = vector("", V2, values)
        yield "CVSS_V2", text, tenths(CVSS2(text).base_score)
    for prefix in ("CVSS:3.0/", "CVSS:3.1/"):
        for values in itertools.product(*V3.values()):
            text = vector(prefix, V3, values)
            yield "CVSS_V3", text, tenths(CVSS3(text).base_score)
    chosen = random.Random(4)
    for _ in range(wanted):
        text = vector("CVSS:4.0/", V4, [chosen.choice(values) for values in V4.values()])
        yield "CVSS_V4", text, tenths(CVSS4(text).base_score)


json.dump(list(scores(json.load(sys.stdin))), sys.stdout)
