#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""For tests/sqlite.sh. make FILE: a database; profile CASE: a profile for all tables of CASE/evidence/x.db; compare CASE: what was
imported against what the library says."""
import json
import os
import random
import sqlite3
import sys


def make(path):
    random.seed(20231122)
    db = sqlite3.connect(path)
    db.executescript("PRAGMA page_size = 1024; PRAGMA encoding = 'UTF-16le';"
                     'CREATE TABLE t(id INTEGER PRIMARY KEY, x, "real" REAL, "text" TEXT, num NUMERIC, "b ""q" BLOB);'
                     "CREATE TABLE w(k TEXT, n INT, v, PRIMARY KEY(n, k)) WITHOUT ROWID;"
                     "CREATE TABLE g(id INTEGER PRIMARY KEY, a, virt AS (a || 'v'), stored AS (a || 's') STORED);")
    texts = ["", "it's", "two\nlines", "cr\r\nlf", "\\n literal", "tab\t; -- no comment", "h\u00e9 \U0001f40d", "x" * 3000, "a,b);", "''", "\u00e9" * 700]

    def value():
        return random.choice([None, random.randrange(-2**63, 2**63), random.randrange(-300, 300), random.uniform(-1, 1), random.uniform(-1e300, 1e300),
                              5e-324, 0.1 + 0.2, 1e15, 123456789.0, float("inf"), -float("inf"), random.choice(texts),
                              random.randbytes(random.randrange(200)), b"", str(random.random())])

    for i in range(3000):
        db.execute("INSERT INTO t VALUES(?,?,?,?,?,?)", (i * 7 - 5000, value(), value(), value(), value(), value()))
        db.execute("INSERT INTO w VALUES(?,?,?)", ("k%d" % (i % 500), i, value()))
        db.execute("INSERT INTO g(a) VALUES(?)", (i,))
    db.commit()
    db.close()


def tables(db):
    for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"):
        columns = db.execute("SELECT name, pk FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid", (name,)).fetchall()
        yield name, [c for c, _ in columns], [c for c, pk in sorted(columns, key=lambda c: c[1]) if pk]


def profile(case):
    db = sqlite3.connect(case + "/evidence/x.db")
    with open(case + "/profiles/all.yaml", "w", encoding="utf-8") as out:
        out.write("name: all\nformat: [sqlite, sqlite_dump]\nrecognise:\n- tables: {none: [none]}\nzone: UTC\nrecords:\n")
        for name, columns, key in tables(db):
            assert len(columns) <= 16
            q = json.dumps
            out.write("- type: %s\n  key: [%s]\n  state:\n    keep: {%s}\n" % (q(name), ", ".join(map(q, key)), ", ".join("c%d: %s" % (i, q(c)) for i, c in enumerate(columns))))


def text(value):
    """What the importers make of a value; of a real the value itself."""
    if value is None or isinstance(value, float):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)


def same(ours, theirs):
    if isinstance(theirs, float):
        return ours is not None and (float(ours) == theirs and any(c in ours for c in ".If"))
    return ours == theirs


def compare(case):
    db, facts = sqlite3.connect(case + "/evidence/x.db"), sqlite3.connect(case + "/hindcast.db")
    read = []
    for path in ("evidence/x.db", "evidence/x.sql"):
        rows = {}
        for kind, value in facts.execute("SELECT e.name, t.value FROM state AS t JOIN source AS s ON s.id = t.source JOIN entity AS e ON e.id = t.type "
                                         "WHERE s.path = ? ORDER BY t.record", (path,)):
            rows.setdefault(kind, []).append(json.loads(value or "{}"))
        read.append(rows)
    if read[0] != read[1]:
        sys.exit("the file and its dump differ")
    n = 0
    for name, columns, _ in tables(db):
        theirs = db.execute("SELECT %s FROM \"%s\"" % (", ".join('"%s"' % c.replace('"', '""') for c in columns), name)).fetchall()
        ours = read[0].get(name, [])
        if len(ours) != len(theirs):
            sys.exit("%s: %d rows instead of %d" % (name, len(ours), len(theirs)))
        for mine, row in zip(ours, theirs):
            for i, value in enumerate(row):
                if not same(mine.get("c%d" % i), text(value)):
                    sys.exit("%s: %s is %.80r instead of %.80r" % (name, columns[i], mine.get("c%d" % i), value))
            n += 1
    if n == 0:
        sys.exit("nothing to compare")


if __name__ == "__main__":
    {"make": make, "profile": profile, "compare": compare}[sys.argv[1]](*sys.argv[2:])
