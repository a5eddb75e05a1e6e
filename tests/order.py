# SPDX-License-Identifier: Apache-2.0
"""The order of imports: order.py HINDCAST SRCDIR ORDERS [CASE...], without cases the examples and some of tests/golden. `run` imports a case in the
order of its paths; here its files come by separate calls of `import`, in orders drawn at random, and nothing that is shown may tell them apart. Prints
one line "ok NAME" or "not ok NAME" per case."""
import collections
import difflib
import gzip
import json
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile

hindcast, source, seeds, cases = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
bad = 0
MODEL = os.path.join(source, "examples/pypi-2023-11-22")
GOLDEN = ("exim", "mysql_tab", "pg_archive", "rotated", "warehouse")
LISTS = (("events", "jsonl"), ("timeline", "jsonl"), ("findings", "json"), ("claims", "jsonl"), ("sources", "jsonl"))


def run(*args):
    return subprocess.run([hindcast, *args], capture_output=True, text=True, errors="surrogateescape")


def evidence(case):
    """The files of the case, in the order of their names."""
    found = []
    for folder, folders, files in os.walk(os.path.join(case, "evidence")):
        folders.sort()
        found += [os.path.join(folder, name) for name in sorted(files)]
    return found


def copied(case, copy):
    """What may be written to, also where the sources of the project may not."""
    shutil.copytree(case, copy, symlinks=True, ignore=shutil.ignore_patterns("hindcast.db*", "report"))
    for folder, _, files in os.walk(copy):
        for entry in [folder] + [os.path.join(folder, f) for f in files]:
            if not os.path.islink(entry):
                os.chmod(entry, os.stat(entry).st_mode | stat.S_IWUSR)
    return copy


def fresh(case, name):
    copy = os.path.join(work, name)
    shutil.rmtree(copy, ignore_errors=True)
    return copied(case, copy)


def witnesses(case):
    """The model case, much of it several times: the same bytes under other names, and the same rows in other bytes."""
    copied(MODEL, case)
    shutil.copytree(os.path.join(case, "evidence/mailbox"), os.path.join(case, "evidence/a"))
    for folder, name in (("a", "dump.sql.gz"), ("z", "dump.sql")):
        with open(os.path.join(case, "evidence/db/before/warehouse.sql"), "rb") as file:
            rows = file.read()
        os.makedirs(os.path.join(case, "evidence", folder), exist_ok=True)
        with (gzip.GzipFile if name.endswith("gz") else open)(os.path.join(case, "evidence", folder, name), "wb") as file:
            file.write(rows if name.endswith("sql") else rows + b"-- the same\n")
    crowd(case)
    return case


def crowd(case):
    """More rows of one microsecond than it has numbers, in two dumps that share most of them; some stand twice in one."""
    for dump, rows in (("one", [*range(2100), 7, 7]), ("two", [*range(300, 2300), 400])):
        os.makedirs(os.path.join(case, "evidence/crowd", dump))
        with open(os.path.join(case, "evidence/crowd", dump, "dump.sql"), "w") as file:
            file.write("--\n-- PostgreSQL database dump\n--\n\n"
                       "COPY public.journals (id, name, version, action, submitted_date, submitted_by) FROM stdin;\n"
                       + "".join(f"{30000000 + n}\tproject{n % 9}\t{n}.0\tnew release\t2020-02-02 02:02:02\tuser{n % 5}\n" for n in rows)
                       + "\\.\n\n--\n-- PostgreSQL database dump complete\n--\n")


def without_firsts(lines):
    """Which of several sources counts a record that they share depends on the order; the sums do not."""
    rows, sums = [], collections.Counter()
    for line in lines.splitlines():
        row = json.loads(line)
        sums["events"] += row.get("events") or 0
        sums["duplicates"] += row.get("duplicates") or 0
        row["events"] = (row.get("events") or 0) + (row.pop("duplicates", 0) or 0)
        rows.append(json.dumps(row))
    return "\n".join(rows + [json.dumps(sums)])


def shown(case):
    said = {name: run(name, "-C", case, "-f", form).stdout for name, form in LISTS}
    said["sources"] = without_firsts(said["sources"])
    report = os.path.join(case, "report")
    for name in sorted(os.listdir(report)) if os.path.isdir(report) else []:
        with open(os.path.join(report, name), encoding="utf-8", errors="surrogateescape") as file:
            said["report/" + name] = file.read()
    return said


def one_by_one(case, files, order):
    """None, or what went wrong."""
    for n in order:
        done = run("import", "-q", "-C", case, files[n])
        if done.returncode not in (0, 3):
            return f"import of {files[n]} gives {done.returncode}: {done.stderr}"
    for command in ("correlate", "report"):
        done = run(command, "-C", case)
        if done.returncode:
            return f"{command} gives {done.returncode}: {done.stderr}"
    return None


def orders(n):
    """The reverse and some at random."""
    draw = random.Random(n)
    yield list(reversed(range(n)))
    yield from (draw.sample(range(n), n) for _ in range(seeds - 1))


def differences(want, got):
    for name in sorted(set(want) | set(got)):
        if want.get(name) != got.get(name):
            lines = difflib.unified_diff((want.get(name) or "").splitlines(), (got.get(name) or "").splitlines(), lineterm="", n=0)
            yield name + "\n" + "\n".join(line[:600] for line in list(lines)[2:8])


def check(case):
    global bad
    name = os.path.basename(os.path.normpath(case))
    whole = fresh(case, "case")  # reports may name the folder
    run("run", "-q", whole)
    want, n = shown(whole), len(evidence(whole))
    said = []
    for order in orders(n) if n > 1 else ():
        apart = fresh(case, "case")
        wrong = one_by_one(apart, evidence(apart), order)
        said = [wrong] if wrong else list(differences(want, shown(apart)))
        if said:
            said.insert(0, f"order {order} of {evidence(apart)}")
            break
    said = said or (["nothing to put in order"] if n < 2 and not cases else [])
    bad += bool(said)
    print(f"{'not ok' if said else 'ok'} order: {name} shows the same in whatever order its {n} files are imported", *said, sep="\n" if said else "", flush=True)


with tempfile.TemporaryDirectory(prefix="hindcast-order.") as work:
    for case in cases or (os.path.join(source, "examples/benign-week"), MODEL, witnesses(os.path.join(work, "witnesses")),
                          *(os.path.join(source, "tests/golden", name) for name in GOLDEN)):
        check(case)
sys.exit(bad > 0)
