#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""logtime.py HINDCAST [ROUNDS [SEED]]: lines that come months late; logs whose instants are known, made from random acts in random zones, over New Year, leap days and the nights in
which clocks are set back or forward, by several daemons whose lines stand up to half a minute out of order, in one file or rotated. Every event has to cover the
instant that it was made from; only in the repeated hours may that take more than a second. Zones are Python's zoneinfo."""
import datetime
import json
import os
import random
import subprocess
import sys
import tempfile
import zoneinfo

hindcast = os.path.abspath(sys.argv[1])
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
UTC = datetime.timezone.utc
ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "Pacific/Auckland", "America/Sao_Paulo",
         "Africa/Casablanca", "Asia/Tehran"]
bad = 0


def t(name, good):
    global bad
    bad += not good
    print(("ok " if good else "not ok ") + name)


def changes(zone, year):
    """Instants of the year at which the offset goes back."""
    found, when = [], datetime.datetime(year, 1, 1, tzinfo=UTC)
    while when.year == year:
        after = when + datetime.timedelta(hours=1)
        if after.astimezone(zone).utcoffset() < when.astimezone(zone).utcoffset():
            found.append(after)
        when = after
    return found


def instants(r, zone):
    """Rising instants, some years apart from one another by less than half a year, crowded around what is difficult."""
    year = r.choice([1999, 2003, 2011, 2015, 2019, 2023])
    points = [datetime.datetime(year + 1, 1, 1, tzinfo=UTC), datetime.datetime(year + 1, 2, 29 if (year + 1) % 4 == 0 else 28, tzinfo=UTC)]
    points += changes(zone, year) + changes(zone, year + 1)
    start = datetime.datetime(year, 7, 1, tzinfo=UTC)
    out = [start + datetime.timedelta(days=45 * i, seconds=r.randrange(86400)) for i in range(14)]
    for p in points:
        step = r.choice([30, 60, 200, 600, 1200])
        when = p - datetime.timedelta(seconds=r.randrange(3600, 9000))
        while when < p + datetime.timedelta(hours=2) and (step > 30 or r.random() < 0.995): # some stop, wherever they are
            out.append(when.replace(microsecond=0))
            when += datetime.timedelta(seconds=r.randrange(1, 2 * step + 1))
    return sorted(set(out))


def make(r, folder):
    name = r.choice(ZONES)
    zone = zoneinfo.ZoneInfo(name)
    acts = [when.replace(microsecond=0) for when in instants(r, zone)]
    # When a line is written is when it happened and what its daemon took.
    order = sorted(range(len(acts)), key=lambda i: acts[i] + datetime.timedelta(seconds=r.randrange(0, 30) if r.random() < 0.2 else 0))
    cuts = []
    if r.random() < 0.5: # rotated, as logs are: less than a year in all, a file for some months at most
        order = [i for i in order if acts[i] < acts[0] + datetime.timedelta(days=350)]
        acts = acts[:max(order) + 1]
        order = [i for i in order if i < len(acts)]
        begin = acts[order[0]]
        for at, i in enumerate(order):
            if at and acts[i] - begin > datetime.timedelta(days=r.randrange(5, 100)):
                cuts.append(at)
                begin = acts[i]
    files = [order[a:b] for a, b in zip([0] + cuts, cuts + [len(order)]) if a < b]
    os.makedirs(os.path.join(folder, "evidence"))
    for n, part in enumerate(reversed(files)):
        with open(os.path.join(folder, "evidence", f"mail.log.{n}" if n else "mail.log"), "w") as f:
            for i in part:
                local = acts[i].astimezone(zone)
                f.write(f"{local:%b} {local.day:2d} {local:%H:%M:%S} relay1 app[7]: act {i}\n")
    year = acts[files[0][0]].astimezone(zone).year
    with open(os.path.join(folder, "case.yaml"), "w") as f:
        f.write(f"title: x\nsources:\n  - path: evidence/*\n    zone: {name}\n    year: {year}\n")
    return name, acts, zone


def twice(when, zone):
    local = when.astimezone(zone).replace(tzinfo=None)
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC) != local.replace(tzinfo=zone, fold=1).astimezone(UTC)


