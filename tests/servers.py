#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Dumps of real servers against what the servers themselves say. A PostgreSQL and a MariaDB are started on private sockets in a temporary
folder, filled with awkward names and values, and dumped in all the ways that their tools know; each dump is imported with a profile that
keeps every column, and every row of every table is compared: NULL is not the empty text, and nothing is missing, added or changed.
Usage: servers.py HINDCAST [postgres|mariadb]; "ok NAME" or "not ok NAME" a dump, "skipped ..." for a server that is not installed."""
import atexit
import collections
import glob
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HINDCAST = os.path.abspath(sys.argv[1])
TEXT_MAX = 4096  # bytes of a value that are stored
WORK = tempfile.mkdtemp(prefix="hindcast-servers.")
ROOT = os.getuid() == 0
ENV = {"PATH": os.environ["PATH"] + ":/usr/sbin", "HOME": WORK, "LC_ALL": "C.UTF-8", "TZ": "Asia/Kathmandu", "PGTZ": "Asia/Kathmandu", "PGHOST": WORK,
       "PGUSER": "made"}
failed = False
servers = []


def end():
    for server in servers:
        server.send_signal(signal.SIGKILL)
        server.wait()
    shutil.rmtree(WORK, ignore_errors=True)


def run(*command, data=None, env=None, check=True):
    """As an ordinary user: a server does not run as root."""
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if ROOT else {}
    done = subprocess.run(command, input=data, capture_output=True, env={**ENV, **(env or {})}, cwd=WORK, check=False, **user)
    if check and done.returncode:
        raise SystemExit("%s: %s" % (" ".join(command)[:200], done.stderr.decode(errors="replace")[-2000:]))
    return done.stdout


def start(*command):
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if ROOT else {}
    with open(os.path.join(WORK, "server.log"), "ab") as log:
        servers.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENV, cwd=WORK, **user))


def wait_for(*command):
    for _ in range(300):
        if subprocess.run(command, capture_output=True, env=ENV, cwd=WORK, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise SystemExit("the server does not answer:\n" + open(os.path.join(WORK, "server.log")).read()[-2000:])


def tell(name, faults):
    global failed
    for fault in faults[:8]:
        print("   ", fault)
    print(("not ok " if faults else "ok ") + name, flush=True)
    failed |= bool(faults)


# ---- what is expected ----

def clean(raw):
    """Bytes as the store makes text of them: what is no UTF-8 becomes U+FFFD, each byte, and NUL is made visible."""
    out, i = [], 0
    while i < len(raw):
        for n in (1, 2, 3, 4):
            try:
                out.append(raw[i:i + n].decode())
                break
            except UnicodeDecodeError:
                n = 0
        else:
            out.append("\ufffd")
        i += n or 1
    return "".join(out).replace("\0", "\u2400")


def cut(text):
    return None if text is None else text.encode()[:TEXT_MAX].decode(errors="ignore")


class Table:
    def __init__(self, kind, columns, rows):
        self.kind, self.columns, self.rows = kind, columns, rows  # kind: the record type; rows: tuples of text or None


def write_profile(folder, tables, formats):
    lines = ["name: made", "format: [%s]" % ", ".join(formats), "records:"]
    for t in tables:
        keeps = ", ".join("%s: %s" % (json.dumps("c%d" % i), json.dumps(c, ensure_ascii=False)) for i, c in enumerate(t.columns))
        lines += ["- type: " + json.dumps(t.kind, ensure_ascii=False), "  state: {keep: {%s}}" % keeps]
    os.makedirs(os.path.join(folder, "profiles"))
    with open(os.path.join(folder, "profiles", "made.yaml"), "w") as f:
        f.write("\n".join(lines) + "\n")


def imported(folder):
    db = sqlite3.connect(os.path.join(folder, "hindcast.db"))
    found = collections.defaultdict(list)
    for kind, value in db.execute("SELECT y.name, t.value FROM state AS t JOIN entity AS y ON y.id = t.type"):
        found[kind].append(json.loads(value))
    sums = db.execute("SELECT records, states, ignored, rejected, records - events - states - ignored - joined - duplicates - rejected FROM source").fetchone()
    whys = collections.Counter(w for w, in db.execute("SELECT why FROM reject"))
    return found, sums, whys


def compare(name, dump, tables, form, ignored=0, rejects=None):
    """Imports the text of a dump and compares every row. `rejects`: reason -> how many are expected."""
    folder = os.path.join(WORK, "case")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "evidence"))
    with open(os.path.join(folder, "evidence", "dump.sql"), "wb") as f:
        f.write(dump)
    write_profile(folder, tables, [form])
    done = subprocess.run([HINDCAST, "import", "-q", "-C", folder, "--profile", "made", os.path.join(folder, "evidence", "dump.sql")], capture_output=True, env=ENV, check=False)
    if done.returncode != (3 if rejects else 0):
        tell(name, ["status %d: %s" % (done.returncode, done.stderr.decode()[:500])])
        return
    found, sums, whys = imported(folder)
    faults = []
    if whys != collections.Counter(rejects or {}):
        faults.append("rejects %s, expected %s" % (dict(whys), rejects))
    if sums[2] != ignored or sums[4]:
        faults.append("records, states, ignored, rejected, lost: %s; expected %d ignored" % (sums, ignored))
    for t in tables:
        have = collections.Counter(tuple(v.get("c%d" % i) for i in range(len(t.columns))) for v in found.pop(t.kind, []))
        want = collections.Counter(tuple(map(cut, row)) for row in t.rows)
        if have != want:
            faults.append("%s: %d rows, %d expected" % (t.kind, sum(have.values()), sum(want.values())))
            faults += ["  has     " + repr(r)[:400] for r in list((have - want))[:2]] + ["  expects " + repr(r)[:400] for r in list((want - have))[:2]]
    if found:
        faults.append("tables that are not there: %s" % sorted(found))
    if "--keep" in sys.argv and faults:
        shutil.copyfile(os.path.join(folder, "evidence", "dump.sql"), "/tmp/kept-%s.sql" % name.replace(" ", "_").replace("/", "_"))
    tell(name, faults)


# ---- values ----

TEXTS = ["", " ", "a", "it's", "''", '"quoted"', "back\\slash", "\\", "\\\\", "\\'", "\\N", "\\.", "NULL", "null", "line\nfeed", "carriage\r\nreturn", "\r", "\n", "end\r\n", "tab\there",
         "\t", "\b\f\v\a\x1b\x7f", "\x01\x02\x1a", "comma, (paren) ; semi", "); DROP TABLE x; --", "-- comment", "/* comment", "*/", "# hash", "$$dollar$$", "$tag$x$tag$", "E'x'",
         "COPY public.texts (id, v) FROM stdin;\n1\tx\n\\.\n", "INSERT INTO `texts` VALUES (1,'x');\nINSERT INTO texts VALUES (2);", "'),(99,'x", "',(\\'", "0x41", "x'41'", "_binary 'x'", "true", "1e5",
         "1.50", "007", "ünïcödé", "日本語テキスト", "🙂👩‍👩‍👧", "e\u0301", "\u202eevil", "\ufeffbom", "%_\\%\\_", "a" * 5000, "é" * 3000, "\\" * 2500 + "'" * 2500, "{\"k\": \"v\\n\"}", "&<>", "`back`", "DELIMITER ;;",
         "line\n\\connect other\nx", "x\n--\n-- PostgreSQL database dump complete\n--\n", "\n\\.\n", "/*!40101 SET NAMES utf8 */;", "a\u2028b", "\\n", "\\r\\n", "\\0", "\\x41", "\\u0041", "\\101", "\\Z"]


def odd_text(rng):
    pieces = ["'", "''", '"', "\\", "\n", "\r", "\r\n", "\t", "`", ";", ",", "(", ")", "--", "/*", "*/", "$$", "\\.", "\\N", "NULL", "é", "日", "🙂", "x", " ", "0", "\x01", "#", "%", "E"]
    return "".join(rng.choice(pieces) for _ in range(rng.randrange(1, 14)))


NAMES = ["select", "From", "with space", 'quo"te', "com,ma", "paren(", "semi;", "ünï", "dot.ted", "back\\slash", "it's", "-- x"]


# ---- PostgreSQL ----

def pg_name(name):
    return '"%s"' % name.replace('"', '""')


def pg_text(text):
    return "NULL" if text is None else " E'%s'" % text.replace("\\", "\\\\").replace("'", "''")


PG_SQL = r"""
CREATE SCHEMA audit; CREATE SCHEMA "Odd Schema";
CREATE TYPE mood AS ENUM ('it''s', 'a,b', 'back\slash'); CREATE TYPE pair AS (a text, b int); CREATE DOMAIN short AS text CHECK (length(VALUE) < 10);
CREATE TABLE texts (id int PRIMARY KEY, v text DEFAULT 'x'';(' NOT NULL, w varchar(5000), c char(6), n name, s short);
CREATE TABLE numbers (id int, i2 smallint, i8 bigint, num numeric(30,10), f4 real, f8 double precision, b boolean, bits bit(5), vb bit varying, m money, o oid);
INSERT INTO numbers VALUES (1, -32768, 9223372036854775807, 1.50, 1.5, 'NaN', true, B'10101', B'', 12.34, 7), (2, 1, -1, 'NaN', '-Infinity', 'Infinity', false, NULL, B'1', -5, 0),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (4, 0, 0, -0.0000000001, 1e-30, 1e300, 't', B'00000', NULL, 0, 4294967295);
CREATE TABLE times (id int, d date, t time, tz timetz, ts timestamp, tstz timestamptz, iv interval, r tstzrange);
INSERT INTO times VALUES (1, '2023-11-22', '08:44:55.184203', '08:44:55+05:45', '2023-11-22 08:44:55.5', '2023-11-22 08:44:55.184203+00', '1 year 2 mons -3 days 04:05:06.7', '[2023-01-01,2024-01-01)'),
  (2, 'infinity', '24:00', '00:00-15', '-infinity', 'infinity', '00:00', 'empty'), (3, '0044-03-15 BC', NULL, NULL, '9999-12-31 23:59:59.999999', '1900-01-01 00:00:00+00', '-1 day', NULL);
