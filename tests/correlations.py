#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""correlations.py HINDCAST SETS: correlation rules over SETS random sets of events (ties, missing keys, values, order and times that are only known as
intervals included), each compared with the definition of the rule, tried out in full: which groups fire, and which of them for certain."""
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile

hindcast, sets = sys.argv[1], int(sys.argv[2])
SPAN = 60
BASE = 1700000000
passed = failed = 0


def detection(name, field, value):
    return f"title: {name}\nname: {name}\nlogsource: {{product: t}}\ndetection:\n  s:\n    {field}: {value}\n  condition: s\n---\n"


def windows(events, steps):
    """(T, the events of the steps in [T - SPAN, T]) for each instant of one of them."""
    used = [e for e in events if any(s in e["acts"] for s in steps)]
    for t in sorted({e["t"] for e in used}):
        yield t, [e for e in used if t - SPAN <= e["t"] <= t]


def limits_hold(limits, value):
    tests = {"gte": value.__ge__, "gt": value.__gt__, "lte": value.__le__, "lt": value.__lt__, "eq": value.__eq__, "neq": value.__ne__}
    return all(tests[k](v) for k, v in limits.items())


def surely(w):
    """All of the window is in one window, wherever its events were."""
    return not w or max(e["t"] for e in w) - min(e["e"] for e in w) <= SPAN


def some(answers):
    """None: never; else whether for certain once."""
    answers = [a for a in answers if a is not None]
    return any(answers) if answers else None


def counted(value, limits):
    """`value` of a window, None where it has none."""
    def test(events):
        return some(surely(w) if value(w) is not None and limits_hold(limits, value(w)) else None for _, w in windows(events, "ab"))
    return test


def event_count(limits):
    return counted(len, limits)


def value_count(limits):
    return counted(lambda w: len({e["v"] for e in w if e["v"] is not None}), limits)


def of_numbers(value, limits):
    return counted(lambda w: value(sorted(e["n"] for e in w if e["n"] is not None)) if any(e["n"] is not None for e in w) else None, limits)


def mean(n):
    return sum(n) / len(n)


def percentile(percent):
    return lambda n: next(v for v in n if sum(x <= v for x in n) >= percent / 100 * len(n) - 1e-9)


def met(w):
    return {a for e in w for a in e["acts"]}


def last_of_steps(w, steps):
    """For each step its last event; of one instant the later of the file."""
    return [max((e for e in w if s in e["acts"]), key=lambda e: (e["t"], e["i"])) for s in steps if s in met(w)]


def temporal(steps, least=None):
    def test(events):
        return some(surely(last_of_steps(w, steps)) if len(met(w) & set(steps)) >= (least or len(steps)) else None for _, w in windows(events, steps))
    return test


def around(events, w, t, positive):
    found = [e["t"] for e in w if set(e["acts"]) & set(positive)]
    if not found or max(found) != t:
        return None
    return [e for e in events if max(found) - SPAN <= e["t"] <= min(found) + SPAN]


def condition(steps, positive, holds):
    def test(events):
        answers = []
        for t, w in windows(events, steps):
            near = around(events, w, t, positive)
            if near is not None and holds(met(w), met(near)):
                answers.append(surely(last_of_steps(w, positive)))
        return some(answers)
    return test


def chains(events, steps, certain, chosen=()):
    """All choices of one event for each step that stand in order, or may."""
    if not steps:
        yield chosen
        return
    for i, e in enumerate(events):
        if steps[0] not in e["acts"] or any(e is c for c in chosen):
            continue
        if all(c["t"] < e["e"] if certain else c["e"] <= e["t"] for c in chosen):
            yield from chains(events, steps[1:], certain, chosen + (e,))


def between(chosen, e):
    """Is it between the first and the last? None: perhaps."""
    a, z = chosen[0], chosen[-1]
    if e["e"] > a["t"] and e["t"] < z["e"]:
        return True
    return None if e["t"] > a["e"] and e["e"] < z["t"] else False


def ordered(steps, without="", gap=None, absent=""):
    """Per end the chain that begins last decides about what must be absent, as others hold at least as much between their ends."""
    def test(events):
        answers = []
        for t, w in windows(events, steps + without):
            near = around(events, w, t, steps)
            if without and (near is None or any(x in met(near) for x in without)):
                continue
            for certain in (True, False):
                found = [c for c in chains(events, steps, certain) if c[-1]["t"] == t and c[0]["t"] >= t - SPAN and
                         all(gap is None or b["t"] - a["t"] <= gap for a, b in zip(c, c[1:]))]
                clear = [c for c in found if not any(between(c, e) for e in events if set(e["acts"]) & set(absent))]
                if clear:
                    sure = certain and any(all(between(c, e) is False for e in events if set(e["acts"]) & set(absent)) for c in clear)
                    answers.append(sure)
                    break
        return some(answers)
    return test


def optional(steps):
    """c carries no p; a and b belong together where theirs is the same."""
    def test(events):
        plain = [dict(e, acts=e["acts"] if e["acts"] == "c" else e["acts"].replace("c", "")) for e in events]
        return some(ordered(steps)([e for e in plain if e["acts"] == "c" or e["p"] == p]) for p in "xy")
    return test


def rule(name, type_, steps, condition=None):
    text = f"title: {name}\nname: {name}\ncorrelation:\n  type: {type_}\n  rules: [{', '.join(steps)}]\n  group-by: [g]\n  timespan: {SPAN}s\n"
    return text + (f"  condition: {condition}\n" if condition else "") + "---\n"


OWN = "hindcast: {%s}\n---\n"
RULES = [
    (rule("count", "event_count", "ab", "{gte: 3}"), event_count({"gte": 3})),
    (rule("few", "event_count", "ab", "{gt: 1, lte: 2}"), event_count({"gt": 1, "lte": 2})),
    (rule("exactly", "event_count", "ab", "{eq: 4}"), event_count({"eq": 4})),
    (rule("values", "value_count", "ab", "{field: v, gte: 3}"), value_count({"gte": 3})),
    (rule("sum", "value_sum", "ab", "{field: n, gt: 12}"), of_numbers(sum, {"gt": 12})),
    (rule("mean", "value_avg", "ab", "{field: n, gte: 5}"), of_numbers(mean, {"gte": 5})),
    (rule("median", "value_median", "ab", "{field: n, gte: 6}"), of_numbers(statistics.median, {"gte": 6})),
    (rule("percentile", "value_percentile", "ab", "{field: n, percentile: 70, lt: 3}"), of_numbers(percentile(70), {"lt": 3})),
    (rule("together", "temporal", "abc"), temporal("abc")),
    (rule("some", "temporal", "abcd", "{gte: 3}"), temporal("abcd", 3)),
    (rule("without", "temporal", "abc", "a and b and not c"), condition("abc", "ab", lambda w, near: "a" in w and "b" in w and "c" not in near)),
    (rule("either", "temporal", "abc", "a and (b or not c)"), condition("abc", "ab", lambda w, near: "a" in w and ("b" in w or "c" not in near))),
    (rule("order", "temporal_ordered", "abc"), ordered("abc")),
    (rule("four", "temporal_ordered", "abcd"), ordered("abcd")),
    (rule("back", "temporal_ordered", "ba"), ordered("ba")),
    (rule("twice", "temporal_ordered", "aba"), ordered("aba")),
    (rule("quiet", "temporal_ordered", "abc", "a and b and not c"), ordered("ab", "c")),
    (rule("gaps", "temporal_ordered", "abc").replace("---\n", OWN % "max-gap: 30s"), ordered("abc", gap=30)),
    (rule("absent", "temporal_ordered", "ab").replace("---\n", OWN % "absent-between: [d]"), ordered("ab", absent="d")),
    (rule("optional", "temporal_ordered", ["a", "only", "b"]).replace("[g]", "[g, p]").replace("---\n", "  aliases: {p: {a: p, b: p}}\n" +
     OWN % "optional-keys: [p], distinct: [[g, p]]"), optional("acb")),
]
ONLY = "title: only\nname: only\nlogsource: {product: t}\ndetection:\n  s: {kc: '1', ka: null, kb: null, kd: null}\n  condition: s\n---\n"


def random_set(rng, vague):
    """Events of one group: clustered, often at the same instant, some of two kinds at once; some that may have been at any time of an interval."""
    events = []
    for i in range(rng.randrange(1, 9)):
        acts = rng.choice(["a", "b", "c", "d", "ab", "bc", "ac", "abc", "cd"]) if rng.random() < 0.5 else rng.choice("abcd")
        t = rng.choice([0, 10, 30, 59, 60, 61, 90, 119, 120, 121, 150, rng.randrange(200)])
        events.append({"e": t, "t": t + (rng.choice([0, 0, 1, 10, 60, 100]) if vague else 0), "acts": acts, "p": rng.choice("xy"),
                       "v": rng.choice([None, "x", "y", "z", "x y"]), "n": rng.choice([None, 1, 2, 5, 7, 10])})
    return events


def line(group, e):
    o = {"@timestamp": BASE + e["e"], "g": group, "p": e["p"]}
    if e["t"] != e["e"]:
        o["until"] = BASE + e["t"]
    o.update({"k" + a: "1" for a in e["acts"]})
    if e["v"] is not None:
        o["v"] = e["v"]
    if e["n"] is not None:
        o["n"] = e["n"]
    return json.dumps(o)


def compare(folder, rng, n):
    global passed, failed
    all_sets = [random_set(rng, i % 2) for i in range(n)]
    lines = [(line(f"g{i}", e), e) for i, s in enumerate(all_sets) for e in s] + [(json.dumps({"@timestamp": BASE, "ka": "1", "kb": "1", "kc": "1"}), {})] * 9
    rng.shuffle(lines)
    for i, (_, e) in enumerate(lines):
        e["i"] = i
    with open(os.path.join(folder, "events.jsonl"), "w") as f:
        f.write("\n".join(text for text, _ in lines) + "\n")
    with open(os.path.join(folder, "rules.yml"), "w") as f:
        f.write("".join(detection(a, "k" + a, "'1'") for a in "abcd") + ONLY + "".join(text for text, _ in RULES))
    out = subprocess.run([hindcast, "rules", "test", os.path.join(folder, "rules.yml"), os.path.join(folder, "events.jsonl")], capture_output=True,
                         text=True, check=True).stdout
    answer = json.loads(out)
    for text, truth in RULES:
        name = text.split("\n")[0][len("title: "):]
        got = {g[0]: True for g in answer["correlations"][name]}
        got.update({g[0]: False for g in answer.get("possible", {}).get(name, [])} if name != "optional" else {})
        want = {f"g{i}": truth(s) for i, s in enumerate(all_sets)}
        want = {g: bool(sure) if name != "optional" else True for g, sure in want.items() if sure is not None}
        wrong = sorted(g for g in got.keys() | want.keys() if got.get(g) != want.get(g))
        if not wrong and 0 < len(want) < n:
            passed += 1
            print(f"ok correlation {name}: {len(want)} of {n} random sets fire, {sum(want.values())} for certain, as defined")
            continue
        failed += 1
        print(f"not ok correlation {name}: {len(wrong)} of {n} sets differ, {len(want)} fire")
        for g in wrong[:2]:
            print("   ", got.get(g), "in place of", want.get(g), sorted((e["e"], e["t"], e["acts"], e["p"], e["v"], e["n"]) for e in all_sets[int(g[1:])]))


with tempfile.TemporaryDirectory() as folder:
    rng = random.Random(7)
    for part in itertools.count():
        if part * 5000 >= sets:
            break
        compare(folder, rng, min(5000, sets - part * 5000))
print(f"correlations: {passed} passed, {failed} failed")
sys.exit(failed > 0)
