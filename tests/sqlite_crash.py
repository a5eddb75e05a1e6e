#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writers of SQLite databases that are ended by SIGKILL in the midst of transactions, in every kind of journal. What was left, with its journal
or log beside it or in an archive, is imported as it lies there, and has the rows that SQLite finds in a copy, which recovers it. The evidence
stays as it is. Usage: sqlite_crash.py HINDCAST [KILLS]; one line "ok NAME" or "not ok NAME" a test."""
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile

import sqlite as values

HINDCAST, KILLS = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2
WORK = tempfile.mkdtemp(prefix="hindcast-sqlite.")
MODES = [("delete", "full"), ("truncate", "full"), ("persist", "normal"), ("delete", "off"), ("wal", "normal"), ("wal", "off")]
WRITER = """
import random, sqlite3, sys
path, mode, synchronous, seed = sys.argv[1:]
random.seed(int(seed))
db = sqlite3.connect(path, isolation_level=None)
db.executescript("PRAGMA page_size = %d; PRAGMA auto_vacuum = %d; PRAGMA journal_mode = %s; PRAGMA synchronous = %s; PRAGMA cache_size = 4; PRAGMA cache_spill = 4;"
                 "CREATE TABLE t(id INTEGER PRIMARY KEY, x, y TEXT); CREATE INDEX i ON t(x); CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
                 % (random.choice([512, 1024, 4096]), random.choice([0, 1, 2]), mode, synchronous))
print("begun", flush=True)
for n in range(10**9):
    db.execute("BEGIN")
    for i in range(random.randrange(1, 60)):
        db.execute("INSERT INTO t(x, y) VALUES(?, ?)", (random.randrange(10**6), "%d " % n * random.randrange(200)))
        db.execute("INSERT OR REPLACE INTO w VALUES(?, ?)", ("key%d" % random.randrange(300), n))
    db.execute("UPDATE t SET y = 'half ' || y, x = x + 1 WHERE id % 7 < 5")
    if n % 9 == 8:
        db.execute("DELETE FROM t WHERE id % 3 = 1")
    if n % 5 == 2:
        db.execute("CREATE TABLE n%d(a)" % n)
        db.execute("INSERT INTO n%d VALUES(%d)" % (n, n))
    db.execute("COMMIT" if n % 11 else "ROLLBACK")
