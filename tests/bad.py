#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad input. Small files of each text format are cut at every byte: what is read of them is what the whole file begins with, and where rows
are missing that is said, unless the cut is where the format has an end. The same files with bits flipped (from a fixed seed), rows of other
widths, and lines of 100 MB: nothing crashes, takes long or much memory, and every record is accounted for.
Usage: bad.py HINDCAST SRCDIR [FLIPS]; one line "ok NAME" or "not ok NAME" a test. FLIPS: changed files of each format; with a
thousand or more each is also cut at every byte, else at one in three."""
import bz2
import json
import lzma
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zlib

HINDCAST, FLIPS = os.path.abspath(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 300
EVERY = 1 if FLIPS >= 1000 else 3
# thousands of small transactions: in memory, where that can be
WORK = tempfile.mkdtemp(prefix="hindcast-bad.", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
failed = False

PROFILE = """name: made
format: [pg_dump, mysqldump, csv, json]
zone: UTC
records:
- type: things
  state: {keep: {id: id, name: name, note: note}}
- type: "others"
  event: {time: at, text: {always: what}}
- type: "{any}.json"
  state: {keep: {id: id, name: name, note: note}}
- type: "{any}.json.gz"
  state: {keep: {id: id, name: name, note: note}}
"""

ROWS = [("1", "it's", "a,b"), ("2", 'q"uo\\te', None), ("3", "tab\tnew\nline", ""), ("4", "é 日 🙂", "; -- /* $$"), ("5", "(1),(2", "\\."), ("6", "x", "end")]


def copy_cell(v):
    return "\\N" if v is None else v.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def pg_value(v):
    return "NULL" if v is None else "'%s'" % v.replace("'", "''")


def my_value(v):
    return "NULL" if v is None else "'%s'" % v.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")


def csv_cell(v):
    return "" if v is None else '"%s"' % v.replace('"', '""')


HEAD = "--\n-- PostgreSQL database dump\n--\n\nSET standard_conforming_strings = on;\n\nCREATE TABLE public.things (\n    id integer,\n    name text DEFAULT 'x;(',\n    note text\n);\n\n"
TAIL = "ALTER TABLE ONLY public.things ADD CONSTRAINT p PRIMARY KEY (id);\n\n--\n-- PostgreSQL database dump complete\n--\n\n"
FUNCTION = "CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $_$ SELECT 'INSERT INTO public.things VALUES (9);'; $_$;\n\n"
FILES = {
    "pg_copy": ("pg_dump", "sql", HEAD + "COPY public.things (id, name, note) FROM stdin;\n" + "".join("\t".join(map(copy_cell, r)) + "\n" for r in ROWS[:4]) + "\\.\n\n" + FUNCTION +
                "COPY public.things (id, note, name) FROM stdin;\n" + "".join("\t".join(map(copy_cell, (r[0], r[2], r[1]))) + "\n" for r in ROWS[4:]) + "\\.\n\n" + TAIL),
    "pg_insert": ("pg_dump", "sql", HEAD + "".join("INSERT INTO public.things VALUES (%s);\n" % ", ".join(map(pg_value, r)) for r in ROWS[:3]) + FUNCTION +
                  "INSERT INTO public.things (id, name, note) VALUES\n" + ",\n".join("\t(%s)" % ", ".join(map(pg_value, r)) for r in ROWS[3:]) + ";\n\n" + TAIL),
    "mysql": ("mysqldump", "sql", "-- MariaDB dump 10.19\n/*!40101 SET NAMES utf8mb4 */;\nUSE `one`;\nCREATE TABLE `things` (\n  `id` int, -- x\n  `name` text DEFAULT 'x;(',\n  `note` text, KEY `k` (`id`)\n);\n"
              "LOCK TABLES `things` WRITE;\nINSERT INTO `things` VALUES\n" + ",\n".join("(%s)" % ",".join(map(my_value, r)) for r in ROWS[:3]) + ";\nUNLOCK TABLES;\nDELIMITER ;;\nCREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET @a = 1; END ;;\nDELIMITER ;\n"
              "REPLACE INTO `things` (`id`, `name`, `note`) VALUES " + ",".join("(%s)" % ",".join(map(my_value, r)) for r in ROWS[3:]) + ";\n-- Dump completed\n"),
    "csv": ("csv", "csv", "id,name,note\n" + "".join(",".join(map(csv_cell, r)) + "\n" for r in ROWS)),
    "jsonl": ("json", "json", "".join(json.dumps(dict(zip(("id", "name", "note"), r)), ensure_ascii=False) + "\n" for r in ROWS)),
    "json": ("json", "json", json.dumps([dict(zip(("id", "name", "note"), r)) for r in ROWS], indent=1)),
}


def tell(name, faults):
    global failed
    for fault in faults[:6]:
        print("   ", str(fault)[:600])
    print(("not ok " if faults else "ok ") + name, flush=True)
    failed |= bool(faults)


def limits():
    resource.setrlimit(resource.RLIMIT_CPU, (300, 300))


def run_import(form, files, profile=PROFILE, member=None):
    """Imports the files ({name: bytes}) into a case of their own: (status, messages, {name: source})."""
    case = os.path.join(WORK, "case")
    shutil.rmtree(case, ignore_errors=True)
    os.makedirs(os.path.join(case, "profiles"))
    with open(os.path.join(case, "profiles", "made.yaml"), "w") as f:
        f.write(profile)
    os.makedirs(os.path.join(case, "evidence"))
    paths = []
    for name, data in files.items():
        paths.append(os.path.join(case, "evidence", name))
        os.makedirs(os.path.dirname(paths[-1]), exist_ok=True)
        with open(paths[-1], "wb") as f:
            f.writelines(data if isinstance(data, list) else [data])
    done = subprocess.run([HINDCAST, "import", "-q", "-C", case, "--format", form, "--profile", "made", *paths], capture_output=True, check=False, timeout=600, preexec_fn=limits,
                          env={**os.environ, "TZ": "Asia/Kathmandu"})
    db = sqlite3.connect(os.path.join(case, "hindcast.db"))
    sources = {}
    for ident, path, status, n, rejected, lost in db.execute("SELECT id, path, status, records, rejected, records - events - states - ignored - joined - duplicates - rejected FROM source"):
        sources[path.removeprefix("evidence/")] = {"status": status, "records": n, "rejected": rejected, "lost": lost,
                                                   "rows": [json.loads(v) for v, in db.execute("SELECT value FROM state WHERE source = ? ORDER BY record", (ident,))]}
    db.close()
    return done.returncode, done.stderr.decode(errors="replace"), sources


def sound(status, messages, sources, wanted):
    """What holds whatever the bytes are."""
    faults = []
    if status not in (0, 3):
        faults.append("status %d: %s" % (status, messages[-400:]))
    if "accounted for" in messages or "ERROR" in messages:
        faults.append(messages[-400:])
    faults += ["%s: %d records are lost" % (name, s["lost"]) for name, s in sources.items() if s["lost"]]
    faults += ["%s has no source" % name for name in wanted if name not in sources]
    return faults


def looks_whole(kind, data):
    """Nothing of a statement, row or value is open here, as far as the format can tell: no reader can know that more came."""
    text = data.decode(errors="replace")
    if kind == "csv":  # a table without rows may be meant
        return text.endswith("\n") or "\n" not in text
    if kind == "jsonl":
        return text.endswith(("\n", "}")) or not text
    if kind == "json":
        return not text
    begin, end = ("-- MariaDB dump ", "-- Dump completed") if kind == "mysql" else ("-- PostgreSQL database dump", "-- PostgreSQL database dump complete")
    return begin not in text or end in text


def cuts(kind):
    form, ext, text = FILES[kind]
    data = text.encode()
    name = "%05d." + ext if kind != "csv" else "%05d/things.csv"
    at = sorted({*range(0, len(data), EVERY), len(data)})
    files = {name % n: data[:n] for n in at}
    status, messages, sources = run_import(form, files)
    faults = sound(status, messages, sources, files)
    whole = sources[name % len(data)]
    want = [{k: v for k, v in zip(("id", "name", "note"), r) if v is not None} for r in ROWS]
    if kind == "csv":  # an empty field that is not quoted is no value
        want = [{k: v for k, v in row.items() if v or k != "x"} for row in want]
    if whole["rows"] != want or whole["rejected"]:
        faults.append("the whole file gives %s" % whole)
    for n in at[:-1]:
        s = sources.get(name % n)
        if not s:
            continue
        rows = s["rows"]
        # the last row of CSV may be a part of one, which is said
        if rows != want[:len(rows)] and not (kind == "csv" and s["rejected"] and rows[:-1] == want[:len(rows) - 1]):
            faults.append("%d bytes: %s is not how the whole begins" % (n, rows[-1:]))
        told = s["rejected"] or s["status"] != "read"
        if len(rows) < len(want) and not told and not looks_whole(kind, data[:n]):
            faults.append("%d bytes: %d of %d rows and no word of it, behind %r" % (n, len(rows), len(want), data[max(0, n - 40):n]))
    tell("%s, cut at %d of its %d bytes" % (kind, len(at) - 1, len(data)), faults)


def packed(kind):
    """The same compressed and cut there: what came out is read, nothing of what is cut is taken for whole, and each is told with the place."""
    form, ext, text = FILES[kind]
    data = text.encode()
    name, packings = "%s/%05d/things." + ext + ".%s", {"gz": zlib_stored(data), "bz2": bz2.compress(data), "xz": lzma.compress(data)}
    files = {name % (how, n, how): packed[:n] for how, packed in packings.items() for n in range(12, len(packed), 11 if how == "gz" else 29)}
    files |= {name % ("sum", 0, "gz"): packings["gz"][:-8] + bytes(4) + packings["gz"][-4:]}
    status, messages, sources = run_import(form, files)
    faults = sound(status, messages, sources, files)
    want, most = [{k: v for k, v in zip(("id", "name", "note"), r) if v is not None and (v or kind != "csv")} for r in ROWS], 0
    for path in files:
        s = sources[path]
        rows = [{k: v for k, v in row.items() if v or kind != "csv"} for row in s["rows"]]
        if rows != want[:len(rows)]:
            faults.append("%s: %s is not how the whole begins" % (path, rows[-1:]))
        if not s["rejected"] and s["status"] == "read" or "evidence/%s: " % path not in messages:
            faults.append("%s: nothing is said" % path)
        most = max(most, len(rows)) if path.startswith("gz") else most
    if most < len(want) - 2 and kind != "json" or len(sources[name % ("sum", 0, "gz")]["rows"]) != len(want):
        faults.append("at most %d rows, %s" % (most, sources[name % ("sum", 0, "gz")]))
    tell("%s, compressed and cut at %d places" % (kind, len(files)), faults)


def wide(kind):
    """The same in UTF-16, as PowerShell writes what a program prints: its rows, and each with its place in the file; cut as any other."""
    form, ext, text = FILES[kind]
    files = {"%s/things.%s" % (name, ext): mark + text.replace("\n", "\r\n" if name == "crlf" else "\n").encode(code)
             for name, mark, code in (("le", b"\xff\xfe", "utf-16-le"), ("be", b"\xfe\xff", "utf-16-be"), ("crlf", b"\xff\xfe", "utf-16-le"))}
    whole = {name: files[name] for name in files}
    files |= {"%05d/things.%s" % (n, ext): whole["le/things." + ext][:n] for n in range(200, len(whole["le/things." + ext]) - 200, 13)}
    status, messages, sources = run_import(form, files)
    faults = sound(status, messages, sources, files)
    want = [{k: v for k, v in zip(("id", "name", "note"), r) if v is not None} for r in ROWS]
    for path, s in sources.items():
        rows = [{k: v.replace("\r\n", "\n") for k, v in row.items()} for row in s["rows"]] if path.startswith("crlf") else s["rows"]
        if rows != want[:len(rows)] or path in whole and (len(rows) != len(want) or s["rejected"]):
            faults.append("%s: %s" % (path, s))
        if path not in whole and not s["rejected"]:
            faults.append("%s: nothing is said" % path)
    db = sqlite3.connect(os.path.join(WORK, "case", "hindcast.db"))
    for path, offset, length, value in db.execute('SELECT s.path, t."offset", t.length, t.value FROM state AS t JOIN source AS s ON s.id = t.source'):
        name = path.removeprefix("evidence/")
        cited = files[name][offset:offset + length].decode("utf-16-be" if name.startswith("be") else "utf-16-le")
        if json.loads(value)["id"] not in cited or length == 0 or "\n" in cited.strip() and kind == "pg_copy":
            faults.append("%s: %r is cited for %s" % (path, cited, value))
    db.close()
    tell("%s in UTF-16, whole and cut at %d places" % (kind, len(files) - 3), faults)


def at_the_edge():
    """What is read at once ends just behind VALUES: the row behind it is no other than those around it."""
    faults, files = [], {}
    for edge in (1 << 20, (1 << 20) + (256 << 10), 2 << 20):
        row, head = "INSERT INTO `things` VALUES (%d,'a','b');\n", "-- MySQL dump 10\nCREATE TABLE `things` (`id` int, `name` text, `note` text);\n"
        text = head + "".join(row % i for i in range(10000, 10020))
        text += "-- %s\n" % ("x" * (edge - len(text) - 4 - len("INSERT INTO `things` VALUES ")))
        files["%d/my.sql" % edge] = (text + "".join(row % i for i in range(10020, 10040)) + "-- Dump completed\n").encode()
        assert files["%d/my.sql" % edge][:edge].endswith(b" VALUES ")
    status, messages, sources = run_import("mysqldump", files)
    for name, s in sources.items():
        if len(s["rows"]) != 40 or s["rejected"]:
            faults.append((name, len(s["rows"]), s["rejected"]))
    tell("a row at the edge of what is read at once is read", sound(status, messages, sources, files) + faults)


def zlib_stored(data):
    pack = zlib.compressobj(0, zlib.DEFLATED, 31)
    return pack.compress(data) + pack.flush()


def flips(kind):
    form, ext, text = FILES[kind]
    rng, data, files = random.Random(20231122), text.encode(), {}
    odd = b"\t\n\r\\\"'`{}[]<>:,;()-/*$\0\x80\xff.N"
    for i in range(FLIPS):
        changed = bytearray(data)
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            at = rng.randrange(len(changed))
            changed[at] = changed[at] ^ (1 << rng.randrange(8)) if rng.random() < 0.6 else rng.choice(odd)
        if rng.random() < 0.2:
            at = rng.randrange(len(changed))
            del changed[at:at + rng.randrange(1, 60)]
        changed += b"\n" * (i % 7)  # the same bytes twice would be a copy
        files["%d/things.%s" % (i, ext)] = bytes(changed) + b"-- %d\n" % i if ext == "sql" else bytes(changed) + b"\n" * (i // 7)
    status, messages, sources = run_import(form, files)
    tell("%s, %d times with bits flipped" % (kind, FLIPS), sound(status, messages, sources, files))


def widths():
    made = {
        "copy.sql": HEAD + "COPY public.things (id, name, note) FROM stdin;\n1\ta\tb\n2\ta\n3\ta\tb\tc\n\n4\ta\tb\n\\.\n" + TAIL,
        "insert.sql": HEAD + "INSERT INTO public.things VALUES (1, 'a', 'b'), (2, 'a'), (3, 'a', 'b', 'c'), (), (4, 'a', 'b');\n" + TAIL,
    }
    faults = []
    for form, name, text in (("pg_dump", "copy.sql", made["copy.sql"]), ("pg_dump", "insert.sql", made["insert.sql"]),
                             ("mysqldump", "my.sql", "-- MySQL dump 10\nCREATE TABLE `things` (`id` int, `name` text, `note` text);\nINSERT INTO `things` VALUES (1,'a','b'),(2,'a'),(3,'a','b','c'),(4,'a','b');\n-- Dump completed\n"),
                             ("csv", "x/things.csv", "id,name,note\n1,a,b\n2,a\n3,a,b,c\n4,a,b\n")):
        status, messages, sources = run_import(form, {name: text.encode()})
        faults += sound(status, messages, sources, [name])
        s = sources[name]
        if [r["id"] for r in s["rows"]] != ["1", "4"] or s["rejected"] not in (2, 3):
            faults.append((name, s))
    tell("rows of other widths are rejected, those around them are read", faults)


def long_lines():
    """One line of 100 MB among others, in each place that a format has for one. Written piece by piece: the memory of this process would count."""
    cases = [("pg_dump", "copy.sql", HEAD + "COPY public.things (id, name, note) FROM stdin;\n1\ta\tb\n2\t|\tb\n3\ta\tb\n\\.\n" + TAIL),
             ("pg_dump", "insert.sql", HEAD + "INSERT INTO public.things VALUES (1, 'a', 'b');\nINSERT INTO public.things VALUES (2, '|', 'b');\nINSERT INTO public.things VALUES (3, 'a', 'b');\n" + TAIL),
             ("mysqldump", "my.sql", "-- MySQL dump 10\nCREATE TABLE `things` (`id` int, `name` text, `note` text);\nINSERT INTO `things` VALUES (1,'a','b');\nINSERT INTO `things` VALUES (2,'|','b');\nINSERT INTO `things` VALUES (3,'a','b');\n-- Dump completed\n"),
             ("mysqldump", "statement.sql", "-- MySQL dump 10\nCREATE TABLE `things` (`id` int, `name` text, `note` text);\nINSERT INTO `things` VALUES (1,'a','b');\nSET x = '|';\nINSERT INTO `things` VALUES (3,'a','b');\n-- Dump completed\n"),
             ("csv", "x/things.csv", "id,name,note\n1,a,b\n2,|,b\n3,a,b\n"), ("json", "x/a.json", '{"id": "1"}\n{"id": "2", "name": "|"}\n{"id": "3"}\n')]
    faults = []
    for form, name, text in cases:
        before, after = text.encode().split(b"|")
        status, messages, sources = run_import(form, {name: [before] + [b"x" * (1 << 20)] * 100 + [after]})
        faults += sound(status, messages, sources, [name])
        s = sources[name]
        if [r["id"] for r in s["rows"]] != ["1", "3"] or s["rejected"] != 1:
            faults.append((name, [r["id"] for r in s["rows"]], s["rejected"], messages))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    if peak > 100 and b"__asan_init" not in open(HINDCAST, "rb").read():
        faults.append("%d MB of memory" % peak)
    tell("a line of 100 MB is rejected, those around it are read, and it is not held in memory", faults)


def long_strings():
    """A line beyond the limit says nothing about where its string ends: what stands in there is no statement, however it is filled up."""
    wrong = b"\nINSERT INTO public.things VALUES (666, 'no', 'row');\n"
    row, m, faults = b"INSERT INTO public.things VALUES (2, ", 1 << 20, []
    for name, start, fill, end in (("text", row + b"'", b"lorem ipsum " * m, b"', NULL);"), ("quotes", row + b"'x", b"\'\'" * m * 4, b"', NULL);"), ("letters", row + b"'", b"x" * m * 8, b"', NULL);"),
                                   ("backslashes", row + b"E'x", b"\\'" * m * 4, b"', NULL);"), ("dollars", b"COMMENT ON TABLE x IS $abc$", b"$abd" * m * 2, b"$abc$;"),
                                   ("comments", b"/* ", b"/**/" * m * 2, b"*/"), ("a name", b'COMMENT ON TABLE "x', b'""' * m * 4, b"\" IS 'x';")):
        text = [HEAD.encode(), b"INSERT INTO public.things VALUES (1, 'a', 'b');\n", start] + [fill] * 4 + [wrong, end, b"\nINSERT INTO public.things VALUES (3, 'a', 'b');\n", TAIL.encode()]
        status, messages, sources = run_import("pg_dump", {"x.sql": text})
        faults += sound(status, messages, sources, ["x.sql"])
        ids = [r["id"] for r in sources["x.sql"]["rows"]]
        if ids != ["1", "3"] or sources["x.sql"]["rejected"] != (1 if start.startswith(row) else 0):
            faults.append((name, ids, sources["x.sql"]["rejected"]))
    tell("nothing inside a string of an endless line passes for a statement", faults)


def main():
    try:
        for kind in FILES:
            cuts(kind)
            packed(kind)
            if FILES[kind][1] == "sql":
                wide(kind)
            flips(kind)
        at_the_edge()
        widths()
        long_lines()
        long_strings()
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    sys.exit(1 if failed else 0)


main()