CREATE TABLE kinds (id int, j json, jb jsonb, u uuid, ip inet, net cidr, arr text[], nested int[][], e mood, p pair, by bytea, pt point, rg int4range, x xml, tsv tsvector);
INSERT INTO kinds VALUES (1, '{"a":  "it''s \"q\" \\ \u0041",
 "b": [1, null]}', '{"k": "v\nw"}', '00000000-0000-0000-0000-000000000001', '2001:db8::1/64', '192.0.2.0/24', ARRAY['a,b', 'q"', 'back\', NULL, 'NULL', ''], '{{1,2},{3,4}}', 'it''s', ROW('x,"y', 1), '\x00ff5c270a', '(1,2)', '[1,5)', '<a b="c">d</a>', 'it''s:1 b:2'),
  (2, 'null', 'null', NULL, NULL, NULL, '{}', NULL, 'back\slash', ROW(NULL, NULL), '', NULL, 'empty', NULL, ''), (3, NULL, '{}', NULL, '10.0.0.1', NULL, NULL, NULL, 'a,b', NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE made (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c int GENERATED ALWAYS AS IDENTITY, d serial); INSERT INTO made(a) VALUES (4), (5), (NULL);
CREATE TABLE parent (a int, "x;(" text); CREATE TABLE child (b text) INHERITS (parent); CREATE TABLE "Grand Child" (c int) INHERITS (child); CREATE TABLE other (z int); CREATE TABLE both_ (own text) INHERITS (parent, other);
INSERT INTO parent VALUES (1, 'p'); INSERT INTO child VALUES (2, 'c', 'b'); INSERT INTO "Grand Child" VALUES (3, 'g', 'b', 9); INSERT INTO both_ VALUES (4, 'q', 5, 'own');
CREATE TABLE events (at timestamptz, k int, v text) PARTITION BY RANGE (k); CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
CREATE TABLE events_2 (v text, k int NOT NULL, at timestamptz); ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (10) TO (20);
CREATE TABLE audit.events_3 PARTITION OF events FOR VALUES FROM (20) TO (30) PARTITION BY LIST (v); CREATE TABLE audit.events_3a PARTITION OF audit.events_3 DEFAULT;
INSERT INTO events SELECT '2023-11-22 10:00:00+00', i % 30, 'v''' || i FROM generate_series(1, 300) AS i;
CREATE TABLE audit.texts (id int, what text); INSERT INTO audit.texts VALUES (1, 'another schema'), (2, $$INSERT INTO public.texts VALUES ('('$$);
CREATE TABLE empty (a int, b text); CREATE TABLE gone (a int, b int, c int); ALTER TABLE gone DROP COLUMN b; INSERT INTO gone VALUES (1, 3);
CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES; CREATE UNLOGGED TABLE loose (a text); INSERT INTO loose VALUES ('l');
CREATE TABLE "a.b" (a int, c text COLLATE "C" DEFAULT E'\\'' );'); INSERT INTO "a.b" VALUES (1, 'dot');
CREATE TABLE "Odd Schema"."Ta.ble ""x"" y" ("c 1" int, v text); INSERT INTO "Odd Schema"."Ta.ble ""x"" y" VALUES (1, 'odd');
CREATE FUNCTION f(a text DEFAULT 'x;('';') RETURNS text LANGUAGE plpgsql AS $_$ BEGIN RETURN 'COPY public.texts (id, v) FROM stdin;'; END; $_$;
CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT CASE WHEN 1 = 1 THEN 1 ELSE 2 END; SELECT 3; END;
CREATE PROCEDURE h() LANGUAGE sql AS 'INSERT INTO public.gone VALUES (9, 9); --''';
CREATE VIEW "view ;" AS SELECT 'INSERT INTO public.gone VALUES (1, 2);'::text AS "COPY"; CREATE RULE r AS ON INSERT TO empty DO INSTEAD (INSERT INTO gone VALUES (7, 7); DELETE FROM gone);
COMMENT ON TABLE texts IS E'it''s a ''comment''; \\ \n\\.\nCOPY public.texts FROM stdin;'; CREATE MATERIALIZED VIEW mv AS SELECT count(*) FROM texts;
CREATE TABLE "trig" (a int CHECK (a > 0 OR 'x;' = ')'), CONSTRAINT "c,(" UNIQUE (a)); INSERT INTO trig VALUES (1), (NULL);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER "t;" BEFORE INSERT ON trig FOR EACH ROW WHEN (NEW.a = 1) EXECUTE FUNCTION tf();
ALTER TABLE trig ENABLE ROW LEVEL SECURITY; CREATE POLICY "p;" ON trig USING (a > 0 AND 'x' <> ';'); CREATE STATISTICS st ON a, c FROM gone; CREATE SEQUENCE "seq;";
SELECT lo_from_bytea(0, '\x00ff5c2e0a'); SELECT lo_from_bytea(0, 'x');
"""


class Postgres:
    form = "pg_dump"

    def __init__(self, bindir):
        self.bin = bindir
        data = os.path.join(WORK, "pg")
        run(bindir + "/initdb", "-D", data, "-U", "made", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        start(bindir + "/postgres", "-D", data, "-k", WORK, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB", "-c", "lc_monetary=C")
        wait_for(bindir + "/psql", "-d", "postgres", "-c", "SELECT 1")

    def sql(self, database, text, env=None):
        return run(self.bin + "/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-At", "-d", database, data=text.encode(), env=env).decode()

    def dump(self, *options, tool="pg_dump", database="one", env=None):
        return run(self.bin + "/" + tool, *options, *([database] if database else []), env=env)

    def tables(self, database, bare=False):
        """Every table with what the server says it holds: values by their output functions, as COPY and INSERT write them."""
        found = []
        listing = self.sql(database, "SELECT json_build_array(c.oid, n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
                           "WHERE c.relkind = 'r' AND n.nspname !~ '^pg_|information_schema' ORDER BY 1::text")
        for oid, schema, table in map(json.loads, listing.splitlines()):
            columns = json.loads(self.sql(database, "SELECT coalesce(json_agg(json_build_array(attname, attgenerated <> '') ORDER BY attnum), '[]') FROM pg_attribute "
                                          "WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped" % oid))
            if not columns:
                continue
            values = ", ".join("NULL" if made else "CASE WHEN {0} IS NOT NULL OR {0}::text IS NOT NULL THEN format('%s', {0}) END".format(pg_name(c)) for c, made in columns)
            rows = self.sql(database, "SELECT to_json(ARRAY[%s]::text[])::text FROM ONLY %s.%s" % (values, pg_name(schema), pg_name(table)))
            kind = table if schema == "public" else schema + "." + table
            found.append(Table(kind, [c for c, _ in columns], [tuple(json.loads(r)) for r in rows.split("\n") if r]))
        return found

    def fill(self):
        rng = random.Random(7)
        self.sql("postgres", "CREATE DATABASE one TEMPLATE template0; CREATE DATABASE \"two dash-'b\" TEMPLATE template0; CREATE DATABASE old TEMPLATE template0; CREATE DATABASE east TEMPLATE template0;")
        rows = [(i, t, t[:5000], t[:3], None, None) for i, t in enumerate(TEXTS)]
        rows += [(len(rows) + i, odd_text(rng), rng.choice([None, "", odd_text(rng)]), "y", rng.choice([None, "n"]), rng.choice([None, "", "s"])) for i in range(2500)]
        texts = "INSERT INTO texts VALUES %s;" % ",\n".join("(%d, %s)" % (r[0], ", ".join(map(pg_text, r[1:]))) for r in rows)
        names = NAMES + ["new\nline", "tab\t", "$dollar$"]
        odd = 'CREATE TABLE "Select ;" (%s); INSERT INTO "Select ;" VALUES (%s), (%s);' % (", ".join(pg_name(n) + " text" for n in names), ", ".join(pg_text("v " + n) for n in names), ", ".join("NULL" for n in names))
        self.sql("one", PG_SQL + texts + odd)
        self.sql("two dash-'b", "CREATE TABLE second (a int, t text); INSERT INTO second VALUES (1, E'x\\\\y''\\n'), (2, NULL), (3, '');")
        self.sql("old", "CREATE TABLE latin (a int, t text); INSERT INTO latin VALUES (1, 'é ü ß ÿ'), (2, E'\\\\ñ''\\n'), (3, '');")
        self.sql("east", "CREATE TABLE chinese (\"功\" int, t text); INSERT INTO chinese VALUES (1, '功能 許'), (2, '許'), (3, E'x\\t\\n'), (4, '許'',(\\功'), (5, '');")

    def dumps(self):
        one, two, old, east = (self.tables(d) for d in ("one", "two dash-'b", "old", "east"))
        # two rows of a table without columns, and two large objects
        for name, options, ignored in (("", [], 4), ("--inserts", ["--inserts"], 4), ("--column-inserts", ["--column-inserts"], 4), ("--rows-per-insert=3", ["--rows-per-insert=3"], 4),
                                       ("--rows-per-insert=1000 --column-inserts", ["--rows-per-insert=1000", "--column-inserts"], 4), ("--disable-dollar-quoting", ["--disable-dollar-quoting"], 4),
                                       ("--disable-dollar-quoting --inserts", ["--disable-dollar-quoting", "--inserts"], 4), ("--quote-all-identifiers", ["--quote-all-identifiers"], 4),
                                       ("--quote-all-identifiers --inserts", ["--quote-all-identifiers", "--inserts"], 4), ("--data-only", ["--data-only"], 4),
                                       ("--data-only --column-inserts --on-conflict-do-nothing", ["--data-only", "--column-inserts", "--on-conflict-do-nothing"], 4), ("--clean --create --if-exists", ["--clean", "--create", "--if-exists"], 4),
                                       ("--verbose --serializable-deferrable", ["--verbose", "--serializable-deferrable"], 4), ("--no-blobs", ["--no-blobs"], 2), ("--section=data --disable-triggers", ["--section=data", "--disable-triggers"], 4)):
            compare("pg_dump " + name, self.dump(*options), one, self.form, ignored)
            if "data" not in name:
                dump = self.dump(*options, env={"PGOPTIONS": "-c standard_conforming_strings=off"})
                assert b"standard_conforming_strings = off" in dump
                compare("pg_dump " + name + ", without standard strings", dump, one, self.form, ignored)
        root = [t for t in one if "events" not in t.kind]
        everything = self.sql("one", "SELECT to_json(ARRAY[format('%s', at), format('%s', k), v])::text FROM events")
        root.append(Table("events", ["at", "k", "v"], [tuple(json.loads(r)) for r in everything.split("\n") if r]))
        compare("pg_dump --load-via-partition-root", self.dump("--load-via-partition-root"), root, self.form, 4)
        # with --inserts alone, pg_dump writes the values of a partition in its own order into rows of the root, which no reader can tell
        compare("pg_dump --load-via-partition-root --column-inserts", self.dump("--load-via-partition-root", "--column-inserts"), root, self.form, 4)
        bare = sum(len(t.rows) for t in one)
        reason = collections.Counter()
        for t in one:
            reason["%s: neither the statement nor a CREATE TABLE says what its columns are" % t.kind] += len(t.rows)
        assert sum(reason.values()) == bare
        compare("pg_dump --data-only --inserts, in which nothing names the columns", self.dump("--data-only", "--inserts"), [Table(t.kind, t.columns, []) for t in one], self.form, 4, +reason)
        compare("pg_dumpall", self.dump(tool="pg_dumpall", database=None), one + two + old + east, self.form, 4)
        compare("pg_dumpall --inserts", self.dump("--inserts", tool="pg_dumpall", database=None), one + two + old + east, self.form, 4)
        compare("pg_dumpall --inserts --rows-per-insert=9, without standard strings", self.dump("--inserts", "--rows-per-insert=9", tool="pg_dumpall", database=None, env={"PGOPTIONS": "-c standard_conforming_strings=off"}),
                one + two + old + east, self.form, 4)
        compare("pg_dump, two dumps after one another", self.dump() + self.dump(database="two dash-'b"), one + two, self.form, 4)
        for encoding in ("LATIN1", "WIN1252"):
            compare("pg_dump --encoding=" + encoding, self.dump("--encoding=" + encoding, database="old"), old, self.form)
            compare("pg_dump --inserts --encoding=" + encoding, self.dump("--inserts", "--encoding=" + encoding, database="old"), old, self.form)
        for encoding in ("BIG5", "SJIS", "GBK", "EUC_JP"):
            compare("pg_dump --encoding=" + encoding, self.dump("--encoding=" + encoding, database="east"), east, self.form)
            compare("pg_dump --column-inserts --encoding=" + encoding, self.dump("--column-inserts", "--encoding=" + encoding, database="east"), east, self.form)


# ---- MariaDB ----

UTF8 = "--default-character-set=utf8mb4"


def my_name(name):
    return "`%s`" % name.replace("`", "``")


def my_text(text):
    if text is None:
        return "NULL"
    return "CONVERT(0x%s USING utf8mb4)" % text.encode().hex() if text else "''"


MY_SQL = r"""
SET NAMES utf8mb4; SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
CREATE TABLE numbers (id int, t tinyint, u bigint unsigned, d decimal(30,10), f float, g double, b bit(8), y year, z int(6) unsigned zerofill, bo boolean);
INSERT INTO numbers VALUES (1, -128, 18446744073709551615, 1.50, 1.5, 1e300, b'10100101', 2023, 42, true), (2, 0, 0, -0.0000000001, 1e-30, -1e-300, b'0', 1901, 0, false), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE times (id int, d date, t time(6), dt datetime(6), ts timestamp(6) NULL, y year, plain datetime);
INSERT INTO times VALUES (1, '2023-11-22', '-838:59:59', '2023-11-22 08:44:55.184203', '2023-11-22 08:44:55.5', 2023, '9999-12-31 23:59:59'), (2, '0000-00-00', '00:00:00', '0000-00-00 00:00:00', '2038-01-19 03:14:07', 0, NULL), (3, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE bytes_ (id int, b varbinary(300), l longblob, f binary(4));
INSERT INTO bytes_ VALUES (1, 0x00ff5c270a0d1a22, 0x89504e470d0a1a0a00, 0x01), (2, '', '', ''), (3, 'text', 0xc3a9, 'abcd'), (4, NULL, NULL, NULL), (5, 0x5c, 0x27, 0x5c275c27), (6, 0xf09f9982, 0xe6, 0x80);
CREATE TABLE kinds (id int, e enum('it''s', 'a,b', 'é'), s set('x', 'y''z'), j json, p point, mt mediumtext, gen int AS (id * 2) STORED, virt int AS (id * 3) VIRTUAL, inv int INVISIBLE DEFAULT 5);
INSERT INTO kinds (id, e, s, j, p, mt) VALUES (1, 'it''s', 'x,y''z', '{"a": "it''s \\"q\\" \\\\ \\u0041"}', POINT(1, 2.5), 'm'), (2, NULL, '', '[]', NULL, NULL), (3, 'é', NULL, NULL, NULL, '');
CREATE TABLE empty (a int, b text COMMENT 'it''s; (', KEY `k,(` (a)) COMMENT='x''; INSERT INTO `numbers` VALUES (1);'; CREATE TABLE auto (id int AUTO_INCREMENT PRIMARY KEY, v varchar(10) DEFAULT 'd''(,'); INSERT INTO auto VALUES (0, 'zero'), (5, 'five'), (NULL, NULL);
CREATE TABLE parts (id int, v text) PARTITION BY HASH(id) PARTITIONS 3; INSERT INTO parts VALUES (1, 'a'), (2, 'b'), (3, 'c'); CREATE TABLE checked (a int CHECK (a > 0 or 'x;(' = ''), CONSTRAINT `fk;` CHECK (a < 100)); INSERT INTO checked VALUES (1);
CREATE VIEW v AS SELECT 'INSERT INTO `numbers` VALUES (9);' AS `INSERT`; CREATE SEQUENCE seq;
CREATE TABLE `versioned` (a int) WITH SYSTEM VERSIONING; INSERT INTO versioned VALUES (1); UPDATE versioned SET a = 2;
DELIMITER ;;
CREATE TRIGGER tr BEFORE INSERT ON empty FOR EACH ROW BEGIN INSERT INTO numbers VALUES (7); SET NEW.a = ';'; END;;
CREATE PROCEDURE pr() BEGIN INSERT INTO `numbers` VALUES (8); SELECT 'x;;'; END;;
CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM numbers; INSERT INTO numbers VALUES (6); END;;
DELIMITER ;
"""


class Mariadb:
    form = "mysqldump"

    def __init__(self, daemon):
        data, self.socket = os.path.join(WORK, "my"), os.path.join(WORK, "my.sock")
        run("mariadb-install-db", "--no-defaults", "--datadir=" + data, "--auth-root-authentication-method=normal", "--skip-test-db")
        start(daemon, "--no-defaults", "--datadir=" + data, "--socket=" + self.socket, "--skip-networking", "--default-time-zone=+05:45", "--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=0",
              "--pid-file=" + os.path.join(WORK, "my.pid"), "--skip-log-bin", "--innodb-buffer-pool-size=32M")
        self.client = ["mariadb", "--no-defaults", "--socket=" + self.socket, "-u", "root"]
        wait_for(*self.client, "-e", "SELECT 1")

    def sql(self, text, database=None):
        return run(*self.client, "--default-character-set=utf8mb4", "-N", "-B", *([database] if database else []), data=text.encode()).decode()

    def dump(self, *options):
        return run("mariadb-dump" if shutil.which("mariadb-dump") else "mysqldump", "--no-defaults", "--socket=" + self.socket, "-u", "root", *options)

    def tables(self, database, zone="+00:00"):
        """As bytes: (kind of column, bytes or None)."""
        found = {}
        for name, kind in (line.split("\t") for line in self.sql("SELECT HEX(table_name), table_type FROM information_schema.tables WHERE table_schema = %s" % my_text(database)).splitlines()):
            if kind not in ("BASE TABLE", "SYSTEM VERSIONED"):
                continue
            table = bytes.fromhex(name).decode()
            columns = [(bytes.fromhex(c).decode(), t, x) for c, t, x in (line.split("\t") for line in self.sql(
                "SELECT HEX(column_name), data_type, concat('.', extra) FROM information_schema.columns WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position" % (my_text(database), my_text(table))).splitlines())]
            columns = [c for c in columns if "GENERATED" not in c[2]]
            raw = ("blob", "longblob", "varbinary", "binary", "bit", "point")
            values = ", ".join(("HEX(CAST(%s + 0 AS CHAR))" if t == "bit" else "HEX(CONCAT(0x00000000, ST_AsWKB(%s)))" if t == "point" else "HEX(%s)" if t in raw else "HEX(CONVERT(%s USING utf8mb4))" if "text" in t or t in ("varchar", "char", "enum", "set", "json") else "HEX(CAST(%s AS CHAR))")
                               % my_name(c) for c, t, _ in columns)
            text = self.sql("SET time_zone = '%s'; SELECT %s FROM %s" % (zone, values, my_name(table)), database)
            rows = [[None if v == "NULL" else bytes.fromhex(v) for v in line.split("\t")] for line in text.split("\n")[:-1]]
            found[table] = ([c for c, _, _ in columns], ["bit" if t == "bit" else "bytes" if t in raw else "text" for _, t, _ in columns], rows)
        return found

    @staticmethod
    def expected(tables, hexed):
        """Bytes that are text are text; others are as they are written: escaped, or in hexadecimal digits."""
        def value(raw, kind):
            if raw is None or kind == "text":
                return raw and raw.decode() if raw is None else raw.decode()
            if kind == "bit":  # one byte here
                raw = bytes([int(raw)])
            text = clean(raw)
            return "0x" + raw.hex().upper() if hexed and raw and (text.encode() != raw) else text
        return [Table(name, columns, [tuple(map(value, row, kinds)) for row in rows]) for name, (columns, kinds, rows) in tables.items()]

    def fill(self):
        rng = random.Random(7)
        self.sql("CREATE DATABASE one; CREATE DATABASE `two words`; CREATE DATABASE plain; CREATE DATABASE old; CREATE DATABASE east;")
        texts = [(i, t, t[:900]) for i, t in enumerate(TEXTS)] + [(1000 + i, odd_text(rng), rng.choice([None, "", odd_text(rng)])) for i in range(2500)]
        create = "CREATE TABLE texts (id int PRIMARY KEY, v longtext, w varchar(1000) DEFAULT 'x'';(');\n"
        insert = "INSERT INTO texts VALUES %s;\n" % ",\n".join("(%d, %s, %s)" % (i, my_text(v), my_text(w)) for i, v, w in texts)
        self.sql(MY_SQL + create + insert, "one")
        names = NAMES + ["a`b", "'", "ta\tb"]
        self.sql("SET NAMES utf8mb4; CREATE TABLE `Se``lect ;(` (%s); INSERT INTO `Se``lect ;(` VALUES (%s), (%s); CREATE TABLE `second` (a int, t text); INSERT INTO `second` VALUES (1, 'x\\\\y''\\n'), (2, NULL), (3, '');" %
                 (", ".join(my_name(n) + " text" for n in names), ", ".join(my_text("v " + n) for n in names), ", ".join("NULL" for n in names)), "two words")
        self.sql(create + insert + "CREATE TABLE later (id int, v text); INSERT INTO later VALUES (1, 'x');", "plain")
        self.sql("SET NAMES utf8mb4; CREATE TABLE latin (a int, t text); INSERT INTO latin VALUES (1, 'é ü ß ÿ €'), (2, '\\\\ñ''\\n'), (3, '');", "old")
        self.sql("SET NAMES utf8mb4; CREATE TABLE chinese (a int, t text); INSERT INTO chinese VALUES (1, '功能 許可 蓋'), (2, '許'), (3, 'x'),(4, '許'',(\\\\功'), (5, '');", "east")

    def dumps(self):
        # --compatible changes the character set, and does not write to which
        every = [("", []), ("--skip-extended-insert", ["--skip-extended-insert"]), ("--complete-insert", ["--complete-insert"]), ("--hex-blob", ["--hex-blob"]), ("--replace", ["--replace"]), ("--insert-ignore", ["--insert-ignore"]),
                 ("--no-create-info --complete-insert", ["--no-create-info", "--complete-insert"]), ("--skip-opt", ["--skip-opt"]), ("--compact --hex-blob", ["--compact", "--hex-blob"]), ("--routines --triggers --events", ["--routines", "--triggers", "--events"]),
                 ("--net-buffer-length=4096", ["--net-buffer-length=4096"]), ("--order-by-primary --single-transaction", ["--order-by-primary", "--single-transaction"]), ("--skip-comments", ["--skip-comments"]), ("--compatible=ansi", ["--compatible=ansi", UTF8]),
                 ("--compatible=ansi --complete-insert --hex-blob", ["--compatible=ansi", UTF8, "--complete-insert", "--hex-blob"]), ("--compatible=postgresql", ["--compatible=postgresql", UTF8]), ("--skip-tz-utc", ["--skip-tz-utc"]), ("--tz-utc --dump-date", ["--tz-utc", "--dump-date"])]
        utc, local, two, plain, old, east = self.tables("one"), self.tables("one", "+05:45"), self.tables("two words"), self.tables("plain"), self.tables("old"), self.tables("east")
        for name, options in every:
            hexed = "--hex-blob" in options
            compare("mariadb-dump " + name, self.dump(*options, "one"), self.expected(local if "--skip-tz-utc" in options else utc, hexed), self.form)
            compare("mariadb-dump %s, odd names" % name, self.dump(*options, "two words"), self.expected(two, hexed), self.form)
        compare("mariadb-dump --databases", self.dump("--databases", "one", "two words", "old"), self.expected({**utc, **two, **old}, False), self.form)
        compare("mariadb-dump --databases --complete-insert --no-create-info", self.dump("--complete-insert", "--no-create-info", "--databases", "one", "two words"), self.expected({**utc, **two}, False), self.form)
        compare("mariadb-dump --skip-quote-names", self.dump("--skip-quote-names", "plain"), self.expected(plain, False), self.form)
        compare("mariadb-dump --skip-quote-names --skip-extended-insert --complete-insert", self.dump("--skip-quote-names", "--skip-extended-insert", "--complete-insert", "plain"), self.expected(plain, False), self.form)
        reason = collections.Counter({"%s: nothing names the columns of this row" % t: len(rows) for t, (_, _, rows) in plain.items()})
        compare("mariadb-dump --no-create-info, in which nothing names the columns", self.dump("--no-create-info", "plain"), [Table(t.kind, t.columns, []) for t in self.expected(plain, False)], self.form, 0, reason)
        for charset in ("latin1", "utf8mb4", "binary"):
            compare("mariadb-dump --default-character-set=" + charset, self.dump("--default-character-set=" + charset, "old"), self.expected(old, False), self.form)
        for charset in ("big5", "gbk"):
            compare("mariadb-dump --default-character-set=" + charset, self.dump("--default-character-set=" + charset, "east"), self.expected(east, False), self.form)


def main():
    atexit.register(end)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.chmod(WORK, 0o755)
    if ROOT:
        shutil.chown(WORK, "nobody", "nogroup")
    postgres = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    mariadbd = shutil.which("mariadbd", path=ENV["PATH"])
    wanted = [a for a in sys.argv[2:] if not a.startswith("-")] or ["postgres", "mariadb"]
    for name, kind, where in (("postgres", Postgres, postgres[-1] if postgres and os.path.exists(postgres[-1] + "/initdb") else None),
                              ("mariadb", Mariadb, mariadbd if shutil.which("mariadb-install-db", path=ENV["PATH"]) else None)):
        if name not in wanted:
            continue
        if not where:
            print("skipped %s: it is not installed" % name)
            continue
        server = kind(where)
        server.fill()
        server.dumps()
    sys.exit(1 if failed else 0)


main()