"""
failed = False


def tell(name, ok, *more):
    global failed
    print(("ok " if ok else "not ok ") + name, flush=True)
    if not ok:
        failed = True
        for m in more:
            print("   ", str(m)[:600])


def write(folder, mode, synchronous, seed):
    """A database whose writer was ended at some moment."""
    os.makedirs(folder)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, folder + "/x.db", mode, synchronous, str(seed)], stdout=subprocess.PIPE)
    writer.stdout.readline()
    time.sleep(random.uniform(0.02, 0.25))
    writer.send_signal(signal.SIGKILL)
    writer.wait()


def rows(path):
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    found = {name: [tuple(values.text(v) for v in row) for row in db.execute('SELECT * FROM "%s"' % name)] for name, _, _ in values.tables(db)}
    db.close()
    return {name: r for name, r in found.items() if r}


def imported(case):
    db = sqlite3.connect(case + "/hindcast.db")
    found = {}
    for name, value in db.execute("SELECT e.name, t.value FROM state AS t JOIN entity AS e ON e.id = t.type ORDER BY t.source, t.record"):
        row = json.loads(value or "{}")
        found.setdefault(name, []).append(tuple(row.get("c%d" % i) for i in range(3 if name == "t" else 2 if name == "w" else 1)))
    status = dict(db.execute("SELECT path || member, status FROM source"))
    rejects = [w for w, in db.execute("SELECT why FROM reject")]
    db.close()
    return found, status, rejects


def hashes(folder):
    return {n: hashlib.sha256(open(os.path.join(folder, n), "rb").read()).hexdigest() for n in sorted(os.listdir(folder))}


def is_hot(folder):
    journal = folder + "/x.db-journal"
    return os.path.exists(journal) and open(journal, "rb").read(1) not in (b"", b"\0")


def pack(folder, to, form):
    names = sorted(os.listdir(folder))
    if form == "zip":
        with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as z:
            for n in names:
                z.write(os.path.join(folder, n), "db/" + n)
    else:
        with tarfile.open(to, "w:gz") as z:
            for n in reversed(names):
                z.add(os.path.join(folder, n), "db/" + n)


def one(mode, synchronous, seed, form):
    """Whether its journal was hot, and what is wrong."""
    base = "%s/%s-%s-%d" % (WORK, mode, synchronous, seed)
    write(base + "/left", mode, synchronous, seed)
    before = hashes(base + "/left")
    hot = is_hot(base + "/left")
    shutil.copytree(base + "/left", base + "/copy")
    case = base + "/case"
    os.makedirs(case + "/evidence")
    os.makedirs(case + "/profiles")
    want = rows(base + "/copy/x.db")
    os.makedirs(base + "/shape/evidence")
    os.makedirs(base + "/shape/profiles")
    os.rename(base + "/copy/x.db", base + "/shape/evidence/x.db")
    values.profile(base + "/shape")
    os.rename(base + "/shape/profiles/all.yaml", case + "/profiles/all.yaml")
    if form:
        pack(base + "/left", case + "/evidence/x." + form, form)
    else:
        os.rmdir(case + "/evidence")
        shutil.copytree(base + "/left", case + "/evidence")
    done = subprocess.run([HINDCAST, "import", "-q", "-C", case, "--profile", "all", case + "/evidence/x." + (form or "db")], stderr=subprocess.PIPE, check=False)
    found, status, rejects = imported(case)
    wrong = [done.stderr.decode()] if done.returncode else []
    wrong += ["%s: %d rows instead of %d" % (n, len(found.get(n, [])), len(want.get(n, []))) for n in sorted(set(found) | set(want)) if found.get(n) != want.get(n)]
    wrong += rejects + [s for s in status.items() if s[1] not in ("read", "part", "archive")]
    if not form and hashes(case + "/evidence") != before:
        wrong.append("the evidence was altered")
    if subprocess.run([HINDCAST, "verify", "-C", case], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
        wrong.append("verify")
    shutil.rmtree(base)
    return hot, wrong


def several():
    """A journal that belongs to one over several databases: with that one beside it counts, without it does not."""
    base = WORK + "/several"
    name = "x.db-mj1234"
    magic = bytes.fromhex("d9d505f920a163d7")
    for there in (False, True):
        while not is_hot(base + "/left"):
            shutil.rmtree(base, True)
            write(base + "/left", "delete", "off", 5)
        with open(base + "/left/x.db-journal", "ab") as f:
            f.write(b"\0\0\0\0/elsewhere/" + name.encode() + (11 + len(name)).to_bytes(4, "big") + sum(("/elsewhere/" + name).encode()).to_bytes(4, "big") + magic)
        if there:
            open(base + "/left/" + name, "wb").close()
        os.makedirs(base + "/case/evidence")
        for n in os.listdir(base + "/left"):
            shutil.copy(base + "/left/" + n, base + "/case/evidence/" + n)
        subprocess.run([HINDCAST, "import", "-q", "-C", base + "/case", base + "/case/evidence/x.db"], stderr=subprocess.PIPE, check=False)
        told = [w for w in imported(base + "/case")[2] if "belongs to %s, which is not here" % name in w]
        tell("a journal of several databases, of which the first is %s" % ("here" if there else "missing"), len(told) == (0 if there else 1), imported(base + "/case"))
        shutil.rmtree(base)


random.seed(7)
hot = 0
for mode, synchronous in MODES:
    for kill in range(KILLS):
        form = (None, None, "zip", "tgz")[kill % 4]
        was_hot, wrong = one(mode, synchronous, kill, form)
        hot += was_hot
        tell("a writer ended, journal %s, synchronous %s, %s %d" % (mode, synchronous, form or "file", kill), not wrong, *wrong)
tell("some had a transaction to take back", hot >= KILLS, hot)
several()
shutil.rmtree(WORK)
sys.exit(failed)
