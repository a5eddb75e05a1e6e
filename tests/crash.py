#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A run that is killed, and a disk that is full. A run is ended by SIGKILL at moments spread over it (fixed fractions of its time) and run
again: the database, events, timeline and report have the bytes of an undisturbed run. A file that may not grow, and a file system without
room (where root can make one), are told, with status 4, and what was there before is there still and can be read.
Usage: crash.py HINDCAST SRCDIR [KILLS]; one line "ok NAME" or "not ok NAME" a test."""
import hashlib
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HINDCAST, SRC, KILLS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 12
WORK = tempfile.mkdtemp(prefix="hindcast-crash.")
MODEL = os.path.join(SRC, "examples", "pypi-2023-11-22")
ENV = {**os.environ, "TZ": "Asia/Kathmandu", "LC_ALL": "C"}
failed = False


def tell(name, faults):
    global failed
    for fault in faults[:6]:
        print("   ", str(fault)[:600])
    print(("not ok " if faults else "ok ") + name, flush=True)
    failed |= bool(faults)


def copy(case, source=MODEL):
    shutil.rmtree(case, ignore_errors=True)
    shutil.copytree(source, case, ignore=shutil.ignore_patterns("hindcast.db*", "report"))
    subprocess.run(["chmod", "-R", "u+w", case], check=True)


def hindcast(*arguments, limit=None):
    def prepare():
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    done = subprocess.run([HINDCAST, *arguments], capture_output=True, env=ENV, check=False, timeout=300, preexec_fn=prepare)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def content(case):
    """All that the case says: every row of the database, what the commands print, the report."""
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(case, "hindcast.db"), uri=True)
    out = {"database": hashlib.sha256("\n".join(db.iterdump()).encode()).hexdigest(), "integrity": db.execute("PRAGMA integrity_check").fetchone()[0]}
    db.close()
    for command in ("events", "timeline"):
        status, text, err = hindcast(command, "-C", case, "-f", "jsonl")
        out[command] = (status, hashlib.sha256(text).hexdigest(), len(text))
    folder = os.path.join(case, "report")
    out["report"] = {name: hashlib.sha256(open(os.path.join(folder, name), "rb").read()).hexdigest() for name in sorted(os.listdir(folder))} if os.path.isdir(folder) else None
    return out


def differences(have, want):
    return ["%s: %s, expected %s" % (k, have[k], want[k]) for k in want if have[k] != want[k]]


def kills():
    case = os.path.join(WORK, "case")
    copy(case)
    began = time.monotonic()
    hindcast("run", "-q", case)
    took = time.monotonic() - began
    want, rng, faults, hit, readable = content(case), random.Random(20231122), [], 0, 0
    if not want["events"][2] or not want["timeline"][2]:
        faults.append("the undisturbed run gives nothing")
    for i in range(KILLS):
        copy(case)
        for _ in range(1 + i % 3):  # some are killed again before they are through
            run = subprocess.Popen([HINDCAST, "run", "-q", case], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENV)
            time.sleep(took * (i + rng.random()) / KILLS)
            run.kill()
            hit += run.wait() == -9
        if os.path.exists(os.path.join(case, "hindcast.db")):
            status, _, err = hindcast("events", "-C", case, "-f", "jsonl")
            readable += 1
            if status not in (0, 2, 4) or (status and not err):
                faults.append("kill %d: events: status %d, %s" % (i, status, err))
        status, _, err = hindcast("run", "-q", case)
        if status != 0:
            faults.append("kill %d: status %d, %s" % (i, status, err))
        faults += ["kill %d: %s" % (i, d) for d in differences(content(case), want)]
    if hit < KILLS // 2 or readable < KILLS // 3:
        faults.append("only %d runs were hit, %d while there was a database" % (hit, readable))
    tell("%d runs that were killed, some of them more than once, are completed to the same bytes" % KILLS, faults)


def grown(case):
    """A case that was run, and evidence that is not in it yet."""
    copy(case, os.path.join(SRC, "examples", "benign-week"))
    status, _, err = hindcast("run", "-q", case)
    before = content(case)
    size = os.path.getsize(os.path.join(case, "hindcast.db"))
    shutil.copyfile(os.path.join(MODEL, "evidence", "db", "before", "warehouse.sql"), os.path.join(case, "evidence", "later.sql"))
    return before, size, [] if status == 0 else [err]


def after_failure(case, before, limited, name):
    """Nothing of the failed run is there; then there is room again, and it comes to its end as if nothing had been."""
    status, _, err = limited
    faults = []
    if status != 4 or not err.startswith("hindcast: "):
        faults.append("%s: status %d, %r" % (name, status, err[-300:]))
    have = content(case)
    faults += ["%s: %s" % (name, d) for d in differences(have, before)]
    left = [f for f in os.listdir(case) if f.startswith("hindcast.db") and f != "hindcast.db"]
    if left:
        faults.append("%s: left behind: %s" % (name, left))
    return faults


def whole(case):
    status, _, err = hindcast("run", "-q", case)
    return content(case) if status == 0 else {"status": (status, err)}


def file_limit():
    case, one, first = (os.path.join(WORK, n) for n in ("limit", "whole", "first"))
    before, size, faults = grown(case)
    want = whole_of(one, case)
    full = os.path.getsize(os.path.join(one, "hindcast.db"))
    for part in (0, 1, 2, 3):
        limit = size + (full - size) * part // 8 // 4096 * 4096
        faults += after_failure(case, before, hindcast("run", "-q", case, limit=limit), "a limit of %d bytes" % limit)
    # enough for the facts of the new file, which stay, but not for the conclusions
    status, _, err = hindcast("run", "-q", case, limit=full - 65536)
    if status != 4 or not err:
        faults.append("no room for conclusions: status %d, %s" % (status, err))
    faults += differences(whole(case), want)
    copy(first, case)
    copy(one, case)
    status, _, err = hindcast("run", "-q", first, limit=8192)
    if status != 4 or not err:
        faults.append("a first run without room: status %d, %s" % (status, err))
    faults += differences(whole(first), whole(one))
    tell("a database that may not grow is told with status 4, is as it was, and is completed when it may", faults)


def report_limit():
    case, faults = os.path.join(WORK, "report"), []
    copy(case)
    hindcast("run", "-q", case)
    before = content(case)
    sizes = sorted(os.path.getsize(os.path.join(case, "report", f)) for f in os.listdir(os.path.join(case, "report")))
    with open(os.path.join(case, "notes", "summary.md"), "w") as f:
        f.write("Another summary.\n")
    for limit in (sizes[0] // 2, sizes[0] + 100, sizes[1] + 100, sizes[2] - 100):
        faults += after_failure(case, before, hindcast("report", "-C", case, limit=limit), "a report of up to %d bytes" % limit)
    for name in ("incident.html.W3ROZ3", "timeline-2.svg.ab12CD", "other.html.W3ROZ3", "incident.html.orig"):  # two of them as a killed run leaves them
        open(os.path.join(case, "report", name), "w").close()
    status, out, _ = hindcast("report", "-C", case)
    left = sorted(f for f in os.listdir(os.path.join(case, "report")) if f not in before["report"])
    if left != ["incident.html.orig", "other.html.W3ROZ3"]:
        faults.append("what a killed run left is there, or other files are not: %s" % left)
    for name in left:
        os.unlink(os.path.join(case, "report", name))
    if status or content(case)["report"] == before["report"] or len(out.splitlines()) != len(sizes):
        faults.append("the report is not written afterwards: %s" % out)
    for command in (("events", "-f", "jsonl"), ("sources",), ("findings",)):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([HINDCAST, command[0], "-C", case, *command[1:]], stdout=full, stderr=subprocess.PIPE, env=ENV, check=False)
        if done.returncode != 4 or b"standard output" not in done.stderr:
            faults.append("%s into a full device: status %d, %s" % (command[0], done.returncode, done.stderr))
    with open("/dev/full", "wb") as full:
        if subprocess.run([HINDCAST, "--help"], stdout=full, stderr=subprocess.DEVNULL, check=False).returncode != 4:
            faults.append("--help into a full device is fine")
    tell("a report that cannot be written leaves the one that is there, and an output that cannot be written is told", faults)


def full_disk():
    disk = os.path.join(WORK, "disk")
    os.makedirs(disk)
    if os.getuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk], capture_output=True, check=False).returncode:
        print("skipped a full disk: no file system can be made here")
        return
    try:
        case, ballast = os.path.join(disk, "case"), os.path.join(disk, "ballast")
        before, _, faults = grown(case)
        free = os.statvfs(disk)
        with open(ballast, "wb") as f:
            f.write(bytes(free.f_bavail * free.f_bsize - (400 << 10)))
        faults += after_failure(case, before, hindcast("run", "-q", case), "400 KB of room")
        with open(ballast, "ab") as f:
            try:
                f.write(bytes(400 << 10))
                f.flush()
            except OSError:
                pass
        faults += after_failure(case, before, hindcast("run", "-q", case), "no room")
        os.remove(ballast)
        faults += differences(whole(case), whole_of(os.path.join(WORK, "room"), case))
        tell("a full disk is told with status 4, the database is as it was, and is completed when there is room", faults)
    finally:
        subprocess.run(["umount", disk], check=False)


def whole_of(case, source):
    copy(case, source)
    # the first run knows less, as on the disk
    later = os.path.join(case, "evidence", "later.sql")
    os.rename(later, os.path.join(WORK, "later.sql"))
    hindcast("run", "-q", case)
    os.rename(os.path.join(WORK, "later.sql"), later)
    return whole(case)


def main():
    try:
        kills()
        file_limit()
        report_limit()
        full_disk()
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    sys.exit(1 if failed else 0)


main()
