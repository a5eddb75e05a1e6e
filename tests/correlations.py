#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""correlations.py HINDCAST SETS: correlation rules over SETS random sets of events (ties, missing keys, values and order included), each compared
with the definition of the rule, tried out in full."""
import itertools
import json
import os
import random
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


def event_count(limits):
    return lambda events: any(limits_hold(limits, len(w)) for _, w in windows(events, "ab"))


def value_count(limits):
    return lambda events: any(limits_hold(limits, len({e["v"] for e in w if e["v"] is not None})) for _, w in windows(events, "ab"))


def value_sum(limits):
    return lambda events: any(limits_hold(limits, sum(n)) for n in numbers(events) if n)


def value_avg(limits):
    return lambda events: any(limits_hold(limits, sum(n) / len(n)) for n in numbers(events) if n)


def numbers(events):
    return [[e["n"] for e in w if e["n"] is not None] for _, w in windows(events, "ab")]


def met(w):
    return {a for e in w for a in e["acts"]}


def temporal(steps, least=None):
    return lambda events: any(len(met(w) & set(steps)) >= (least or len(steps)) for _, w in windows(events, steps))


def around(events, w, t, positive):
    found = [e["t"] for e in w if set(e["acts"]) & set(positive)]
    if not found or max(found) != t:
        return None
    return [e for e in events if max(found) - SPAN <= e["t"] <= min(found) + SPAN]


def condition(steps, positive, holds):
    def test(events):
        for t, w in windows(events, steps):
            near = around(events, w, t, positive)
            if near is not None and holds(met(w), met(near)):
                return True
        return False
    return test


def chain(events, steps, t, used=(), last=None, first=None):
    """Is there an order of distinct events, one for each step, that ends at t?"""
    if not steps:
        return last == t
    for i, e in enumerate(events):
        if i in used or steps[0] not in e["acts"] or (last is not None and e["t"] < last) or e["t"] > t or e["t"] < t - SPAN:
            continue
        if chain(events, steps[1:], t, used + (i,), e["t"], e["t"] if first is None else first):
            return True
    return False


def ordered(steps, without=""):
    def test(events):
        for t, w in windows(events, steps + without):
            if not chain(events, steps, t):
                continue
            near = around(events, w, t, steps)
            if near is not None and not any(x in met(near) for x in without):
                return True
        return False
    return test


def rule(name, type_, steps, condition=None):
    text = f"title: {name}\nname: {name}\ncorrelation:\n  type: {type_}\n  rules: [{', '.join(steps)}]\n  group-by: [g]\n  timespan: {SPAN}s\n"
    return text + (f"  condition: {condition}\n" if condition else "") + "---\n"


RULES = [
    (rule("count", "event_count", "ab", "{gte: 3}"), event_count({"gte": 3})),
    (rule("few", "event_count", "ab", "{gt: 1, lte: 2}"), event_count({"gt": 1, "lte": 2})),
    (rule("exactly", "event_count", "ab", "{eq: 4}"), event_count({"eq": 4})),
    (rule("values", "value_count", "ab", "{field: v, gte: 3}"), value_count({"gte": 3})),
    (rule("sum", "value_sum", "ab", "{field: n, gt: 12}"), value_sum({"gt": 12})),
    (rule("mean", "value_avg", "ab", "{field: n, gte: 5}"), value_avg({"gte": 5})),
    (rule("together", "temporal", "abc"), temporal("abc")),
    (rule("some", "temporal", "abcd", "{gte: 3}"), temporal("abcd", 3)),
    (rule("without", "temporal", "abc", "a and b and not c"), condition("abc", "ab", lambda w, near: "a" in w and "b" in w and "c" not in near)),
    (rule("either", "temporal", "abc", "a and (b or not c)"), condition("abc", "ab", lambda w, near: "a" in w and ("b" in w or "c" not in near))),
    (rule("order", "temporal_ordered", "abc"), ordered("abc")),
    (rule("four", "temporal_ordered", "abcd"), ordered("abcd")),
    (rule("back", "temporal_ordered", "ba"), ordered("ba")),
    (rule("quiet", "temporal_ordered", "abc", "a and b and not c"), ordered("ab", "c")),
]


def random_set(rng):
    """Events of one group: clustered, often at the same instant, some of two kinds at once."""
    events = []
    for _ in range(rng.randrange(1, 9)):
        acts = rng.choice(["a", "b", "c", "d", "ab", "bc", "ac", "abc", "cd"]) if rng.random() < 0.5 else rng.choice("abcd")
        events.append({"t": rng.choice([0, 10, 30, 59, 60, 61, 90, 119, 120, 121, 150, rng.randrange(200)]), "acts": acts,
                       "v": rng.choice([None, "x", "y", "z", "x y"]), "n": rng.choice([None, 1, 2, 5, 7, 10])})
    return events


def line(group, e):
    o = {"@timestamp": BASE + e["t"], "g": group}
    o.update({"k" + a: "1" for a in e["acts"]})
    if e["v"] is not None:
        o["v"] = e["v"]
    if e["n"] is not None:
        o["n"] = e["n"]
    return json.dumps(o)


def compare(folder, rng, n):
    global passed, failed
    all_sets = [random_set(rng) for _ in range(n)]
    lines = [line(f"g{i}", e) for i, s in enumerate(all_sets) for e in s] + [json.dumps({"@timestamp": BASE, "ka": "1", "kb": "1", "kc": "1"})] * 9
    rng.shuffle(lines)
    with open(os.path.join(folder, "events.jsonl"), "w") as f:
        f.write("\n".join(lines) + "\n")
    with open(os.path.join(folder, "rules.yml"), "w") as f:
        f.write("".join(detection(a, "k" + a, "'1'") for a in "abcd") + "".join(text for text, _ in RULES))
    out = subprocess.run([hindcast, "rules", "test", os.path.join(folder, "rules.yml"), os.path.join(folder, "events.jsonl")], capture_output=True,
                         text=True, check=True).stdout
    answer = json.loads(out)["correlations"]
    for text, truth in RULES:
        name = text.split("\n")[0][len("title: "):]
        got = {g[0] for g in answer[name]}
        want = {f"g{i}" for i, s in enumerate(all_sets) if truth(s)}
        if got == want and 0 < len(want) < n:
            passed += 1
            print(f"ok correlation {name}: {len(want)} of {n} random sets fire, as defined")
            continue
        failed += 1
        wrong = sorted(got ^ want)
        print(f"not ok correlation {name}: {len(wrong)} of {n} sets differ, {len(want)} fire")
        for g in wrong[:2]:
            print("   ", "fires" if g in got else "does not fire", sorted((e["t"], e["acts"], e["v"], e["n"]) for e in all_sets[int(g[1:])]))


with tempfile.TemporaryDirectory() as folder:
    rng = random.Random(7)
    for part in itertools.count():
        if part * 5000 >= sets:
            break
        compare(folder, rng, min(5000, sets - part * 5000))
print(f"correlations: {passed} passed, {failed} failed")
sys.exit(failed > 0)
