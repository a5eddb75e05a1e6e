# SPDX-License-Identifier: Apache-2.0
"""The audit log of a database and the rows that its statements wrote: statements.py HINDCAST SRCDIR WORKDIR. A server is played whose true instants are
known: sessions that take turns, with and without transactions, statements that wait for locks; its rows have the time that such a server gives them,
its log the time when a statement was done, by a clock that is wrong. What is told of that clock must be true, and where nothing can be known nothing told.
Prints one line "ok NAME" or "not ok NAME" per question."""
import datetime
import os
import random
import sqlite3
import subprocess
import sys
from xml.sax.saxutils import quoteattr

hindcast, source, work = sys.argv[1:4]
bad = 0
START = datetime.datetime(2024, 5, 6, 10, 0, 0)
SHOP = """name: shop
realm: shop
format: csv
recognise: {tables: {orders: [id, what, who, made]}}
zone: UTC
time-form: iso-us
records:
- type: orders
  key: id
  event: {time: made, action: audit-other, actor: {account: who}, object: {project: what}, text: what}
service:
  row-time: {orders: made}
"""


def t(name, good, said=""):
    global bad
    print(f"{'ok' if good else 'not ok'} statements: {name}" + (f" ({said})" if said and not good else ""))
    bad += not good


class Server:
    """`by_transaction`: rows have the time at which their transaction began, as PostgreSQL's now(); else that of their statement."""

    def __init__(self, name, offset, by_transaction=True):
        self.case, self.offset, self.by_transaction = os.path.join(work, name), offset, by_transaction
        self.rows, self.lines, self.n, self.begun = [], [], 0, {}

    def line(self, session, done, sql, name="Query", status=0):
        """The log's clock may have been set: `offset` of a true second."""
        ahead = self.offset(done) if callable(self.offset) else self.offset
        self.n += 1
        stamp = (START + datetime.timedelta(seconds=done + ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.lines.append((done, self.n, f'<AUDIT_RECORD NAME="{name}" RECORD="{self.n}_x" TIMESTAMP="{stamp}" CONNECTION_ID="{session}" STATUS="{status}" '
                                         f'USER="admin[admin] @ h [10.0.0.1]" SQLTEXT={quoteattr(sql)}/>\n'))

    def connect(self, session, at):
        self.line(session, at, "", "Connect")

    def begin(self, session, at, sql="BEGIN"):
        self.begun[session] = at
        self.line(session, at + 0.001, sql)

    def end(self, session, at, sql="COMMIT"):
        self.begun.pop(session, None)
        self.line(session, at + 0.01, sql)

    def insert(self, session, at, took=0.01, what=None, row=True, status=0, more="", value=""):
        """Sent at `at`, done `took` later."""
        i = len(self.rows) + len(self.lines)
        what = what or f"thing{i}"
        when = self.begun.get(session, at) if self.by_transaction else at
        if row:
            self.rows.append((START + datetime.timedelta(seconds=when), what))
        if self.by_transaction:
            sql = f"INSERT INTO journals (name, action, submitted_by{more}) VALUES ('{what}', 'create', 'kit'{value})"
        else:
            sql = f"insert into shop.`orders` (`what`, who{more}) values ('{what}', 'kit'{value})"
        self.line(session, at + took, sql, status=status)

    def write(self):
        os.makedirs(self.case + "/evidence")
        os.makedirs(self.case + "/profiles")
        open(self.case + "/profiles/shop.yaml", "w").write(SHOP)
        stamp = lambda w: w.strftime("%Y-%m-%d %H:%M:%S.%f")
        if self.by_transaction:
            text = "id,name,version,action,submitted_date,submitted_by\n" + "".join(
                f"{i + 1},{what},,create,{stamp(w)},kit\n" for i, (w, what) in enumerate(self.rows))
        else:
            text = "id,what,who,made\n" + "".join(f"{i + 1},{what},kit,{stamp(w)}\n" for i, (w, what) in enumerate(self.rows))
        open(self.case + "/evidence/" + ("journals.csv" if self.by_transaction else "orders.csv"), "w").write(text)
        open(self.case + "/evidence/audit.xml", "w").write("<AUDIT>\n" + "".join(x for _, _, x in sorted(self.lines)) + "</AUDIT>\n")
        open(self.case + "/case.yaml", "w").write("title: made\n")
        done = subprocess.run([hindcast, "run", "-q", self.case], capture_output=True, text=True)
        assert done.returncode in (0, 3), done.stderr
        return self

    def ask(self, sql):
        db = sqlite3.connect(f"file:{self.case}/hindcast.db?mode=ro", uri=True)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def clock(self):
        return [(None if a is None else a / 1e6, None if b is None else b / 1e6, c, d) for a, b, c, d in self.ask(
            "SELECT least, most, applied, because FROM clock JOIN source AS s ON s.id = source WHERE s.path = 'evidence/audit.xml' ORDER BY piece")]

    def links(self):
        return self.ask("SELECT count(*) FROM link WHERE kind = 'statement'")[0][0]


def true_of(pieces, offset):
    return bool(pieces) and all((a is None or a <= offset) and (b is None or offset <= b) for a, b, _, _ in pieces)


def told(server, offset, width):
    pieces = server.clock()
    return len(pieces) == 1 and true_of(pieces, offset) and pieces[0][2] and pieces[0][1] - pieces[0][0] <= width


def silent(server, offset, words):
    pieces = server.clock()
    return pieces and true_of(pieces, offset) and not any(p[2] for p in pieces) and all(words in p[3] for p in pieces)


def untied(server):
    return [p[:3] for p in server.clock()] == [(None, None, 0)] and "nothing ties the clock of" in server.clock()[0][3]


def answered(name, offset, by_transaction=True):
    """A statement every minute, each behind a question of the second before it."""
    s = Server(name, offset, by_transaction)
    s.connect(1, -5)
    for i in range(10):
        s.line(1, i * 60 - 1, "SELECT 1")
        s.insert(1, i * 60)
    return s.write()


def fixed():
    for by in (True, False):
        for offset in (47, -480):
            s = answered(f"auto{by}{offset}", offset, by)
            t(f"a log {offset} s ahead is told, rows of {'transactions' if by else 'statements'}", told(s, offset, 5) and s.links() == 10, str(s.clock()))
        s = answered(f"right{by}", 0, by)
        t(f"one that is right is left alone ({by})", silent(s, 0, "no offset that is more than noise"), str(s.clock()))
    s = Server("waits", 47)
    s.connect(1, -5)
    for i in range(10):
        s.begin(1, i * 60, "begin" if i % 2 else "START TRANSACTION")
        s.insert(1, i * 60 + 20, took=15)
        s.end(1, i * 60 + 40)
    s.write()
    t("a transaction that waits tells by its beginning", told(s, 47, 4), str(s.clock()))
    s = Server("waits2", 47, False)
    s.connect(1, -5)
    for i in range(10):
        s.begin(1, i * 60)
        s.insert(1, i * 60 + 20, took=15)
        s.end(1, i * 60 + 40, "ROLLBACK" if i == 3 else "COMMIT")
    s.write()
    t("where rows have the time of their statement its beginning is only a bound from one side", true_of(s.clock(), 47) and not told(s, 47, 30), str(s.clock()))
    s = Server("middle", 47)
    for i in range(10):
        s.line(1, i * 60 - 1, "SELECT 1")
        s.insert(1, i * 60)
    s.write()
    t("of a session that was open before the log, what it did before proves nothing", silent(s, 47, "one side only"), str(s.clock()))
    s = Server("middle2", 47)
    s.begun[1] = -3000
    for i in range(10):
        s.line(1, i * 60 - 1, "SELECT 1")
        s.insert(1, i * 60)
    s.write()
    t("nor may a transaction have been open all the time", silent(s, 47, "one side only"), str(s.clock()))
    s = Server("several", 47)
    s.connect(1, -5)
    for i in range(10):
        s.line(1, i * 60 - 1, "BEGIN; SELECT pg_sleep(30)")
        s.begun[1] = i * 60 - 31
        s.insert(1, i * 60)
    s.write()
    t("a line that tells of several statements is no beginning", silent(s, 47, "one side only"), str(s.clock()))
    s = Server("given", 47)
    s.connect(1, -5)
    for i in range(10):
        s.line(1, i * 60 - 1, "SELECT 1")
        s.insert(1, i * 60, more=", Submitted_Date", value=", '2020-01-01'")
    s.write()
    t("a statement that sets the time itself tells nothing", untied(s) and s.links() == 0, str(s.clock()))
    s = Server("twice", 47)
    s.connect(1, -5)
    for i in range(12):
        s.line(1, i * 60 - 1, "SELECT 1")
        s.insert(1, i * 60, what="same" if i < 6 else None)
    s.write()
    t("what was written twice within a day is nobody's", s.links() == 6 and told(s, 47, 5), f"{s.links()} {s.clock()}")
    s = Server("failed", 47)
    s.connect(1, -5)
    for i in range(10):
        s.insert(1, i * 60 - 30, what=f"order{i}", row=False, status=1062)
        s.line(1, i * 60 - 1, "SELECT 1")
        s.insert(1, i * 60, what=f"order{i}")
    s.write()
    t("a statement that failed wrote nothing", s.links() == 10 and told(s, 47, 5), f"{s.links()} {s.clock()}")
    s = Server("far", 90000)
    s.connect(1, -5)
    for i in range(10):
        s.insert(1, i * 60)
    s.write()
    t("a day is too far", s.links() == 0 and untied(s), str(s.clock()))
    s = Server("step", lambda at: 300 if at < 1790 else 0)
    s.connect(1, -5)
    for i in range(60):
        s.line(1, i * 60 - 1, "SELECT 1")
        s.insert(1, i * 60)
    s.write()
    pieces = s.clock()
    t("a log whose clock was put right has two pieces", len(pieces) == 2 and true_of(pieces[:1], 300) and true_of(pieces[1:], 0) and
      (pieces[0][2], pieces[1][2]) == (1, 0), str(pieces))


def many():
    """Statements behind the limit are not looked at."""
    limit = int(next(x for x in open(os.path.join(source, "src/correlate/statements.h")) if x.startswith("#define STATEMENTS_MAX")).split()[2])
    s = Server("many", 47)
    s.connect(1, -5)
    for i in range(limit):
        s.line(1, i * 0.001, "INSERT INTO journals (name) VALUES ('nothing')")
    for i in range(10):
        s.insert(1, 100 + i * 60)
    s.write()
    t("statements behind so many are not looked at", s.links() == 0, str(s.links()))
    s = Server("values", 47)
    s.connect(1, -5)
    for i in range(4):
        s.insert(1, i * 60, more=", x" * 40, value=", 'x'" * 40)
    s.rows.append((START, "late"))
    s.line(1, 0, "INSERT INTO journals (action" + ", x" * 32 + ", name, submitted_by) VALUES ('create'" + ", 'x'" * 32 + ", 'late', 'kit')")
    s.write()
    t("nor values behind so many", s.links() == 4, str(s.links()))


def played(seed):
    r = random.Random(seed)
    offset, by = r.choice([0, 47, -480, 3, -7200]), r.random() < 0.6
    s = Server(f"played{seed}", offset, by)
    for session in range(1, r.randint(2, 5)):
        at = r.uniform(0, 50)
        if r.random() < 0.7:
            s.connect(session, at)
        for _ in range(r.randint(3, 25)):
            at += r.choice([r.uniform(0, 2), r.uniform(0, 200)])
            kind = r.random()
            if kind < 0.3 and session not in s.begun:
                s.begin(session, at)
            elif kind < 0.5 and session in s.begun:
                s.end(session, at, r.choice(["COMMIT", "rollback", "END"]))
            elif kind < 0.6:
                s.line(session, at, "SELECT 1")
            else:
                took = r.choice([0.01, r.uniform(0, 3), r.uniform(0, 40)])
                s.insert(session, at, took)
                at += took
    s.write()
    pieces = s.clock()
    return s.links() == len(s.rows), (not pieces or true_of(pieces, offset)), f"seed {seed}: {offset}, {pieces}"


fixed()
many()
games = [played(seed) for seed in range(25)]
t("what is told of 25 played servers is true", all(g[1] for g in games), "; ".join(g[2] for g in games if not g[1]))
t("and each of their rows is found", all(g[0] for g in games), "; ".join(g[2] for g in games if not g[0]))
sys.exit(bad > 0)
