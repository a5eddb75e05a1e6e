# SPDX-License-Identifier: Apache-2.0
"""Clocks whose error is known, and links whose reason is: clocks.py HINDCAST SRCDIR WORKDIR [LAB]. What is told of a clock must be true, acts
must keep their true instant inside their interval, and nothing may be corrected where nothing can be known. LAB: the evidence lab, which makes
whole cases with a host that runs fast (needs PostgreSQL). Prints one line "ok NAME", "not ok NAME" or "skipped NAME" per question."""
import datetime
import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys

hindcast, source, work = sys.argv[1:4]
lab = sys.argv[4] if len(sys.argv) > 4 else None
bad = 0
UTC = datetime.timezone.utc
START = datetime.datetime(2024, 5, 6, 10, 0, 0, tzinfo=UTC)


def t(name, good, said=""):
    global bad
    print(f"{'ok' if good else 'not ok'} clocks: {name}" + (f" ({said})" if said and not good else ""))
    bad += not good


def run(*args):
    return subprocess.run([hindcast, *args], capture_output=True, text=True, errors="replace")


def rows(case, sql):
    db = sqlite3.connect(f"file:{case}/hindcast.db?mode=ro", uri=True)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def clock(case, path):
    """(least, most, applied, because) in seconds of each piece."""
    return [(None if a is None else a / 1e6, None if b is None else b / 1e6, c, d) for a, b, c, d in rows(
        case, f"SELECT least, most, applied, because FROM clock JOIN source AS s ON s.id = source WHERE s.path = '{path}' ORDER BY piece")]


def holds(piece, seconds):
    return piece[0] is not None and piece[1] is not None and piece[0] <= seconds <= piece[1]


# ---- the model case, its mail host set wrong ----

STAMP = re.compile(r"^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) ", re.M)
AUDIT = re.compile(r'TIMESTAMP="([^"]*)Z"')
RECEIVED = re.compile(r"[A-Z][a-z]{2}, \d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d -0500")


def shifted_log(text, shift):
    """`shift`: local time of a line -> seconds."""
    def one(m):
        at = datetime.datetime.strptime("2023 " + m[1], "%Y %b %d %H:%M:%S")
        at += datetime.timedelta(seconds=shift(at))
        return f"{at:%b} {at.day:2d} {at:%H:%M:%S} "
    return STAMP.sub(one, text)


def shifted_mailbox(text, shift):
    def one(m):
        at = datetime.datetime.strptime(m[0], "%a, %d %b %Y %H:%M:%S %z").replace(tzinfo=None)
        at += datetime.timedelta(seconds=shift(at))
        return f"{at:%a, %d %b %Y %H:%M:%S} -0500"
    return "".join(RECEIVED.sub(one, part) if part.lower().startswith("received:") else part
                   for part in re.split(r"(^Received:(?:.*\n)(?:[ \t].*\n)*)", text, flags=re.M))


def model(name, shift, zone="America/New_York", clock_set=None):
    case = os.path.join(work, name)
    shutil.copytree(os.path.join(source, "examples/pypi-2023-11-22"), case)
    for d, _, files in os.walk(case):
        for f in [d] + [os.path.join(d, f) for f in files]:
            os.chmod(f, 0o755 if os.path.isdir(f) else 0o644)
    for f in ("hindcast.db", "report"):
        path = os.path.join(case, f)
        shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else os.path.exists(path) and os.unlink(path)
    for f, opened in (("mail.log", open), ("mail.log.1.gz", gzip.open)):
        path = os.path.join(case, "evidence/mail", f)
        text = opened(path, "rt", encoding="utf-8", errors="surrogateescape", newline="").read()
        with opened(path, "wt", encoding="utf-8", errors="surrogateescape", newline="") as out:
            out.write(shifted_log(text, shift))
    path = os.path.join(case, "evidence/mailbox/admin.mbox")
    text = open(path, encoding="utf-8", errors="surrogateescape", newline="").read()
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as out:
        out.write(shifted_mailbox(text, shift))
    path = os.path.join(case, "case.yaml")
    text = open(path).read().replace("zone: America/New_York", f"zone: {zone}" + (f"\n    clock: {clock_set}" if clock_set else ""))
    open(path, "w").write(text + (f"  - path: evidence/mailbox/*\n    clock: {clock_set}\n" if clock_set else ""))
    run("run", "-q", case)
    return case


