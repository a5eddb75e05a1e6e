#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rules.py HINDCAST FOLDER: what 300 rules cost over the events of a case, at three sizes, and what a correlation costs over as many hits. Shown is CPU time for
each event, the import and the passes without rules of the user's own aside; it must not grow with the number of events. BENCH_RULES_EVENTS is
the largest size (1,000,000); the goal is set for ten million, and at any other size it is not measured."""
import os
import random
import resource
import shutil
import subprocess
import sys

hindcast, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
LARGEST = int(os.environ.get("BENCH_RULES_EVENTS", "1000000"))
GROWTH_MAX = 1.5 # from the smallest size to the largest, for each event; the clock of a shared machine is no better
GOAL_EVENTS, GOAL_SECONDS = 10000000, 60 # all of correlate with 300 rules
HITS_OF = 4 # each so many events: the two actions that the correlations look at, of eight
GOAL_HITS, GOAL_HITS_SECONDS = 1000000, 2 # what they add to correlate, matching included
ACTIONS = ["repo.create", "git.clone", "git.push", "org.add_member", "team.add_member", "workflows.run", "pull_request.merge", "hook.create"]


def cpu(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([hindcast, *command], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make_case(n):
    case, rng = os.path.join(folder, f"events-{n}"), random.Random(n)
    os.makedirs(os.path.join(case, "evidence"))
    with open(os.path.join(case, "evidence", "audit.ndjson"), "w") as f:
        for i in range(n):
            f.write(f'{{"@timestamp":{1700000000000 + i * 50},"_document_id":"d{i}","action":"{rng.choice(ACTIONS)}","actor":"user{rng.randrange(5000)}",'
                    f'"user":"user{rng.randrange(5000)}","repo":"o/r{rng.randrange(2000)}","org":"o","actor_ip":"10.0.{rng.randrange(256)}.{rng.randrange(256)}"}}\n')
    cpu("import", "-q", "-C", case, os.path.join(case, "evidence", "audit.ndjson"))
    return case


def make_rules(name, texts):
    path = os.path.join(folder, name)
    os.makedirs(path)
    for i, text in enumerate(texts):
        with open(os.path.join(path, f"{i:03}.yml"), "w") as f:
            f.write(text)
    return path


HEAD = "title: Rule {0}\nid: rule-{0}\nlevel: low\nlogsource: {{product: github, service: audit}}\ndetection:\n  s: {{action: 'event.{0}'}}\n"
SHAPES = ["  condition: s\n", "  f: {{actor|startswith: 'user{0}'}}\n  condition: s and not f\n", "  t: {{user_agent|contains: [curl{0}, wget]}}\n  condition: s or t\n"]
CORRELATION = ("title: Push\nname: push\nlogsource: {product: github}\ndetection: {s: {action: git.push}, condition: s}\n---\n"
               "title: Clone\nname: clone\nlogsource: {product: github}\ndetection: {s: {action: git.clone}, condition: s}\n---\n"
               "title: Many\nlevel: low\ncorrelation:\n  type: value_count\n  rules: [push]\n  group-by: [actor]\n  timespan: 1h\n  condition: {field: object, gte: 100000}\n---\n"
               "title: Order\nlevel: low\ncorrelation:\n  type: temporal_ordered\n  rules: [clone, push, clone]\n  group-by: [actor, object, address]\n  timespan: 5m\n")

if os.path.exists(folder):
    sys.exit(f"rules.py: {folder} is there already, and all that is in it would be removed")
os.makedirs(folder)
rules = make_rules("many", [(HEAD + SHAPES[i % 3]).format(i) for i in range(300)])
chains = make_rules("chains", [CORRELATION])
first, whole_of, each_of, bad = {}, {}, {}, False
for n in (LARGEST // 4, LARGEST // 2, LARGEST):
    case = make_case(n)
    base = cpu("correlate", "-C", case)
    for name, path in (("300 rules", rules), ("two correlations", chains)):
        each = max(cpu("correlate", "-C", case, "--rules", path) - base, 0.001) / n * 1e6
        whole = each + base / n * 1e6
        whole_of[name], each_of[name] = whole, each
        first.setdefault(name, whole)
        grown = whole / first[name]
        bad |= grown > GROWTH_MAX
        print(f"{name} over {n} events: {each:.2f} us for each, {whole:.2f} with all that correlate does; {grown:.2f} of the smallest size")
    shutil.rmtree(case)
shutil.rmtree(folder)
if LARGEST // HITS_OF >= GOAL_HITS:
    took = each_of["two correlations"] * HITS_OF * GOAL_HITS / 1e6
    print(f"correlation-hits: {took:.1f} s of CPU for {GOAL_HITS}, goal {GOAL_HITS_SECONDS}: {'reached' if took <= GOAL_HITS_SECONDS else 'missed'}")
else:
    print(f"correlation-hits: not measured, {LARGEST // HITS_OF} of them and not {GOAL_HITS}")
if LARGEST == GOAL_EVENTS:
    took = whole_of["300 rules"] * LARGEST / 1e6
    print(f"rules-events: {took:.1f} s of CPU, goal {GOAL_SECONDS}: {'reached' if took <= GOAL_SECONDS else 'missed'}")
else:
    print(f"rules-events: not measured, the largest size is {LARGEST} and not {GOAL_EVENTS}")
sys.exit(bad)
