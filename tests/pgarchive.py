#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL archives against plain dumps of the same rows: every version, form and packing gives the same facts; what is broken in one
place costs what lies there, and is told; limits are reached. Usage: pgarchive.py HINDCAST SRCDIR PGTEXT."""
import atexit
import gzip
import hashlib
import io
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import pgwriter
from pgwriter import Dump

HINDCAST, SRC, PGTEXT = (os.path.abspath(a) for a in sys.argv[1:4])
SHARED = os.environ.get("HINDCAST_SHARED", os.path.join(SRC, "..", "shared"))
WORK = tempfile.mkdtemp(prefix="hindcast-pgarchive.")
atexit.register(shutil.rmtree, WORK, True)
bad = 0
cases = 0


def t(name, ok, *more):
    global bad
    print(("ok " if ok else "not ok ") + name, flush=True)
    if not ok:
        bad = 1
        for m in more:
            print("   ", m)


def put(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def case(files):
    """A case with these files in evidence, imported: folder, exit status, messages."""
    global cases
    cases += 1
    where = os.path.join(WORK, "case%d" % cases)
    os.makedirs(where + "/evidence")
    for name, data in files.items():
        put(os.path.join(where, "evidence", name), data)
    # A folder is what only `run` looks for.
    single = not any(name.endswith("toc.dat") for name in files)
    paths = [os.path.join(where, "evidence", name) for name in sorted(files)]
    command = ["import", "-q", "-C", where, *paths] if single else ["run", "-q", where]
    p = subprocess.run([HINDCAST, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return where, p.returncode, p.stderr.decode()


def sql(where, text):
    db = sqlite3.connect(where + "/hindcast.db")
    rows = db.execute(text).fetchall()
    db.close()
    return rows


def actions():
    names = re.findall(r'^HC_ACTION\([A-Z_]*, "([^"]*)"', open(SRC + "/src/base/actions.h").read(), re.M)
    return ",".join("('%s')" % n for n in names)


def facts(where):
    """All facts without the places: lengths stay, lines and offsets are those of another text."""
    setup = "CREATE TEMP TABLE action(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO action(name) VALUES %s;" % actions()
    out = subprocess.run(["sqlite3", where + "/hindcast.db", setup, ".read '%s/tests/golden.sql'" % SRC], stdout=subprocess.PIPE, check=True).stdout.decode()
    path = sql(where, "SELECT path || iif(member = '', '', '!' || member) FROM source WHERE status = 'read'")[0][0]
    out = out.replace(path, "FILE")
    out = re.sub(r"FILE:\d+ record \d+ @\d+", "FILE", out)
    out = re.sub(r"FILE:\d+", "FILE", out)
    return "\n".join(sorted(line for line in out.split("\n") if " part " not in line and " archive - - " not in line))


def verified(where):
    return subprocess.run([HINDCAST, "verify", "-C", where], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).returncode == 0


def text(data, name="x"):
    """What is read of an archive, and what is told of it; the status, which is not that of a crash."""
    path = os.path.join(WORK, name)
    put(path, data)
    p = subprocess.run([PGTEXT, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=20)
    return p.returncode, p.stdout, p.stderr.decode("utf-8", "replace")


# The rows of the golden dump, which has every type of record.
PLAIN = open(SRC + "/tests/golden/warehouse/evidence/warehouse.sql", "rb").read()


def blocks(plain):
    for m in re.finditer(rb"^COPY public\.(\w+) (\([^\n]*\)) FROM stdin;\n(.*?)^\\\.$", plain, re.M | re.S):
        yield m.group(1).decode(), m.group(2).decode(), m.group(3).split(b"\n")[:-1]


def fill(dump):
    for name, columns, rows in blocks(PLAIN):
        dump.table("public", name, "(%s)" % ", ".join(c + " text" for c in columns[1:-1].split(", ")), columns, rows)
    return dump


def blobs(dump):
    dump.add("BLOBS", "BLOBS", blobs={16401: b"\\.\nCOPY public.users FROM stdin;\n" * 99, 16402: b"", 16403: bytes(range(256))})
    return dump


where, status, _ = case({"warehouse.sql": PLAIN})
WANT = facts(where)
t("the plain dump is imported", status == 3 and "103 events" in WANT)


def same(name, files, status=3, edit=lambda f: f):
    where, got, err = case(files)
    found, want = edit(facts(where)), edit(WANT)
    ok = found == want and got == status and verified(where)
    a, b = set(want.split("\n")), set(found.split("\n"))
    t(name, ok, "status %d" % got, err, *(sorted(a - b)[:5] + sorted(b - a)[:5]))
    return where


# Versions, sizes of numbers, packings, with offsets and as into a pipe.
def packings(minor):
    return pgwriter.PACKINGS if minor >= 15 else pgwriter.PACKINGS[:2]


for minor in range(12, 17):
    for packing in packings(minor):
        for sizes in ((4, 8), (8, 4)):
            dump = fill(Dump(minor, packing, *sizes, set_offsets=sizes == (4, 8), chunk=1000 if packing == "none" else 4096))
            if sizes == (4, 8) or packing == "gzip":
                same("custom 1.%d %s, numbers of %d, offsets of %d bytes" % (minor, packing, *sizes), {"w.dump": dump.custom()})
        same("directory 1.%d %s" % (minor, packing), {"w/" + n: d for n, d in fill(Dump(minor, packing)).files().items()})
    same("tar 1.%d" % minor, {"w.tar": fill(Dump(minor)).tar()})

# Inside of something else, with blocks in another order.
custom = fill(Dump()).custom()
same("custom in gzip", {"w.dump.gz": gzip.compress(custom)})
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("db/w.dump", custom)
same("custom in a zip", {"w.zip": archive.getvalue()})
same("tar in gzip", {"w.tar.gz": gzip.compress(fill(Dump()).tar())})
same("blocks in another order than the contents", {"w.dump": fill(Dump()).custom(lambda todo: todo[::-1])},
     edit=str.lower)  # a name is kept as it was first met
rc, out, err = text(custom)
rc2, out2, err2 = text(gzip.compress(custom), "x.gz")
t("the same text from a file and from a stream", rc == rc2 == 0 and out == out2 and not err + err2)
reverse = fill(Dump())
t("the order is that of the data", re.findall(rb"^COPY (\S+)", text(reverse.custom(lambda todo: todo[::-1]))[1], re.M) ==
  re.findall(rb"^COPY (\S+)", out, re.M)[::-1])
where, status, err = case({"w/" + n: d for n, d in fill(Dump()).files().items()})
names = sql(where, "SELECT count(*), sum(status = 'part'), sum(status = 'unread') FROM source")[0]
t("data files are parts, none is unread", names == (22, 21, 0), names)
put(where + "/evidence/w/9999.dat", b"1\tx\n")
p = subprocess.run([HINDCAST, "run", "-q", where], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
t("a data file that the contents do not name is unread", b"evidence/w/9999.dat: no importer takes it" in p.stderr, p.stderr)
with open(where + "/evidence/w/2004.dat.gz", "ab") as f:
    f.write(b"x")
p = subprocess.run([HINDCAST, "run", "-q", where], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
t("a part that changed is told by the next run", b"2004.dat.gz, which is part of it, changed since" in p.stderr and not verified(where), p.stderr)
where, status, err = case({"a/w/" + n: d for n, d in fill(Dump()).files().items()} | {"b/w/" + n: d for n, d in fill(Dump()).files().items()})
t("a copy of a directory is a copy", [r[0] for r in sql(where, "SELECT status FROM source WHERE path LIKE '%toc.dat' ORDER BY path")] == ["read", "copy"] and verified(where))
files = fill(Dump()).files()
where, status, err = case({"a/w/" + n: d for n, d in files.items()} | {"b/w/" + n: d for n, d in files.items() if n != "2004.dat.gz"})
t("a copy that lacks a part is none", [r[0] for r in sql(where, "SELECT status FROM source WHERE path LIKE '%toc.dat' ORDER BY path")] == ["read", "read"])

# A directory inside of an archive, in whatever order it was packed: contents first, in the middle, last.
def packed(files, form, order=1):
    """The files in a tar (w, w:gz, ...) or a zip, sorted; in no order (0) as they come."""
    out, names = io.BytesIO(), sorted(files)[::order] if order else list(files)
    if form == "zip":
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            for n in names:
                z.writestr(n, files[n])
    else:
        with tarfile.open(fileobj=out, mode=form) as z:
            for n in names:
                info = tarfile.TarInfo(n)
                info.size = len(files[n])
                z.addfile(info, io.BytesIO(files[n]))
    return out.getvalue()


def fates(where):
    return sql(where, "SELECT status, count(*) FROM source GROUP BY status ORDER BY status")


for minor, packing in ((12, "gzip"), (14, "none"), (16, "lz4"), (16, "zstd")):
    files = {"db/w/" + n: d for n, d in fill(Dump(minor, packing)).files().items()}
    for form in ("w", "w:gz", "w:xz", "zip"):
        for order in (1, -1):
            where = same("directory 1.%d %s in %s, order %d" % (minor, packing, form, order), {"w." + form[-3:].replace("w:", ""): packed(files, form, order)}, edit=str.lower)
            t("  its data are parts", fates(where) == [("archive", 1), ("part", len(files) - 1), ("read", 1)], fates(where))
for name, data in {"inside of a tar.gz in a zip": packed({"a/in.tar.gz": packed(files, "w:gz")}, "zip"), "inside of a zip in a tar": packed({"a/in.zip": packed(files, "zip", -1)}, "w"),
                   "at the top of a zip, not first": packed({n[5:]: d for n, d in files.items()} , "zip"),
                   "at the top of a tar, first": packed({n[5:]: d for n, d in files.items()}, "w", -1)}.items():
    same("directory " + name, {"w.x": data}, edit=str.lower)
where = same("tar in a zip", {"w.zip": packed({"a/w.tar": fill(Dump()).tar()}, "zip")}, edit=str.lower)
t("  its script is not read", ("part",) in sql(where, "SELECT status FROM source WHERE member = 'a/w.tar!restore.sql'"), sql(where, "SELECT status, member FROM source"))
same("a directory whose files were compressed, as a tar of its own", {"w.tar": packed(fill(Dump()).files(), "w", 0)})
files = fill(Dump()).files()
where, status, err = case({"x.zip": packed({"a/" + n: d for n, d in files.items()} | {"b/" + n: d for n, d in files.items()} | {"b/9999.dat": b"\1\n", "b/note.md": b"# none\n"}, "zip")})
t("two of them, with what the contents do not name", fates(where) == [("archive", 1), ("part", 42), ("read", 2), ("unread", 2)] and verified(where) and sql(where, "SELECT count(*) FROM event") == [(103,)], fates(where), err)
where, status, err = case({"x.tgz": packed({"w/" + n: d for n, d in blobs(fill(Dump(16, "gzip"))).files().items()}, "w:gz")})
t("large objects of one are counted, and are parts", sql(where, "SELECT n, why FROM tally WHERE type = 'large objects'") == [(3, "large objects are not read")] and
  not sql(where, "SELECT 1 FROM source WHERE status = 'unread'") and verified(where), fates(where), err)

# From outside of the case, as a folder.
for n, d in fill(Dump()).files().items():
    put(os.path.join(WORK, "outside", "dumped", n), d)
os.makedirs(WORK + "/case0/evidence")
p = subprocess.run([HINDCAST, "import", "-q", "-C", WORK + "/case0", WORK + "/outside/dumped"], stderr=subprocess.PIPE)
t("a folder from elsewhere", facts(WORK + "/case0") == WANT and sql(WORK + "/case0", "SELECT path FROM source WHERE id < 3") ==
  [("external/dumped/toc.dat",), ("external/dumped/2004.dat.gz",)], p.stderr)
t("is found again by verify", subprocess.run([HINDCAST, "verify", "-C", WORK + "/case0", "--at", WORK + "/outside"], stdout=subprocess.DEVNULL).returncode == 0)

# Large objects, INSERT statements, schemas, what is in no schema's own words.
for minor in (12, 14, 16):
    for name, files in {"custom": {"w.dump": blobs(fill(Dump(minor))).custom()}, "tar": {"w.tar": blobs(fill(Dump(minor))).tar()},
                        "directory": {"w/" + n: d for n, d in blobs(fill(Dump(minor))).files().items()}}.items():
        where, status, err = case(files)
        found = sql(where, "SELECT n, why FROM tally WHERE type = 'large objects'")
        t("large objects are counted: %s 1.%d" % (name, minor), found == [(3, "large objects are not read")] and verified(where) and
          sql(where, "SELECT count(*) FROM event")[0][0] == 103 and not sql(where, "SELECT 1 FROM source WHERE status = 'unread'"), found, err)


def statements(rows):
    def quoted(cell):
        if cell == b"\\N":
            return b"NULL"
        cell = re.sub(rb"\\(.)", lambda m: {b"t": b"\t", b"n": b"\n"}.get(m.group(1), m.group(1)), cell)
        return b"'" + cell.replace(b"'", b"''") + b"'"
    return lambda full: b"".join(b"INSERT INTO %s VALUES (%s);\n" % (full.encode(), b", ".join(quoted(c) for c in r.split(b"\t"))) for r in rows)


def insert(dump, schema="public"):
    for name, columns, rows in blocks(PLAIN):
        rows = [r for r in rows if r.count(b"\t") == columns.count(",") and b"\\x" not in r]
        dump.table(schema, name, "(%s)" % ", ".join(c + " text" for c in columns[1:-1].split(", ")), inserts=statements(rows))
    return dump


counts = []
for minor in (12, 14):
    for name, files in {"custom": {"w.dump": insert(Dump(minor)).custom()}, "tar": {"w.tar": insert(Dump(minor)).tar()}}.items():
        where, status, err = case(files)
        counts.append(sql(where, "SELECT events, states, rejected FROM source")[0])
t("INSERT statements find their columns", len(set(counts)) == 1 and counts[0][0] >= 100, counts)
dump = fill(Dump(12))
dump.table("audit", "journals", "(id int)", "(id)", [b"1", b"2"])
dump.table("audit", "users", "(id int)", inserts=lambda full: b"INSERT INTO %s VALUES (1);\n" % full.encode())
where, status, err = case({"w.dump": dump.custom()})
t("schemas that are said apart (1.12)", sql(where, "SELECT type, n FROM tally WHERE type LIKE 'audit.%' ORDER BY type") ==
  [("audit.journals", 2), ("audit.users", 1)] and sql(where, "SELECT events FROM source") == [(103,)], err)

# Broken in one place.
SMALL = [("users", b"u"), ("emails", b"e"), ("projects", b"p")]


def small(packing, **more):
    dump = Dump(16, packing, **more)
    for name, letter in SMALL:
        dump.table("public", name, "(a text, b text)", "(a, b)", [letter + b"%d\tvalue %d" % (i, i * i) for i in range(12)])
    return dump


def tables(out):
    return {m.group(1).decode(): m.group(2) for m in re.finditer(rb"^COPY public\.(\w+) [^\n]*\n(.*?)^\\\.$", out, re.M | re.S)}


for packing in pgwriter.PACKINGS:
    for offsets in (True, False):
        dump = small(packing, set_offsets=offsets, chunk=50 if packing == "none" else 4096)
        data = dump.custom()
        ends = [data.index(dump.block(e)) + len(dump.block(e)) for e in dump.with_data()]
        rc, out, err = text(data)
        want = tables(out)
        t("whole: %s" % packing, rc == 0 and not err and len(want) == 3, err)
        wrong = []
        for n in range(0, len(data), 1 if packing == "gzip" and offsets else 29):
            rc, out, err = text(data[:n])
            got = tables(out)
            whole = [name for (name, _), end in zip(SMALL, ends) if n >= end]
            if rc not in (0, 1) or not err or any(got.get(name) != want[name] for name in whole):
                wrong.append(n)
            if rc == 0 and n >= ends[0] - len(dump.block(dump.with_data()[0])):
                wrong += [n for name, _ in SMALL if name not in whole and "public.%s: " % name not in err]
        t("cut short anywhere: %s, offsets %sset" % (packing, "" if offsets else "not "), not wrong, wrong[:20])
        wrong = []
        chance = random.Random(7)
        for _ in range(60):
            at, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
            rc, out, err = text(data[:at] + bytes([data[at] ^ bit]) + data[at + 1:])
            got = tables(out)
            hit = [name for (name, _), start, end in zip(SMALL, [ends[0] - len(dump.block(dump.with_data()[0]))] + ends, ends) if start <= at < end]
            if rc not in (0, 1) or (hit and offsets and any(got.get(name) != want[name] for name, _ in SMALL if name not in hit)) or \
                    (hit and packing == "gzip" and not err and got != want):
                wrong.append((at, bit, hit, err))
        t("bits flipped: %s, offsets %sset" % (packing, "" if offsets else "not "), not wrong, wrong[:5])

# Parts that are not as they should be.
def directory(change, name, tell, whole=("users", "projects")):
    files = {"w/" + n: d for n, d in small("gzip").files().items()}
    change(files)
    where, status, err = case(files)
    why = "\n".join(r[0] for r in sql(where, "SELECT why FROM reject"))
    got = tables(subprocess.run([PGTEXT, where + "/evidence/w/toc.dat"], stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout)
    t(name, status == 3 and tell in why and all(got[n] == want[n] for n in whole) and verified(where), status, why, err)
    return where


want = tables(text(small("gzip").custom())[1])
directory(lambda f: f.pop("w/2006.dat.gz"), "a data file that is missing is named", "public.emails: the file 2006.dat with its data is missing")
directory(lambda f: f.update({"w/2006.dat.gz": f["w/2006.dat.gz"][:-20]}), "one that is cut", "public.emails: its compressed data end too early")
directory(lambda f: f.update({"w/2006.dat.gz": b"not gzip at all"}), "one that is something else", "public.emails: its compressed data are broken: incorrect header check")
directory(lambda f: f.update({"w/2006.dat.gz": b""}), "one that is empty", "public.emails: ")
directory(lambda f: f.update({"w/2006.dat.gz": gzip.compress(gzip.decompress(f["w/2006.dat.gz"])[:40])}), "one whose rows are cut", "public.emails: its data lack their end")
directory(lambda f: f.update({"w/toc.dat": f["w/toc.dat"].replace(b"2006.dat", b"../2.dat")}), "a name that leads elsewhere", "the file ../2.dat with its data is missing")
directory(lambda f: f.update({"w/toc.dat": f["w/toc.dat"].replace(b"2006.dat", b"mail.log"), "w/mail.log": b"x\n"}), "a name of other evidence", "the file mail.log with its data is missing")
directory(lambda f: f.update({"w/toc.dat": f["w/toc.dat"][:-30]}), "contents that are cut", "the contents of the archive: the archive ends at byte", ("users", "emails"))
where, status, err = case({"w/" + n: d for n, d in small("gzip").files().items() if n != "2006.dat.gz"})
os.symlink("/etc/hostname", where + "/evidence/w/2006.dat")
os.remove(where + "/hindcast.db")
p = subprocess.run([HINDCAST, "run", "-q", where], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
t("a link is not followed", p.returncode == 3 and sql(where, "SELECT why FROM reject") == [("public.emails: 2006.dat is a symbolic link, which is not followed",)] and
  sql(where, "SELECT status FROM source WHERE path LIKE '%2006.dat'") == [("failed",)], sql(where, "SELECT * FROM reject"))
whole = small("none").tar()
rc, out, err = text(whole[:whole.rindex(b"2006.dat") + 700], "cut.tar")
t("a tar that is cut: what came before is read", tables(out)["users"] == want["users"] and "public.emails: " in err and "public.projects: its data are not in the archive" in err, err)
where, status, err = case({"x.zip": (lambda b: [zipfile.ZipFile(b, "w").writestr("d/toc.dat", small("gzip").files()["toc.dat"]), b.getvalue()][1])(io.BytesIO())})
t("the contents alone, inside of another archive: each table is missing", status == 3 and sql(where, "SELECT why FROM reject ORDER BY why") ==
  [("public.%s: its data are not in the archive" % n,) for n in ("emails", "projects", "users")], err)
files = {"w/" + n: d for n, d in small("gzip").files().items()}


def within(change, name, tell, rejects=True):
    changed = dict(files)
    change(changed)
    for form in ("zip", "w"):
        where, status, err = case({"x." + form: packed(changed, form)})
        why = "\n".join(r[0] for r in sql(where, "SELECT why FROM reject")) if rejects else err
        t("%s, in %s" % (name, form), status == 3 and tell in why and verified(where), status, why, err)


within(lambda f: f.pop("w/2006.dat.gz"), "a data file that is missing", "public.emails: its data are not in the archive")
within(lambda f: f.update({"w/2006.dat.gz": f["w/2006.dat.gz"][:-20]}), "one that is cut", "public.emails: its compressed data end too early")
within(lambda f: f.update({"w/2006.dat.gz": b"not gzip at all"}), "one that is something else", "public.emails: its compressed data are broken: incorrect header check")
within(lambda f: f.update({"w/2006.dat": gzip.decompress(f["w/2006.dat.gz"])}), "one that is there twice", "public.emails: its data are there a second time")
within(lambda f: f.update({"w/toc.dat": f["w/toc.dat"].replace(b"2006.dat", b"mail.log"), "w/mail.log": b"x\n"}), "a name of other evidence", "public.emails: its data are not in the archive")
within(lambda f: f.update({"w/toc.dat": f["w/toc.dat"].replace(b"2006.dat", b"mail.log"), "w/mail.log": b"x\n"}), "which is not hidden", "w/mail.log: no importer takes it", False)
where, status, err = case({"x.dat": small("gzip").files()["toc.dat"]})
t("nor under another name", status == 3 and "a directory archive is read by its toc.dat" in err, err)

# What is refused, by name; and the limits.
good = small("gzip").custom()


def refused(name, data, tell):
    where, status, err = case({"x.dump": data})
    t(name, status == 3 and "evidence/x.dump: " + tell in err and sql(where, "SELECT status FROM source") == [("unread",)], status, err)


refused("a newer version", good[:6] + b"\x11" + good[7:], "a PostgreSQL archive of version 1.17; those from 1.12 to 1.16 are read")
refused("an older version", good[:6] + b"\x0b" + good[7:], "a PostgreSQL archive of version 1.11; those from 1.12 to 1.16 are read")
refused("another version", b"PGDMP\x02" + good[6:], "a PostgreSQL archive of version 2.16")
refused("an unknown packing", good[:11] + b"\x07" + good[12:], "a PostgreSQL archive that is compressed by method 7, which is not known")
refused("an unknown form", good[:10] + b"\x04" + good[11:], "a PostgreSQL archive of the form 4, which is not known")
refused("numbers of no size", good[:8] + b"\x00" + good[9:], "a PostgreSQL archive whose numbers have 0 bytes")
refused("a head that is cut", good[:30], "the archive ends at byte 30")


def limit(name):
    for f in sorted(f for f in os.listdir(SRC + "/src/evidence") if f.endswith(".h") or f.endswith(".c")):
        m = re.search(r"^#define %s \(?(?:INT64_C\()?(\d+)\)?(?: << (\d+))?" % name, open(os.path.join(SRC, "src/evidence", f)).read(), re.M)
        if m:
            return int(m.group(1)) << int(m.group(2) or 0)


def told(name, dump, tell, whole=("users",), data=None):
    rc, out, err = text(data or dump.custom())
    got = tables(out)
    t(name, rc == 0 and tell in err and all(got.get(n) == want[n] for n in whole), err[:500], len(out))


dump = small("gzip")
dump.add("COMMENT", "long", definition="x" * (limit("HC_PG_STRING_MAX") + 1))
told("a text that is too long", dump, "is longer than %d" % limit("HC_PG_STRING_MAX"), want)
dump = small("gzip")
dump.add("COMMENT", "many", depends=range(limit("HC_PG_DEPENDENCIES_MAX") + 1))
told("an entry with too many dependencies", dump, "an entry depends on more than %d others" % limit("HC_PG_DEPENDENCIES_MAX"), want)
dump = small("gzip")
dump.add("COMMENT", "long" * 4000000, definition="x" * 16000000, copy="y" * 16000000, schema="z" * 16000000, depends=["9" * 9000000])
told("an entry that is too long", dump, "an entry is longer than %d bytes" % limit("HC_PG_ENTRY_MAX"), want)
dump = small("gzip")
head = len(dump.head(1))
data = dump.custom()
count = limit("HC_PG_ENTRIES_MAX") + 1
told("too many entries", dump, "there are said to be %d entries, of which up to %d are read" % (count, count - 1), want, data[:head] + dump.number(count) + data[head + 5:])
told("fewer entries than none", dump, "there are said to be -1 entries", want, data[:head] + dump.number(-1) + data[head + 5:])
dump = small("gzip", int_size=8, chunk=4096)
data = bytearray(dump.custom())
at = data.index(dump.block(dump.with_data()[1])) + 1 + 9
data[at + 1:at + 9] = (limit("HC_PG_CHUNK_MAX") or 2**31).to_bytes(8, "little")
told("a chunk that is too long", dump, "no chunk of its data can have the length 2147483648", ("users", "projects"), bytes(data))
dump = small("gzip")
for i in range(limit("HC_PG_KEPT_MAX") // 16000000 + 1):
    dump.add("TABLE DATA", "t%d" % i, copy="COPY t (a) FROM stdin; -- " + "x" * 16000000, data=b"")
told("contents that are too large", dump, "the contents are too large to be remembered", want)
dump = Dump(16, "zstd")
dump.table("public", "users", "(a text)", "(a)", [b"0" * 400000000])
where, status, err = case({"bomb.dump": dump.custom()})
t("a bomb is refused", status == 3 and "bomb.dump: decompresses far beyond its size: refused as a bomb" in err, err)
dump = Dump(16, "zstd")
dump.table("public", "users", "(a text)", "(a)", [b"0" * 400000000])
where, status, err = case({"w/" + n: d for n, d in dump.files().items()})
t("so is one of a directory", status == 3 and "w/toc.dat: decompresses far beyond its size: refused as a bomb" in err and
  [r[0] for r in sql(where, "SELECT status FROM source")] == ["failed", "failed"], err)
plain = packed(dump.files(), "w", 0)
where, status, err = case({"w.tar": plain})
t("and one that is a tar", status == 3 and "w.tar: in toc.dat: decompresses far beyond its size: refused as a bomb" in err and fates(where) == [("failed", 1)], err, fates(where))
dump = Dump(16, "none")
dump.table("public", "users", "(a text)", "(a)", [b"0" * 1000] * 300000)
for name, data in {"of its own": packed(dump.files(), "w", 0), "of a folder": packed({"w/" + n: d for n, d in dump.files().items()}, "w", -1)}.items():
    where, status, err = case({"w.tar": data})
    t("a large tar %s is none" % name, "bomb" not in err and sql(where, "SELECT records FROM source WHERE status = 'read'") == [(300000,)] and ("failed",) not in sql(where, "SELECT status FROM source"), err)
dump = Dump(16, "zstd")
dump.table("public", "users", "(a text)", "(a)", [b"0" * 400000000])
where, status, err = case({"x.tar": packed({"w/" + n: d for n, d in dump.files().items()}, "w")})
t("so is one of a directory in a tar", status == 3 and "x.tar!w/toc.dat: decompresses far beyond its size: refused as a bomb" in err, err, fates(where))

# What the evidence lab dumped in several forms.
lab = os.path.join(SHARED, "evidence", "lab")
for folder in ("pypi-2023-11-22/db/before", "pypi-2023-11-22/db/after", "benign-week/db/only"):
    if not os.path.isdir(os.path.join(lab, folder)):
        print("skipped archives of %s: the evidence lab is not there" % folder)
        continue
    plain = [n for n in ("warehouse.sql", "warehouse.sql.gz") if os.path.exists(os.path.join(lab, folder, n))][0]
    want, found = None, {}
    for name in [plain, "warehouse.dump", "warehouse.tar", "warehouse.dir/toc.dat"]:
        if os.path.exists(os.path.join(lab, folder, name)):
            where = os.path.join(WORK, "lab" + hashlib.sha256((folder + name).encode()).hexdigest()[:8])
            os.makedirs(where + "/evidence")
            p = subprocess.run([HINDCAST, "import", "-q", "-C", where, os.path.join(lab, folder, name)], stderr=subprocess.PIPE)
            found[name] = (p.returncode, facts(where))
    for name in found:
        t("%s/%s has the facts of %s" % (folder, name, plain), found[name] == found[plain] and len(found[plain][1]) > 100000)

sys.exit(bad)