def check(r, n):
    wrong, exact, folds, decided = [], 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="hindcast-logtime-") as folder:
        name, acts, zone = make(r, folder)
        done = subprocess.run([hindcast, "run", "-q", folder], capture_output=True, text=True)
        out = subprocess.run([hindcast, "events", "-C", folder, "-f", "jsonl"], capture_output=True, text=True).stdout
    seen = {int(e["text"].split()[1]): e for e in map(json.loads, out.splitlines())}
    if done.returncode or len(seen) != len(acts):
        return [f"{name}: status {done.returncode}, {len(seen)} of {len(acts)} lines: {done.stderr}"], 0, 0, 0
    for i, when in enumerate(acts):
        e = seen[i]
        if not e["time"] or not (e["time"] <= when.strftime("%Y-%m-%dT%H:%M:%S.000000Z") <= e["until"]):
            wrong.append(f"{name}: {when:%Y-%m-%dT%H:%M:%SZ} is told as {e['time']}..{e['until']} ({(e['fields'] or {}).get('time-note')})")
            continue
        sharp = e["time"][:19] == e["until"][:19]
        if twice(when, zone):
            folds += 1
            decided += sharp
        elif not sharp:
            wrong.append(f"{name}: {when:%Y-%m-%dT%H:%M:%SZ}, which is read once, is told as {e['time']}..{e['until']}")
        exact += sharp
    return wrong, exact, folds, decided


def astray(r):
    """Logs with lines among them that were written months before they came, which their order dates wrongly: those are told as assumed. Lines of
    logs without any are not; nor are those far from them. Gives what is wrong, and how many lines are assumed."""
    wrong, assumed = [], 0
    with tempfile.TemporaryDirectory(prefix="hindcast-astray-") as folder:
        start, acts = datetime.datetime(2021, 3, 1, tzinfo=UTC), []
        when = start
        while len(acts) < 400 and when < start + datetime.timedelta(days=300):
            acts.append((when, False))
            when += datetime.timedelta(seconds=r.randrange(1, 86400 if r.random() < 0.95 else 30 * 86400))
        late = sorted(r.sample(range(5, len(acts) - 5), r.choice([0, 1, 3])), reverse=True)
        for at in late:  # a block that is old by 280 to 360 days, and looks as if it came 5 to 85 days early
            old = acts[at][0] - datetime.timedelta(days=r.randrange(280, 361))
            acts[at:at] = [(old + datetime.timedelta(minutes=i), True) for i in range(r.choice([1, 1, 4]))]
        cuts = sorted(r.sample(range(1, len(acts)), r.choice([0, 1, 2])))
        os.makedirs(os.path.join(folder, "evidence"))
        pieces = [acts[a:b] for a, b in zip([0] + cuts, cuts + [len(acts)])]
        number = 0
        for n, part in enumerate(pieces):
            with open(os.path.join(folder, "evidence", "mail.log" + (f".{len(pieces) - 1 - n}" if n < len(pieces) - 1 else "")), "w") as f:
                for when, _ in part:
                    f.write(f"{when:%b} {when.day:2d} {when:%H:%M:%S} relay1 app[7]: act {number}\n")
                    number += 1
        with open(os.path.join(folder, "case.yaml"), "w") as f:
            f.write("title: x\nsources:\n  - path: evidence/*\n    zone: UTC\n    year: 2021\n")
        subprocess.run([hindcast, "run", "-q", folder], capture_output=True)
        out = subprocess.run([hindcast, "events", "-C", folder, "-f", "jsonl"], capture_output=True, text=True).stdout
    for e in map(json.loads, out.splitlines()):
        i = int(e["text"].split()[1])
        when, stray = acts[i]
        doubt = "assumed" in e["basis"]
        if e["time"] != when.strftime("%Y-%m-%dT%H:%M:%S.000000Z") and not doubt:
            wrong.append(f"act {i} of {when:%Y-%m-%d} is told as {e['time']}, {e['basis']}")
        if doubt and "time-note" not in (e["fields"] or {}):
            wrong.append(f"act {i} is assumed for no reason")
        if doubt and not late:
            wrong.append(f"act {i} is assumed, and nothing is astray")
        assumed += doubt
    return wrong, assumed, len(acts)


problems, assumed, lines = [], 0, 0
for n in range(rounds):
    a, b, c = astray(random.Random(seed * 77 + n))
    problems, assumed, lines = problems + a, assumed + b, lines + c
for problem in problems[:20]:
    print(problem)
t(f"no line that was late by months has a certain time ({assumed} of {lines} are assumed)", not problems and 0 < assumed < lines)
problems, exact, folds, decided = [], 0, 0, 0
for n in range(rounds):
    a, b, c, d = check(random.Random(seed * 1000 + n), n)
    problems += a
    exact, folds, decided = exact + b, folds + c, decided + d
for problem in problems[:20]:
    print(problem)
t(f"logs without year and offset cover the instants they were made from ({exact} of them to the second; of {folds} in repeated hours {decided})", not problems and exact)
t("the order of lines decides most of the repeated hours", decided * 2 > folds > 0 or rounds < 10)
sys.exit(bad > 0)