def timeline(case):
    return [json.loads(line) for line in run("timeline", "-C", case, "-f", "jsonl").stdout.splitlines()]


def same_acts(base, case, width=12):
    """Every act of the case as it is, with its true time inside of the interval. What it says otherwise, or ''."""
    key = lambda r: (r["action"], r["actor"], r["target"], r["object"], r["text"])
    found = {}
    for r in timeline(case):
        found.setdefault(key(r), []).append(r)
    parse = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    for r in base:
        fits = [x for x in found.get(key(r), []) if x["time"] is None and r["time"] is None or
                x["time"] and r["time"] and x["time"] <= r["time"] and r["until"] <= x["until"]]
        if not fits:
            return f"{r['time']} {key(r)[:4]}: {[(x['time'], x['until']) for x in found.get(key(r), [])]}"
        if r["time"] and r["action"].startswith("mail-") and (parse(fits[0]["until"]) - parse(fits[0]["time"])).total_seconds() > width:
            return f"{fits[0]['time']} to {fits[0]['until']} is too wide"
    return "" if len(base) == sum(map(len, found.values())) else "more or fewer acts"


def the_model_case():
    right = model("right", lambda at: 0)
    base = timeline(right)
    pieces = clock(right, "evidence/mail/mail.log")
    t("a host that is right is left alone", len(pieces) == 1 and holds(pieces[0], 0) and not pieces[0][2], str(pieces))
    t("and no act is corrected", base and not any("clock-corrected" in r["basis"] for r in base))
    for seconds in (47, 480, -480):
        case = model(f"off{seconds}", lambda at: seconds)
        pieces = clock(case, "evidence/mail/mail.log")
        t(f"a host that runs {seconds} s fast is told", len(pieces) == 1 and holds(pieces[0], seconds) and pieces[0][2], str(pieces))
        t(f"its rotated log and its mailbox have the same clock ({seconds})",
          clock(case, "evidence/mail/mail.log.1.gz") == pieces == clock(case, "evidence/mailbox/admin.mbox"))
        said = same_acts(base, case)
        t(f"every act of it keeps its instant ({seconds})", not said, said)
        mails = [r for r in timeline(case) if r["action"].startswith("mail-")]
        t(f"its mails say that they are corrected ({seconds})",
          mails and all("clock-corrected" in r["basis"] and "the clock of relay1" in r["because"] for r in mails))
        raw = [json.loads(line) for line in run("events", "-C", case, "-f", "jsonl").stdout.splitlines()]
        t(f"its events stay as they were written ({seconds})", not any("clock-corrected" in r["basis"] for r in raw if r["basis"]))
        text = run("sources", "-C", case).stdout
        t(f"sources shows the estimate and its pairs ({seconds})",
          text.count("ahead by 34 and 34 pairs of records; corrected") == 3 and "at least " in text and "at most " in text and
          re.search(r"evidence/db/\w+/warehouse\.sql(\.gz)?:\d+ before evidence/mail/mail\.log", text) is not None)
        shown = {s["source"]: s["clock_estimate"] for s in map(json.loads, run("sources", "-C", case, "-f", "jsonl").stdout.splitlines())}
        one = shown["evidence/mail/mail.log"][0]
        t(f"and so for machines ({seconds})", one["least"] <= seconds * 1e6 <= one["most"] and {p["side"] for p in one["pairs"]} == {"least", "most"} and
          shown["evidence/db/after/warehouse.sql.gz"] == [])
        before = open(os.path.join(case, "report/incident.md")).read()
        run("correlate", "-C", case)
        run("report", "-C", case)
        t(f"and the same again when it is derived again ({seconds})",
          run("verify", "-C", case).returncode == 0 and open(os.path.join(case, "report/incident.md")).read() == before)
    hours = model("zone", lambda at: 0, zone="America/Chicago")
    pieces = clock(hours, "evidence/mail/mail.log")
    t("a wrong zone is told as one", len(pieces) == 1 and holds(pieces[0], -3600) is False and holds(pieces[0], 3600) and "wrong zone" in pieces[0][3], str(pieces))
    for name, when, was, then in (("put right", datetime.datetime(2023, 11, 22, 3, 48, 20), 480, 0), ("set wrong", datetime.datetime(2023, 11, 22, 3, 48, 20), 0, 47)):
        case = model(name.replace(" ", "-"), lambda at: was if at < when else then)
        pieces = clock(case, "evidence/mail/mail.log")
        t(f"a host whose clock was {name} in the middle of it has two pieces", len(pieces) == 2 and holds(pieces[0], was) and holds(pieces[1], then) and
          (pieces[0][2], pieces[1][2]) == (was != 0, then != 0), str(pieces))
        said = same_acts(base, case)
        t(f"and every act keeps its instant ({name})", not said, said)
    late = model("late", lambda at: 480 if at < datetime.datetime(2023, 11, 22, 7, 0, 0) else 0)  # two mails are left to show it
    pieces = clock(late, "evidence/mail/mail.log")
    t("what too few mails say at the end is believed as far as it ends the correction", len(pieces) == 2 and pieces[0][2] and not pieces[1][2] and
      "too few" in pieces[1][3], str(pieces))
    said = same_acts(base, late)
    t("and every act keeps its instant (late)", not said, said)
    gaining = model("gaining", lambda at: round(300 + 8 * (at - datetime.datetime(2023, 11, 20)).total_seconds() / 86400))
    pieces = clock(gaining, "evidence/mail/mail.log")
    said = same_acts(base, gaining, 40)
    t("where it gains 8 s a day, every act keeps its instant", any(p[2] for p in pieces) and not said, f"{said}: {pieces}")
    given = model("given", lambda at: 47, clock_set="47s")
    t("a clock that the case sets is not asked for", clock(given, "evidence/mail/mail.log") == [])
    said = same_acts(base, given, 2)
    t("and it is corrected as said", not said, said)


