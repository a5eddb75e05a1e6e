#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Messages of a log that is cut anywhere, rotated under any names and given in any order are joined as in the whole log, and as an oracle here joins
them; an import of it that is killed gives, run again, the bytes of one that was not. With the lab's cases beside the source every message of
their truth is joined. Usage: rotation.py HINDCAST SRCDIR [ROUNDS]; one line "ok NAME" or "not ok NAME" a test."""
import datetime
import gzip
import hashlib
import json
import lzma
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HINDCAST, SRC, ROUNDS = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 6
WORK = tempfile.mkdtemp(prefix="hindcast-rotation.")
ENV = {**os.environ, "TZ": "Asia/Kathmandu", "LC_ALL": "C"}
START = datetime.datetime(2022, 12, 30, 22, 0, 0)
failed = False


def tell(name, faults):
    global failed
    for fault in faults[:6]:
        print("   ", str(fault)[:400])
    print(("not ok " if faults else "ok ") + name, flush=True)
    failed |= bool(faults)


def hindcast(*arguments):
    return subprocess.run([HINDCAST, *arguments], capture_output=True, env=ENV, check=False)


def make(rng, messages):
    """Lines (seconds, text), and what each delivery has to say: {text of its line: (from, client, message id, texts of the lines cited)}."""
    lines, free = [], {("mx1", "postfix"): [], ("mx2", "postfix"): [], ("mx1", "postfix-out"): []}
    want, t0 = {}, 0
    for n in range(messages):
        t0 += rng.randrange(90)
        host, instance = rng.choice(sorted(free))
        pool = free[host, instance]
        again = [entry for entry in pool if entry[0] < t0]
        queue = rng.choice(again)[1] if again and rng.random() < 0.4 else "%X%05X" % (rng.randrange(256, 4096), n)
        pool[:] = [entry for entry in pool if entry[1] != queue]
        t, mine = t0, []

        def line(program, text):
            lines.append((t, n, len(mine), "%%s %s %s/%s[%d]: %s: %s" % (host, instance, program, rng.randrange(9999), queue, text)))
            mine.append(lines[-1][3])

        sender, client, mid = "s%d@x.example" % n, "192.0.2.%d" % rng.randrange(256), "m%d@x.example" % n
        user = "u%d" % n if rng.random() < 0.4 else None  # who hands it in has signed in
        line("smtpd", "client=h.example[%s]%s" % (client, ", sasl_method=PLAIN, sasl_username=%s" % user if user else ""))
        if user:
            want[mine[-1]] = (user, client, None, [], None)
        t += rng.randrange(3)
        line("cleanup", "message-id=<%s>" % mid)
        line("qmgr", "from=<%s>, size=1, nrcpt=1 (queue active)" % sender)
        cited = list(mine)
        if user and rng.random() < 0.3:  # nothing more is heard of it: it was sent when it was accepted
            want[mine[-1]] = (user, client, mid, cited[:-1], None)
            pool.append((t, queue))
            continue
        sender = user or sender
        for retry in range(rng.choice([0, 0, 0, 1, 3])):
            t += rng.randrange(300 << retry * 2)
            line("smtp", "to=<r%d@y.example>, relay=none, delay=%d, dsn=4.0.0, status=deferred (try %d)" % (n, t - t0, retry))
            want[mine[-1]] = (sender, client, mid, cited, str(retry + 1))
        t += rng.randrange(4)
        line(rng.choice(["smtp", "local", "lmtp"]), "to=<r%d@y.example>, relay=r, delay=%d, dsn=2.0.0, status=sent (ok %d)" % (n, t - t0, n))
        want[mine[-1]] = (sender, client, mid, cited, None)
        line("qmgr", "removed")
        pool.append((t, queue))
    lines.sort(key=lambda entry: entry[:3])
    return [(t, text) for t, _, _, text in lines], want


def stamp(t):
    at = START + datetime.timedelta(seconds=t)
    return at.strftime("%b %e %H:%M:%S")


def write(folder, name, texts):
    data = "".join(text + "\n" for text in texts).encode()
    with open(os.path.join(folder, name), "wb") as f:
        f.write(gzip.compress(data, mtime=0) if name.endswith(".gz") else lzma.compress(data) if name.endswith(".xz") else data)


def facts(case):
    """Of each delivery, by its text without the time: what it says and the lines that it cites; and the accounting."""
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(case, "hindcast.db"), uri=True)
    texts = {}

    def text(source, offset, length):
        if source not in texts:
            path = db.execute("SELECT path FROM source WHERE id = ?", (source,)).fetchone()[0]
            path = os.path.join(case, path) if not path.startswith("external/") else os.path.join(case, "files", path[9:])
            with (gzip.open if path.endswith(".gz") else lzma.open if path.endswith(".xz") else open)(path, "rb") as f:
                texts[source] = f.read()
        return texts[source][offset:offset + length].decode()[15:]
    found = {}
    for (event, source, offset, length, sender, client, mid, deferrals) in db.execute("""
            SELECT e.id, source, "offset", length, a.name, i.name, m.name, fields ->> 'deferrals' FROM event AS e LEFT JOIN entity AS a ON a.id = actor
            LEFT JOIN entity AS i ON i.id = address LEFT JOIN entity AS m ON m.id = message""").fetchall():
        parts = sorted(text(*row) for row in db.execute("SELECT source, \"offset\", length FROM witness WHERE event = ?", (event,)).fetchall())
        found[text(source, offset, length)] = (sender, client, mid, parts, deferrals)
    counts = db.execute("SELECT sum(records), sum(events), sum(ignored), sum(joined), sum(rejected) FROM source").fetchone()
    db.close()
    return found, counts


NAMINGS = [lambda i, n: "mail.log" + ("" if i == n - 1 else ".%d" % (n - 1 - i) + (".gz" if i < n - 2 else "")),
           lambda i, n: "maillog" if i == n - 1 else "maillog.%d%s" % (n - 2 - i, ".xz" if i % 2 else ""),
           lambda i, n: "mail.log" if i == n - 1 else "mail.log-202301%02d.gz" % (i + 1),
           lambda i, n: "mail.log" if i == n - 1 else "mail.log.%d" % (i + 1)]  # numbered the wrong way round: the times tell


def joined():
    faults = []
    for seed in range(ROUNDS):
        rng = random.Random(seed)
        lines, want = make(rng, 120)
        texts = [text % stamp(t) for t, text in lines]
        cuts = sorted(rng.sample(range(1, len(texts)), rng.randrange(1, 5)))
        naming = NAMINGS[seed % len(NAMINGS)]
        case = os.path.join(WORK, "joined%d" % seed)
        files = os.path.join(case, "files")
        os.makedirs(files)
        pieces = [texts[a:b] for a, b in zip([0] + cuts, cuts + [len(texts)])]
        names = [naming(i, len(pieces)) for i in range(len(pieces))]
        for name, piece in zip(names, pieces):
            write(files, name, piece)
        rng.shuffle(names)
        done = hindcast("import", "-q", "-C", case, "--zone", "UTC", "--year", "2022", *(os.path.join(files, name) for name in names))
        if done.returncode:
            faults.append("seed %d: status %d: %s" % (seed, done.returncode, done.stderr.decode()))
            continue
        found, counts = facts(case)
        expect = {k[2:]: (*v[:3], sorted(c[2:] for c in v[3]), v[4]) for k, v in want.items()}
        faults += ["seed %d: %s: %s, expected %s" % (seed, k, found.get(k), v) for k, v in expect.items() if found.get(k) != v]
        if counts != (len(texts), len(want), 0, len(texts) - len(want), 0):
            faults.append("seed %d: accounting %s" % (seed, counts))
        if hindcast("verify", "-C", case, "--at", files).returncode:
            faults.append("seed %d: verify fails" % seed)
    tell("messages of rotated logs are joined as in the whole log", faults)


def digest(case):
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(case, "hindcast.db"), uri=True)
    out = hashlib.sha256("\n".join(db.iterdump()).encode()).hexdigest(), db.execute("PRAGMA integrity_check").fetchone()[0]
    db.close()
    return out


def killed():
    rng = random.Random(11)
    lines, _ = make(rng, 6000)
    texts = [text % stamp(t // 40) for t, text in lines]
    case, faults, hit = os.path.join(WORK, "killed"), [], 0
    os.makedirs(os.path.join(case, "evidence"))
    with open(os.path.join(case, "case.yaml"), "w", encoding="utf-8") as f:
        f.write("sources:\n- path: evidence/*\n  zone: UTC\n  year: 2022\n")
    for name, piece in zip(["mail.log.2.gz", "mail.log.1", "mail.log"], [texts[:9000], texts[9000:20000], texts[20000:]]):
        write(os.path.join(case, "evidence"), name, piece)
    began = time.monotonic()
    hindcast("run", "-q", case)
    took, want = time.monotonic() - began, digest(case)
    for i in range(ROUNDS):
        os.remove(os.path.join(case, "hindcast.db"))
        run = subprocess.Popen([HINDCAST, "run", "-q", case], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENV)
        time.sleep(took * (i + rng.random()) / ROUNDS)
        run.kill()
        hit += run.wait() == -9
        if hindcast("run", "-q", case).returncode or digest(case) != want:
            faults.append("kill %d: other bytes" % i)
    if not hit:
        faults.append("no run was killed in time")
    tell("a run over rotated logs that is killed and run again gives the same bytes", faults)


def grown():
    rng = random.Random(5)
    lines, _ = make(rng, 100)
    texts = [text % stamp(t) for t, text in lines]
    case, faults = os.path.join(WORK, "grown"), []
    os.makedirs(os.path.join(case, "evidence"))
    with open(os.path.join(case, "case.yaml"), "w", encoding="utf-8") as f:
        f.write("sources:\n- path: evidence/*\n  zone: UTC\n  year: 2022\n")
    half = len(texts) // 2
    write(os.path.join(case, "evidence"), "mail.log.2", texts[:half // 2])
    write(os.path.join(case, "evidence"), "mail.log.1", texts[half // 2:half])
    hindcast("run", "-q", case)
    write(os.path.join(case, "evidence"), "mail.log", texts[half:])
    hindcast("run", "-q", case)
    found, _ = facts(case)
    whole = os.path.join(WORK, "whole")
    shutil.copytree(case, whole, ignore=shutil.ignore_patterns("hindcast.db*", "report"))
    hindcast("run", "-q", whole)
    expect, _ = facts(whole)
    faults = ["%s: %s, expected %s" % (k, found.get(k), v) for k, v in expect.items() if found.get(k) != v]
    if hindcast("verify", "-C", case).returncode:
        faults.append("verify fails")
    tell("a log that was rotated since it was imported goes on where it ended", faults)


def told(case, *external):
    """The events as text, and whether verify agrees."""
    out = hindcast("events", "-C", case, "-f", "jsonl").stdout
    return out, hindcast("verify", "-C", case, *external)


def apart():
    """Files of one log that are imported by a call each, in any order, with others among them, tell what they tell in one call."""
    faults = []
    for seed in range(ROUNDS):
        rng = random.Random(1000 + seed)
        lines, _ = make(rng, 60)
        late = START + datetime.timedelta(days=1)  # the lines go over New Year
        texts = [text % (late + datetime.timedelta(seconds=t * 8)).strftime("%b %e %H:%M:%S") for t, text in lines]
        cuts = sorted(rng.sample(range(1, len(texts)), 3))
        pieces = [texts[a:b] for a, b in zip([0] + cuts, cuts + [len(texts)])]
        names = [NAMINGS[seed % 3](i, len(pieces)) for i in range(len(pieces))]
        outside = seed % 2  # of the case
        case = os.path.join(WORK, "apart%d" % seed)
        files = os.path.join(case, "files") if outside else os.path.join(case, "evidence")
        os.makedirs(files)
        if outside:
            files = os.path.join(WORK, "files%d" % seed)
            os.makedirs(files)
        else:
            with open(os.path.join(case, "case.yaml"), "w", encoding="utf-8") as f:
                f.write("sources:\n- path: evidence/*\n  zone: UTC\n  year: 2022\n")
        for name, piece in zip(names, pieces):
            write(files, name, piece)
        write(files, "other.log", ["2023-01-0%dT00:00:00Z mx1 sshd[1]: Accepted password for s1 from 192.0.2.1 port 1" % d for d in (1, 2)])
        paths = {name: os.path.join(files, name) for name in names + ["other.log"]}
        flags = ["--zone", "UTC"] if outside else []
        hindcast("import", "-q", "-C", case, *flags, *(["--year", "2022"] if outside else []), *paths.values())
        whole, check = told(case, "--at", files)
        if check.returncode or not whole:
            faults.append("seed %d: in one call: %s" % (seed, check.stderr))
        os.remove(os.path.join(case, "hindcast.db"))
        order = names + ["other.log"]
        rng.shuffle(order)
        for name in order:
            done = hindcast("import", "-q", "-C", case, *flags, *(["--year", "2022"] if outside and name == names[0] else []), paths[name])
            if done.returncode:
                faults.append("seed %d: %s: %s" % (seed, name, done.stderr))
        again, check = told(case, "--at", files)
        if check.returncode:
            faults.append("seed %d: %s: %s" % (seed, order, check.stderr))
        if again != whole:
            a, b = again.decode().splitlines(), whole.decode().splitlines()
            faults.append("seed %d: %s: other events: %s" % (seed, order, [pair for pair in zip(a, b) if pair[0] != pair[1]][:1] or (len(a), len(b))))
        if hindcast("import", "-q", "-C", case, *flags, *paths.values()).returncode or told(case)[0] != again:
            faults.append("seed %d: all of them once more are not known" % seed)
    tell("files of one log that are imported one by one are one log", faults)


def guessed():
    """The year of a younger file that was imported first is that of an older one, as assumed."""
    faults = []
    case, files = os.path.join(WORK, "guessed"), os.path.join(WORK, "guessed.files")
    os.makedirs(case)
    os.makedirs(files)
    write(files, "mail.log.1", ["Dec 30 10:00:00 h app: one", "Dec 31 10:00:00 h app: two"])
    write(files, "mail.log", ["Jan  1 10:00:00 h app: three"])
    hindcast("import", "-q", "-C", case, "--zone", "UTC", "--year", "2024", os.path.join(files, "mail.log"))
    hindcast("import", "-q", "-C", case, "--zone", "UTC", os.path.join(files, "mail.log.1"))
    out, check = told(case, "--at", files)
    times = [(e["time"][:10], "assumed" in e["basis"]) for e in map(json.loads, out.decode().splitlines())]
    if times != [("2023-12-30", True), ("2023-12-31", True), ("2024-01-01", False)]:
        faults.append(times)
    if check.returncode:
        faults.append(check.stderr)
    write(files, "mail.log.1", ["Dec 29 10:00:00 h app: another"])
    write(files, "mail.log.2", ["Dec 20 10:00:00 h app: zero"])
    done = hindcast("import", "-q", "-C", case, "--zone", "UTC", "--year", "2023", os.path.join(files, "mail.log.2"))
    if done.returncode or b"mail.log.2: is read apart from external/mail.log.1, which has changed" not in done.stderr or b"in one call" not in done.stderr:
        faults.append(done.stderr)
    tell("an older file has the year of a younger one, assumed; what has changed is told", faults)


def lab():
    shared = os.environ.get("HINDCAST_SHARED", os.path.join(SRC, "..", "shared"))
    for name in ("pypi-2023-11-22",):
        folder = os.path.join(shared, "evidence", "lab", name)
        if not os.path.isdir(folder):
            print("skipped the messages of %s: it is not here" % name)
            continue
        with open(os.path.join(folder, "truth.json"), encoding="utf-8") as f:
            pairs = json.load(f)["mail_event_pairs"]
        case = os.path.join(WORK, name)
        os.makedirs(os.path.join(case, "evidence"))
        for log in sorted(os.listdir(os.path.join(folder, "mail"))):
            shutil.copy(os.path.join(folder, "mail", log), os.path.join(case, "evidence", log))
        with open(os.path.join(case, "case.yaml"), "w", encoding="utf-8") as f:
            f.write("sources:\n- path: evidence/*\n  zone: America/New_York\n  year: 2023\n")
        hindcast("run", "-q", case)
        events = [json.loads(line) for line in hindcast("events", "-C", case, "-f", "jsonl").stdout.decode().splitlines()]
        faults, n = [], 0
        for pair in pairs:
            lines = [a["line"] for a in pair["attested_by"] if a["file"].startswith("mail/") and any("status=" in part for part in a["line"])]
            if not pair.get("queue_id") or not lines:
                continue
            n += 1
            hits = [e for e in events if (e["message_id"] or "").split("@")[0] == pair["message_id"] and e["target"] == pair["to"] and e["action"].startswith("mail-")]
            wanted = [e for e in hits if (e["raw_time"] or "") == lines[-1][0][:15]] if len(lines[-1][0]) >= 15 else hits
            if not wanted:
                faults.append("%s to %s at %s: %s" % (pair["queue_id"], pair["to"], lines, [e["raw_time"] for e in hits]))
        tell("every message of %s is joined (%d)" % (name, n), faults if n else ["the truth has none"])


joined()
apart()
guessed()
grown()
killed()
lab()
shutil.rmtree(WORK)
sys.exit(failed)
