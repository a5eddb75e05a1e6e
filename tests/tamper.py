# SPDX-License-Identifier: Apache-2.0
"""Signs that the evidence of an incident was changed: tamper.py HINDCAST WORKDIR. Each has a case in which it shows and look-alikes in which it must not: what
services do by themselves (transactions that fail, deletions, restarts) leaves traces too. Prints one line "ok NAME" or "not ok NAME" per question."""
import json
import os
import subprocess
import sys

from smallworld import World, at, make_case

hindcast, work = sys.argv[1], sys.argv[2]
bad = 0
SIGNS = ["HC-EVI-014", "HC-EVI-015", "HC-EVI-016", "HC-EVI-017"]
DAY = 86400


def signs(name, *worlds, again=True):
    """{rule: messages} of the signs that are found. `again`: and that deriving them again gives the same."""
    case = make_case(hindcast, os.path.join(work, name.replace(" ", "-")), [(w, 2 * DAY + i) for i, w in enumerate(worlds)])
    out = {}
    for f in json.loads(subprocess.run([hindcast, "findings", "-C", case, "-f", "json"], capture_output=True, text=True, check=True).stdout):
        if f["rule"] in SIGNS:
            out.setdefault(f["rule"], []).append(f["message"])
    if again and subprocess.run([hindcast, "verify", "-q", "-C", case], capture_output=True).returncode:
        out["verify"] = ["fails"]
    return out


def t(name, got, want):
    """`want`: {rule: parts of its messages}."""
    global bad
    holds = sorted(got) == sorted(want) and all(len(got[r]) == len(want[r]) and all(p in m for p, m in zip(want[r], got[r])) for r in want)
    print(("ok " if holds else "not ok ") + name + ("" if holds else f": {got}"))
    bad |= not holds


def world(before=150, skip=0, more=0):
    """Journal rows with the numbers 1, 2, ..., then eve takes two projects of ann: ten rows from the number `before` + 1 on, of which the second and the
    fourth of each five are about something else. `skip`: so many numbers
    are left out behind each row of before. `more`: so many rows between the two projects."""
    w = World().project("alpha", "beta", "else").user("ann", "ann@mail.example").user("eve", "eve@mail.example", born=-600)
    for i in range(before):
        w.act(-20 * DAY + i * 11000, "add", "else", f"m{i}", "kim", event=False)
        w.serial += skip
    for i, project in enumerate(("alpha", "beta")):
        w.act(i * 200, "invite", project, "eve", "ann").act(i * 200 + 30, "add", "else", f"x{i}", "kim", event=False)
        w.act(i * 200 + 60, "accepted", project, "eve", "eve").act(i * 200 + 90, "add", "else", f"y{i}", "kim", event=False)
        w.act(i * 200 + 120, "remove", project, "ann", "eve")
        for k in range(0 if i else more):
            w.act(130 + k * 0.001, "add", "else", f"z{k}", "kim", event=False)
    for i in range(20):
        w.act(2000 + i * 3000, "add", "else", f"n{i}", "kim", event=False)
    return w.user("n0", "n@mail.example")


def journal(w, change):
    w.rows["journals"] = [row for row in (change(r) for r in w.rows["journals"]) if row]
    return w


def drop(w, *numbers):
    return journal(w, lambda r: None if r[0] in numbers else r)


def date(w, number, by):
    """That row `by` seconds later."""
    from datetime import datetime, timedelta
    later = lambda text: (datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f") + timedelta(seconds=by)).strftime("%Y-%m-%d %H:%M:%S.%f")
    return journal(w, lambda r: r[:3] + (later(r[3]),) + r[4:] if r[0] == number else r)


def last(w, *numbers):
    """These rows are written to the end of the table."""
    w.rows["journals"].sort(key=lambda r: r[0] in numbers)
    return w


t("where nothing was changed nothing is told", signs("whole", world()), {})

# Numbers that are missing: the rows in the time of the incident are 151 to 160.
t("rows that were taken out of the journal leave numbers missing", signs("taken out", drop(world(), 152, 154, 157)),
  {"HC-EVI-014": ["3 of the 10 ids of journals in the time of the incident are missing, the first behind 151; around it 0 of 170 are"]})
t("a transaction that failed does not, now and then", signs("one failed", drop(world(), 60, 152)), {})
t("nor does a service that leaves out every second number", signs("every second", drop(world(skip=1), 302, 304, 307)), {})
t("a journal of which little is known tells nothing", signs("little known", drop(world(before=60), 62, 64, 67)), {})

# Rows gone from a later dump.
t("rows of an earlier dump that a later one does not hold", signs("gone", world(), drop(world(), 152, 154)),
  {"HC-EVI-015": ["2 rows of journals are in evidence/dump0.sql and not in evidence/dump1.sql, the first with the id 152"]})
masked = journal(world(), lambda r: r[:4] + ("deleted-user",) if r[0] in (151, 155) else r)
t("a row whose actor was deleted is still there", signs("masked", world(), masked), {})
t("a later dump without the journal tells nothing of its rows", signs("without journal", world(), journal(world(), lambda r: None)), {})

# Times.
t("a row whose time is two hours early", signs("early", date(world(), 157, -7200)),
  {"HC-EVI-016": ["the row 157 of journals is of 2024-05-06T08:03:50.000000Z, the rows around it are of 2024-05-06T10:03:20.000000Z to"]})
t("a row whose time is a year early is no missing number", signs("a year early", date(date(date(world(), 152, -365 * DAY), 154, -365 * DAY), 157, -365 * DAY)),
  {"HC-EVI-016": ["the row 152 of journals is of 2023-05-07", "the row 154 of", "the row 157 of"]})
t("a transaction that took five minutes", signs("slow", date(world(), 157, -300)), {})
t("a row of long before the incident", signs("long before", date(world(), 20, -7200 * 9)), {})

# Rows that were written again.
t("rows that lie elsewhere than their numbers", signs("moved", last(world(), 152, 154)),
  {"HC-EVI-017": ["2 rows of journals of the time of the incident do not stand in the order of their ids, so that they were written again later; the first has the id 152"]})
t("what a deletion masks is written again, too", signs("masked and moved", last(journal(world(), lambda r: r[:4] + ("deleted-user",) if r[0] in (151, 155) else r), 151, 155)), {})
t("rows of before", signs("moved before", last(world(), 20, 21)), {})
shuffled = world()
shuffled.rows["journals"].sort(key=lambda r: r[0] * 79 % 181)
t("where space is used again the order tells nothing", signs("shuffled", shuffled), {})

# Limits: rows of one table that are listed, and rows that are read around an incident.
crowd = world(more=25)
for number in range(156, 181):
    date(crowd, number, -365 * DAY - number)
got = signs("crowd", crowd)
t("of many rows whose time runs against their numbers twenty are told, and how many more there are",
  {"HC-EVI-016": [m for m in got.get("HC-EVI-016", []) if "more rows are so" in m], "told": [str(len(got.get("HC-EVI-016", [])))]},
  {"HC-EVI-016": ["; 5 more rows are so"], "told": ["20"]})
full = world(before=0)
journal(full, lambda r: (r[0] + 200001,) + r[1:])
full.rows["journals"] = [(i + 1, "else", f"add Owner m{i % 50}", at(-10 * DAY + i), "kim") for i in range(200001)] + full.rows["journals"]
t("of a table with very many rows a shorter time around the incident is read", signs("full", last(date(full, 200008, -7200), 200003, 7), again=False),
  {"HC-EVI-016": ["the row 200008 of"], "HC-EVI-017": ["1 rows of journals of the time of the incident"]})
sys.exit(1 if bad else 0)