# ---- made evidence ----

class Made:
    """Mails of a service through hosts. Times are true seconds after START; a host writes them by its clock."""

    def __init__(self, name, **hosts):
        self.case = os.path.join(work, name)
        self.hosts = {h: (o if callable(o) else lambda t, o=o: o) for h, o in hosts.items()}
        self.lines = {h: [] for h in hosts}
        self.events, self.mbox, self.n, self.boxes = [], [], 0, {}

    def log(self, host, at, text, program="postfix/smtp"):
        wall = START + datetime.timedelta(seconds=at + self.hosts[host](at))
        self.lines[host].append((at, len(self.lines[host]), f"{wall:%b} {wall.day:2d} {wall:%H:%M:%S} {host} {program}[77]: {text}"))

    def ses(self, kind, at, ident, to, accepted, **more):
        stamp = lambda s: (START + datetime.timedelta(seconds=s)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z"
        mail = {"timestamp": stamp(accepted), "source": "noreply@site.example", "messageId": ident, "destination": [to],
                "commonHeaders": {"subject": f"Notice to {to}", "messageId": more.pop("header", ident)}}
        part = {"Delivery": {"delivery": {"timestamp": stamp(at), "recipients": [to], **more}}, "Send": {"send": {}}}[kind]
        self.events.append(json.dumps({"eventType": kind, "mail": mail, **part}))

    def hop(self, host, at, queue, message, to, arrive=0.3, answer="250 2.0.0 Ok", local=False):
        """In at `at` + arrive seconds before it goes on at `at`."""
        self.log(host, at - arrive, f"{queue}: client=a.site.example[192.0.2.1]", "postfix/smtpd")
        self.log(host, at - arrive, f"{queue}: message-id=<{message}>", "postfix/cleanup")
        self.log(host, at - arrive, f"{queue}: from=<noreply@site.example>, size=1, nrcpt=1 (queue active)", "postfix/qmgr")
        self.log(host, at, f"{queue}: to=<{to}>, relay=x[192.0.2.9]:25, delay={arrive:.2f}, delays=0/0/0/0, dsn=2.0.0, status=sent ({answer})",
                 "postfix/lmtp" if local else "postfix/smtp")
        self.log(host, at, f"{queue}: removed", "postfix/qmgr")

    def received(self, host, at, queue, came):
        wall = START + datetime.timedelta(seconds=at + self.hosts[host](at))
        return f"Received: from {came} by {host} (Postfix) with ESMTP id {queue}; {wall:%a, %d %b %Y %H:%M:%S +0000}\n"

    def box(self, ident, *received):
        """Into the mailbox of the host of the first of them."""
        host = received[0].split(" by ")[1].split()[0]
        self.boxes.setdefault(host, []).append(f"From a@x.example Mon May  6 10:00:00 2024\n{''.join(received)}Message-ID: <{ident}>\n"
                                               f"From: a@x.example\nTo: user@{host}\nSubject: one\n\nText.\n\n")

    def ident(self):
        self.n += 1
        return f"0100018f{self.n:08x}-5b1f2c0e-77aa-4d0b-9c41-{self.n:012x}-000000", f"{self.n:04X}3BC0FFEE", f"user{self.n}@mail.example"

    def write(self):
        os.makedirs(self.case + "/evidence")
        open(self.case + "/evidence/ses.ndjson", "w").write("".join(e + "\n" for e in self.events))
        for host, lines in self.lines.items():
            if lines:
                open(f"{self.case}/evidence/{host}.log", "w").write("".join(text + "\n" for _, _, text in sorted(lines)))
        for host, box in self.boxes.items():
            open(f"{self.case}/evidence/{host}.mbox", "w").write("".join(box))
        if self.mbox:
            open(self.case + "/evidence/box.mbox", "w").write("".join(self.mbox))
        open(self.case + "/case.yaml", "w").write("title: made\nwindow: [2024-05-01, 2024-06-01]\nsources:\n" + "".join(
            f"  - path: evidence/{h}.log\n    zone: UTC\n    year: 2024\n" for h in self.hosts))
        done = run("run", "-q", self.case)
        assert done.returncode in (0, 3), done.stderr
        return self

    def clock(self, host):
        return clock(self.case, f"evidence/{host}.log")


def notices(made, n, way=lambda i: 0.5, back=lambda i: 0.4, reported=True, host="relay", gap=600):
    """The service hands a mail to a host, which passes it on; the service hears of it."""
    for i in range(n):
        ident, queue, to = made.ident()
        at = i * gap
        made.ses("Send", at, ident, to, at)
        made.hop(host, at + way(i) + 0.3, queue, ident + "@email.amazonses.com", to)
        made.ses("Delivery", at + way(i) + 0.3 + back(i), ident, to, at, **({"reportingMTA": host} if reported else {}))
    return made


def nothing_is_corrected(made, host, words, truth=0):
    pieces = made.clock(host)
    return pieces and not any(p[2] for p in pieces) and all(words in p[3] for p in pieces) and \
        all(p[0] is None or p[0] <= truth for p in pieces) and all(p[1] is None or truth <= p[1] for p in pieces)


def made_clocks():
    m = notices(Made("m47", relay=47), 20).write()
    t("made: 47 s fast", len(m.clock("relay")) == 1 and holds(m.clock("relay")[0], 47) and m.clock("relay")[0][2], str(m.clock("relay")))
    m = notices(Made("mfew", relay=47), 2).write()
    t("made: two mails tell nothing", nothing_is_corrected(m, "relay", "too few pairs", 47), str(m.clock("relay")))
    m = notices(Made("mnoise", relay=1.4), 20).write()
    t("made: a second is noise", nothing_is_corrected(m, "relay", "no offset that is more than noise", 1.4), str(m.clock("relay")))
    m = notices(Made("mone", relay=47), 20, reported=False).write()
    t("made: bounded on one side only", nothing_is_corrected(m, "relay", "bounded on one side only", 47), str(m.clock("relay")))
    m = notices(Made("mgrey", relay=0), 20, way=lambda i: 300 + i % 3).write()
    t("made: every mail put off by five minutes on its way is no clock", nothing_is_corrected(m, "relay", "no offset that is more than noise"),
      str(m.clock("relay")))
    m = notices(Made("mgrey1", relay=0), 20, way=lambda i: 300 + i % 3, reported=False).write()
    t("made: nor where only one side is seen", nothing_is_corrected(m, "relay", "bounded on one side only"), str(m.clock("relay")))
    m = notices(Made("mback", relay=47), 20, back=lambda i: 120 + i).write()
    t("made: a slow way back hides the offset", nothing_is_corrected(m, "relay", "no offset that is more than noise", 47), str(m.clock("relay")))
    m = notices(Made("masym", relay=300), 20, back=lambda i: 255 + i % 3).write()
    t("made: or leaves it less certain than it is large", nothing_is_corrected(m, "relay", "less certain than it is large", 300),
      str(m.clock("relay")))
    m = notices(Made("mstep", relay=lambda at: 480 if at < 20 * 600 else -60), 40).write()
    p = m.clock("relay")
    t("made: set from 480 s fast to a minute slow", len(p) == 2 and holds(p[0], 480) and p[0][2] and holds(p[1], -60) and p[1][2], str(p))
    m = notices(Made("mwander", relay=lambda at: 100 * (1 if at // 3000 % 2 else -1)), 100).write()
    p = m.clock("relay")
    t("made: a clock that is set again and again is not corrected", len(p) == 1 and p[0][:3] == (None, None, 0) and "was set more than" in p[0][3], str(p))
    # fast by 47 s, gaining 2 s a day over three weeks, with mails that are late among them; then set right, and gaining on
    for name, gains, set_at in (("mdrift", 2, None), ("mlose", -3.5, None), ("mdriftset", 2, 14 * 86400)):
        wrong = lambda at: 47 + gains * at / 86400 if not set_at or at < set_at else gains * (at - set_at) / 86400
        m = notices(Made(name, relay=wrong), 21 * 12, way=lambda i: 0.5 + 900 * (i % 5 == 0), back=lambda i: 0.4 + 700 * (i % 7 == 0), gap=7200).write()
        p = m.clock("relay")
        shown = [s for s in map(json.loads, run("sources", "-C", m.case, "-f", "jsonl").stdout.splitlines()) if s["source"] == "evidence/relay.log"][0]
        drift = shown["clock_estimate"][0]["drift"]
        t(f"made: a clock that drifts is told as one piece ({name})", len(p) == (2 if set_at else 1) and p[0][2] and abs(drift / 1e6 - gains) < 0.2 and
          "a day, so that it was" in p[0][3], str((p, drift)))
    # a stranger's mails under ids of the service: they cannot come before it, and what they repeat is not taken
    m = notices(Made("mforged", relay=47), 20)
    for i in range(8):
        ident = f"0100018f{i + 1:08x}-5b1f2c0e-77aa-4d0b-9c41-{i + 1:012x}-000000"
        m.hop("relay", 600 * i + 4000, f"AB{i:02X}3BC0FFEE", ident + "@email.amazonses.com", f"user{i + 1}@mail.example")
    p = m.write().clock("relay")
    t("made: mails sent again under old ids change nothing", len(p) == 1 and holds(p[0], 47), str(p))
    # two hosts: the second is only known by the first, whose answer names its queue ids
    m = Made("mtwo", relay=47, mx=-20)
    for i in range(20):
        ident, queue, to = m.ident()
        m.ses("Send", 600 * i, ident, to, 600 * i)
        m.hop("relay", 600 * i + 1.2, queue, ident + "@email.amazonses.com", to, 0.9, f"250 2.0.0 Ok: queued as MX{i:02X}3BC0FFEE")
        m.hop("mx", 600 * i + 1.4, f"MX{i:02X}3BC0FFEE".replace("M", "B").replace("X", "C"), ident + "@email.amazonses.com", to, 0.3, local=True)
        m.lines["relay"][-2:] = [(a, b, s.replace(f"MX{i:02X}", f"BC{i:02X}")) for a, b, s in m.lines["relay"][-2:]]
        m.ses("Delivery", 600 * i + 1.8, ident, to, 600 * i, reportingMTA="dns; relay")
    m.write()
    p, q = m.clock("relay"), m.clock("mx")
    t("made: a host by another host", holds(p[0], 47) and p[0][2] and holds(q[0], -20) and q[0][2], str((p, q)))
    # our own host hands it to the service: its log has the Message-ID that we gave
    m = Made("mown", relay=47)
    for i in range(20):
        ident, queue, to = m.ident()
        own = f"order-{i}@site.example"
        m.hop("relay", 600 * i + 1, queue, own, to, 0.8, "250 Ok " + ident)
        m.ses("Delivery", 600 * i + 3, ident, to, 600 * i + 0.7, header=f"<{own}>")
    p = m.write().clock("relay")
    t("made: a host before the service, by the header that the service saw", holds(p[0], 47) and p[0][2], str(p))
    kinds = dict(rows(m.case, "SELECT kind, count(*) FROM link GROUP BY kind"))
    t("made: and these are linked, with the reason", kinds == {"header-id": 20} and "order-" in rows(m.case, "SELECT because FROM link")[0][0], str(kinds))


def told_beside(made, host, other, truth, width):
    """What is told of the one clock beside the other, in seconds; nothing of it is applied."""
    found = rows(made.case, f"SELECT c.least, c.most, c.applied, o.host, c.because FROM clock AS c JOIN source AS s ON s.id = c.source "
                            f"JOIN source AS o ON o.id = c.than WHERE s.path = 'evidence/{host}.log'")
    return len(found) == 1 and found[0][3] == other and not found[0][2] and found[0][0] is not None and found[0][1] is not None and \
        found[0][0] / 1e6 <= truth <= found[0][1] / 1e6 and (found[0][1] - found[0][0]) / 1e6 <= width and "that of " + other in found[0][4], str(found)


def exchange(made, n, logged, forged=0):
    """Mails between two hosts and into their mailboxes. The logs have the Message-ID (`logged`), or only the queue id that the Received line names."""
    for i in range(n):
        at, (a, b) = i * 600, (("east", "west"), ("west", "east"))[i % 2]
        ident, queue = f"m{i}@x.example", f"{i:04X}3BC0FFEE"
        made.hop(a, at + 0.3, queue, ident if logged else f"other{i}@y.example", f"user@{b}")
        made.box(ident, made.received(b, at + 0.7, f"{i:04X}4BC0FFEE", a), made.received(a, at + 0.1, queue, "client.example"))
    for i in range(forged):
        queue = f"{i % n:04X}3BC0FFEE" if i % 2 else f"{i:04X}5BC0FFEE"
        made.box(f"forged{i}@z.example", made.received("west", 10000 + i, f"{i:04X}6BC0FFEE", "stranger.example"),
                 made.received("east", 20000 + i, queue, "client.example"))
    return made


def made_hosts():
    for logged in (True, False):
        m = exchange(Made(f"mtwo{logged}", east=47, west=0), 20, logged).write()
        good, said = told_beside(m, "east", "west", 47, 6)
        t(f"hosts: two that nothing ties to a known clock are told beside each other (Message-ID in the log: {logged})", good, said)
        good, said = told_beside(m, "west", "east", -47, 6)
        t(f"hosts: and the other way round ({logged})", good, said)
        text = run("sources", "-C", m.case).stdout
        t(f"hosts: sources says so, and shows the pairs ({logged})", "of that of west by 10 and 10 pairs of records; not corrected: nothing ties either to a clock "
          "that is known" in text and "evidence/east.log:4 before evidence/west.mbox:1: " in text and not any(
              "clock-corrected" in r["basis"] for r in timeline(m.case)), text[:600])
    m = exchange(Made("mhopforged", east=47, west=0), 20, False, 40).write()
    good, said = told_beside(m, "east", "west", 47, 6)
    t("hosts: a Received line that the log of its host does not know is a stranger's word", good and "by 10 and 10 pairs" in said, said)
    m = Made("mdeep", east=47, west=0)
    for i in range(12):  # a line is looked at up to the 32nd: behind 30 of others and the mailbox's own, and behind 31
        queue = f"{i:04X}3BC0FFEE"
        m.hop("east", i * 600 + 0.3, queue, f"other{i}@y.example", "user@west")
        m.box(f"deep{i}@x.example", m.received("west", i * 600 + 0.7, "77", "x"), *["Received: from a by b with ESMTP id 1; Mon, 6 May 2024 10:00:00 +0000\n"] * (30 + i % 2),
              m.received("east", i * 600 + 0.1, queue, "client.example"))
    m.write()
    found = rows(m.case, "SELECT least_pairs + most_pairs FROM clock JOIN source AS s ON s.id = source WHERE s.path = 'evidence/east.log'")
    t("hosts: of the Received lines of one message so many are looked at", found == [(6,)], str(found))
    m = notices(exchange(Made("mtied", east=47, west=-5), 20, False), 20, host="west", gap=777).write()
    t("hosts: one that a service ties ties the other", all(len(m.clock(h)) == 1 and holds(m.clock(h)[0], o) and m.clock(h)[0][2] for h, o in (("east", 47), ("west", -5))),
      f"{m.clock('east')} {m.clock('west')}")
    m = Made("malone", east=47)
    m.hop("east", 5, "13BC0FFEE", "alone@x.example", "user@b.example")
    m.write()
    t("hosts: one that nothing ties to another clock says so", m.clock("east")[0][:3] == (None, None, 0) and
      "nothing ties the clock of east to another" in run("sources", "-C", m.case).stdout, str(m.clock("east")))
    m = Made("mmany", **{f"h{i:02d}": i for i in range(12)})
    for i in range(1, 12):
        for n in range(3):
            queue = f"{i:02X}{n:02X}3BC0FFEE"
            m.hop("h00", i * 600 + n * 60, queue, f"m{i}x{n}@x.example", "user@b.example")
            m.box(f"m{i}x{n}@x.example", m.received(f"h{i:02d}", i * 600 + n * 60 + 0.5, "77", "h00"), m.received("h00", i * 600 + n * 60, queue, "c.example"))
    m.write()
    t("hosts: beside so many others a clock is told", len(m.clock("h00")) == 8, str(len(m.clock("h00"))))


def mail_of(subject, ident, at, **headers):
    when = (START + datetime.timedelta(seconds=at)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    head = "".join(f"{k.replace('_', '-')}: {v}\n" for k, v in headers.items())
    return (f"From a@mail.example {(START + datetime.timedelta(seconds=at)).strftime('%a %b %d %H:%M:%S %Y')}\n"
            f"Received: from x by box.site.example with ESMTP id 77; {when}\nMessage-ID: <{ident}>\nDate: {when}\nFrom: a@mail.example\n"
            f"To: user1@mail.example\nSubject: {subject}\n{head}\nText.\n\n")


def made_links():
    m = Made("links", relay=0)
    ident, queue, to = m.ident()
    m.ses("Send", 0, ident, to, 0)
    m.hop("relay", 1, queue, ident + "@eu-west-1.amazonses.com", to)
    m.ses("Delivery", 2, ident, to, 0, reportingMTA="relay")
    other = f"{ident}@elsewhere.example"  # the service's id behind somebody's own domain: a stranger may write that
    m.hop("relay", 5, "AA113BC0FFEE", other, "zoe@mail.example")
    m.mbox = [mail_of("Notice", ident + "@eu-west-1.amazonses.com", 3),
              mail_of("Re: Notice", "re1@mail.example", 60, In_Reply_To=f"<{ident}@eu-west-1.amazonses.com>"),
              mail_of("Re: Re: Notice", "re2@mail.example", 90, References="<gone@mail.example> <re1@mail.example>\n <never@mail.example>"),
              mail_of("Alone", "alone@mail.example", 95, In_Reply_To="<nobody@mail.example>"),
              mail_of("Undelivered", "dsn@relay.example", 120, MIME_Version="1.0",
                      Content_Type="multipart/report; report-type=delivery-status; boundary=b").replace("Text.\n",
                      "--b\n\nNo.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay\n\nFinal-Recipient: rfc822; "
                      f"{to}\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{ident}@eu-west-1.amazonses.com>\n"
                      "Subject: Notice\n--b--\n")]
    m.write()
    found = rows(m.case, "SELECT l.kind, (SELECT s.path || ':' || e.line FROM event AS e JOIN source AS s ON s.id = e.source WHERE e.id = l.a), "
                         "(SELECT s.path || ':' || e.line FROM event AS e JOIN source AS s ON s.id = e.source WHERE e.id = l.b), because FROM link AS l ORDER BY 1, 3")
    wire = [f for f in found if f[0] == "wire-id"]
    t("links: the service's id and the Message-ID that it makes of it", [w[2] for w in wire] == ["evidence/box.mbox:1", "evidence/relay.log:4"] and
      all("eu-west-1.amazonses.com" in w[3] for w in wire), str(found))
    t("links: not behind another domain", not any("elsewhere" in f[3] for f in found), str(found))
    replies = [f[1:] for f in found if f[0] == "reply"]
    t("links: answers, by In-Reply-To and else by the last of References that is here", len(replies) == 2 and
      replies[0][1] == "evidence/box.mbox:11" and replies[0][2] == f"In-Reply-To names {ident}@eu-west-1.amazonses.com" and
      replies[1] == ("evidence/box.mbox:11", "evidence/box.mbox:22", "References name re1@mail.example"), str(replies))
    bounces = [f[1:] for f in found if f[0] == "bounce"]
    t("links: a bounce and what it is about", len(bounces) == 1 and bounces[0][2] == f"the report names the Message-ID {ident}@eu-west-1.amazonses.com" and
      bounces[0][0] == "evidence/relay.log:4", str(bounces))
    t("links: nothing else", {f[0] for f in found} == {"wire-id", "reply", "bounce"}, str(found))


def the_lab():
    scenario = os.path.join(lab, "scenarios/pypi-2023-11-22.json")
    for seconds in (47, 480, 0):
        made, case = os.path.join(work, f"lab{seconds}"), os.path.join(work, f"labcase{seconds}")
        told = json.load(open(scenario))
        told["sources"]["mta"]["offset_s"] = seconds
        json.dump(told, open(made + ".json", "w"))
        done = subprocess.run([sys.executable, os.path.join(lab, "lab.py"), made + ".json", made, "--scale", "tiny"], capture_output=True, text=True)
        if done.returncode:
            print(f"skipped the lab: {done.stderr.strip().splitlines()[-1:]}")
            return
        os.makedirs(case)
        shutil.copy(made + "/case.yaml", case)
        for d in ("mail", "mailbox", "ses", "chat", "audit"):
            shutil.copytree(f"{made}/{d}", f"{case}/evidence/{d}")
        path = f"{case}/evidence/audit/db-audit.xml"
        text = AUDIT.sub(lambda m: f'TIMESTAMP="{(datetime.datetime.fromisoformat(m[1]) + datetime.timedelta(seconds=137)).isoformat()}Z"', open(path).read())
        open(path, "w").write(text)
        for d in os.listdir(made + "/db"):
            os.makedirs(f"{case}/evidence/db/{d}")
            for f in os.listdir(f"{made}/db/{d}"):
                if f.startswith("warehouse.sql"):
                    shutil.copy(f"{made}/db/{d}/{f}", f"{case}/evidence/db/{d}/{f}")
        run("run", "-q", case)
        truth = json.load(open(made + "/truth.json"))
        pieces = clock(case, "evidence/mail/mail.log")
        offset = truth["clock_offsets"]["relay1"]["offset_s"]
        t(f"lab: the host {seconds} s fast", len(pieces) == 1 and holds(pieces[0], offset) and pieces[0][2] == (seconds != 0), str(pieces))
        pieces = clock(case, "evidence/audit/db-audit.xml")
        t(f"lab: the audit log of the database, by a clock 137 s fast ({seconds})", len(pieces) == 1 and holds(pieces[0], 137) and pieces[0][2], str(pieces))
        path = os.path.join(work, f"labtimeline{seconds}")
        open(path, "w").write(run("timeline", "-C", case, "-f", "jsonl").stdout)
        out = subprocess.run([sys.executable, os.path.join(source, "tests/timeline.py"), made + "/truth.json", path, case + "/evidence"],
                             capture_output=True, text=True).stdout.splitlines()
        out = out[:-1]
        t(f"lab: each instant of the truth is in its interval, each witness there ({seconds})", not out, "; ".join(out[:3]))


the_model_case()
made_clocks()
made_hosts()
made_links()
if lab and os.path.isdir(lab):
    the_lab()
else:
    print("skipped the lab: it is not there")
sys.exit(bad > 0)
