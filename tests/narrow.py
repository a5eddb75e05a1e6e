#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An import narrowed to a name (--scope), in every format: each golden folder is imported whole and narrowed to names that its evidence holds.
Every record is counted in both; what the narrowed one keeps is in the whole one too, and every event of that which has the name, or is a row
of which the bytes in the file hold it, is kept. One database as a dump, as archives and in archives has the same facts inside. Usage: narrow.py HINDCAST SRCDIR."""
import atexit
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

from pgwriter import Dump

HINDCAST, SRC = (os.path.abspath(a) for a in sys.argv[1:3])
WORK = tempfile.mkdtemp(prefix="hindcast-narrow.")
atexit.register(shutil.rmtree, WORK, True)
NAMES = 3
ROWS = ("pg_dump", "pg_copy", "mysqldump", "mysql_tab", "sqlite_dump", "csv", "json")  # whose records are texts of the file
failed = False


def tell(name, faults):
    global failed
    print(("not ok " if faults else "ok ") + name, flush=True)
    for fault in faults[:6]:
        print("   ", str(fault)[:400])
    failed |= bool(faults)


def imported(case, *scope):
    for suffix in ("", "-wal", "-shm", "-journal"):
        if os.path.exists(case + "/hindcast.db" + suffix):
            os.remove(case + "/hindcast.db" + suffix)
    files = sorted(os.path.join(d, f) for d, _, names in os.walk(case + "/evidence") for f in names)
    parts = re.compile(r"\.db-(wal|shm|journal)$|/\d+\.dat(\.\w+)?$")
    options = ["--scope=" + name for name in scope]
    done = subprocess.run([HINDCAST, "import", "-q", "-C", case, *options, *(f for f in files if not parts.search(f))], capture_output=True, timeout=120, check=False)
    if done.returncode not in (0, 3):
        sys.exit("%s %s: %d %s" % (case, scope, done.returncode, done.stderr.decode(errors="replace")))
    db = sqlite3.connect(case + "/hindcast.db")
    out = {
        "status": done.returncode,
        "err": done.stderr.decode(errors="replace"),
        "sources": {(p, m): row for p, m, *row in db.execute("SELECT path, member, records, events, states, ignored, joined, duplicates, rejected FROM source WHERE status = 'read'")},
        "events": set(db.execute('SELECT s.path, s.member, e."offset", e.length, e.action FROM event AS e JOIN source AS s ON s.id = e.source')),
        "plain": {p: f for p, f in db.execute("SELECT path, format FROM source WHERE status = 'read' AND member = '' AND text IS NULL AND packed IS NULL AND format <> 'sqlite'")},
        "names": [n for n, in db.execute("SELECT DISTINCT n.name FROM entity AS n JOIN event AS e ON n.id IN (e.actor, e.target, e.object, e.address, e.message) "
                                                    "WHERE length(n.name) > 2 AND n.name NOT LIKE '%:%' ORDER BY 1")],
    }
    out["of"] = {}  # what an event says of itself; a line of a log says more
    for name, *event in db.execute('SELECT t.name, s.path, s.member, e."offset", e.length, e.action FROM event AS e JOIN source AS s ON s.id = e.source '
                                   "JOIN entity AS t ON t.id IN (e.actor, e.target, e.object, e.address, e.message, e.txn)"):
        out["of"].setdefault(name, set()).add(tuple(event))
    out["queues"] = sorted(n for n, in db.execute("SELECT DISTINCT t.name FROM event AS e JOIN entity AS t ON t.id = e.txn"))
    db.close()
    return out


def word(name):
    """As the manual has it: the name by itself, be there '-', '_' or '.' in it; its neighbours are no part of a longer name."""
    escaped = "".join("[-_.]" if c in "-_." else re.escape(c) for c in name)
    return re.compile((r"(?<![\w.@+-])%s(?![\w@+.-])" % escaped).encode(), re.I)


def check(case, whole, name):
    narrow = imported(case, name)
    faults = []
    pattern = word(name)
    if narrow["status"] not in (0, 3) or "accounted" in narrow["err"]:
        faults.append((narrow["status"], narrow["err"]))
    for source, counts in narrow["sources"].items():
        if counts[0] != sum(counts[1:]):
            faults.append(("sum", source, counts))
        if counts[0] != whole["sources"].get(source, [None])[0]:
            faults.append(("records", source, counts, whole["sources"].get(source)))
    if "were not looked for in the files before" not in narrow["err"]:  # else an event is that of the copy which was looked at
        faults += [("more than all", e) for e in sorted(narrow["events"] - whole["events"])]
    for path, member, offset, length, action in sorted(whole["events"] - narrow["events"]):
        if whole["plain"].get(path) not in ROWS or member:
            continue
        with open(os.path.join(case, path), "rb") as f:
            f.seek(offset)
            text = f.read(length)
            if pattern.search(text):
                faults.append(("lost", path, offset, action))
    faults += [("lost", e) for e in whole["of"].get(name, set()) - narrow["events"] if whole["plain"].get(e[0], "csv") not in ROWS]
    return narrow, faults


for folder in sorted(os.listdir(SRC + "/tests/golden")):
    if not os.path.isdir(os.path.join(SRC, "tests/golden", folder)):
        continue
    case = os.path.join(WORK, folder)
    shutil.copytree(os.path.join(SRC, "tests/golden", folder), case)
    subprocess.run(["chmod", "-R", "u+w", case], check=True)
    whole = imported(case)
    step = max(1, len(whole["names"]) // NAMES)
    for name in whole["names"][::step][:NAMES] + whole["queues"][:1]:
        narrow, faults = check(case, whole, name)
        tell("%s narrowed to %s: %d of %d events" % (folder, name, len(narrow["events"]), len(whole["events"])), faults)
    shutil.rmtree(case)

# One database in all forms.
PLAIN = open(SRC + "/tests/golden/warehouse/evidence/warehouse.sql", "rb").read()
dump, packed = Dump(16, "zstd"), Dump(14, "none")
for m in re.finditer(rb"^COPY public\.(\w+) (\([^\n]*\)) FROM stdin;\n(.*?)^\\\.$", PLAIN, re.M | re.S):
    columns = m.group(2).decode()
    for d in (dump, packed):
        d.table("public", m.group(1).decode(), "(%s)" % ", ".join(c + " text" for c in columns[1:-1].split(", ")), columns, m.group(3).split(b"\n")[:-1])
forms = {"plain": {"w.sql": PLAIN}, "custom": {"w.dump": dump.custom()}, "tar": {"w.tar": packed.tar()}, "directory": {"w/" + n: d for n, d in dump.files().items()}}
want = None
for form, files in forms.items():
    case = os.path.join(WORK, "form-" + form)
    for name, data in files.items():
        os.makedirs(os.path.dirname(os.path.join(case, "evidence", name)), exist_ok=True)
        with open(os.path.join(case, "evidence", name), "wb") as f:
            f.write(data)
    found = {}
    for name in ("ana", "mallory", "spam"):
        narrow = imported(case, name)
        db = sqlite3.connect(case + "/hindcast.db")
        found[name] = (list(narrow["sources"].values()), db.execute("SELECT time, action, row_key, text FROM event ORDER BY 1, 2, 3, 4").fetchall(), db.execute("SELECT value FROM state ORDER BY 1").fetchall())
        db.close()
    want = want or found
    tell("a database %s, narrowed, has the facts of its plain dump" % form, [] if found == want and any(f[1] for f in found.values()) else [{n: f[0] for n, f in found.items()}])
sys.exit(failed)
