# SPDX-License-Identifier: Apache-2.0
"""Nights and New Years of a whole case: lab.py HINDCAST SRCDIR WORKDIR LAB [--all]. The evidence lab plays scenarios of our own whose mail
host lives through them. Every line of its logs is known by its true instant, every message by what became of it; the same messages are then written as
other daemons and other carriers write them. Prints one line "ok NAME", "not ok NAME" or "skipped NAME" per question; --all plays each scenario."""
import contextlib
import datetime
import gzip
import importlib
import io
import json
import os
import pwd
import re
import shutil
import sqlite3
import subprocess
import sys
import zoneinfo

hindcast, source, work, lab = sys.argv[1:5]
every = "--all" in sys.argv
UTC = datetime.timezone.utc
bad = 0
sys.dont_write_bytecode = True


def t(name, good, said=""):
    global bad
    print(f"{'ok' if good else 'not ok'} lab: {name}" + (f" ({said})" if said and not good else ""), flush=True)
    bad += not good


def run(*args):
    return subprocess.run([hindcast, *args], capture_output=True, text=True, errors="replace")


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def us(when):
    """Microseconds of the epoch."""
    return (when - datetime.datetime(1970, 1, 1, tzinfo=UTC)) // datetime.timedelta(microseconds=1)


def at(micros):
    return datetime.datetime(1970, 1, 1, tzinfo=UTC) + datetime.timedelta(microseconds=micros)


# ---- scenarios ----

def scenario(name, start, rotate, end, zone, offset=0, crowd=(), until=None):
    """An ordinary time with a mail host in `zone`. `crowd`: (first, last, minutes): a person who asks for a new password again and again."""
    steps = []
    for first, last, minutes in crowd:
        when = instant(first)
        while when < instant(last):
            steps.append({"at": when.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "do": "reset_request", "user": "nightowl", "phase": "ordinary"})
            when += datetime.timedelta(minutes=minutes, seconds=13)
    return {
        "history_start": "2019-01-01T00:00:00Z", "period": {"start": start, "end": end}, "name": name, "seed": name, "scale": "tiny", "incident_id": None,
        "admins": [{"user": user, "name": user.title(), "slack": f"U0ADM{user.upper()}", "ip": f"192.0.2.{201 + i}"} for i, user in enumerate(("kit", "rowan", "sage"))],
        "registry": {"name": "Registry", "domain": "registry.example", "github_org": "registry-example"},
        "sources": {"mta": {"host": "relay1", "ip": "192.0.2.25", "tz": zone, "offset_s": offset, "log_start": start, "rotate_at": rotate,
                            "queue_ids": "short", "rfc3339_all": True},
                    "exim": {"host": "mx1", "domain": "example.net", "tz": zone, "offset_s": 0}, "ses_start": start, "collected_at": end},
        "origins": {}, "projects": [], "export_accounts": [], "steps": steps,
        "accounts": [{"user": "nightowl", "name": "Night Owl", "email": "nightowl@mail.example", "ip": "192.0.2.150", "geo": 0, "joined": "2020-12-06T18:20:11.204Z",
                      "logins": []}],
        "dumps": [{"name": "only", "at": end, "formats": ["sql"]}], "notes": {"title": name, "date": end[:10], "facts": []},
        "truth": {"verdict": "none", "incidents": [], "metrics": {}, "gaps": [], "negative_facts": []}}


AUTUMN = ("2023-11-05T05:03:11Z", "2023-11-05T07:10:00Z", 4)  # 01:03 EDT to 02:10 EST: through both 01:30 of New York
SPRING = ("2023-03-12T06:20:11Z", "2023-03-12T08:00:00Z", 4)
YEAR = ("2024-01-01T04:20:11Z", "2024-01-01T05:40:00Z", 6)    # midnight of New York is at 05:00
SCENARIOS = {
    "everything": scenario("everything", "2023-11-04T22:00:00Z", "2023-12-10T05:00:00Z", "2024-01-03T12:00:00Z", "America/New_York", 480, (AUTUMN, YEAR)),
    "new-year": scenario("new-year", "2023-12-29T12:00:00Z", "2023-12-29T11:00:00Z", "2024-01-03T12:00:00Z", "America/New_York", 0, (YEAR,)),
    "new-year-rotated": scenario("new-year-rotated", "2023-12-29T12:00:00Z", "2024-01-01T05:02:00Z", "2024-01-03T12:00:00Z", "America/New_York", 0, (YEAR,)),
    "autumn": scenario("autumn", "2023-11-04T22:00:00Z", "2023-11-04T21:00:00Z", "2023-11-06T12:00:00Z", "America/New_York", 0, (AUTUMN,)),
    "autumn-rotated": scenario("autumn-rotated", "2023-11-04T22:00:00Z", "2023-11-05T06:20:00Z", "2023-11-06T12:00:00Z", "America/New_York", 0, (AUTUMN,)),
    "spring": scenario("spring", "2023-03-11T22:00:00Z", "2023-03-11T21:00:00Z", "2023-03-13T12:00:00Z", "America/New_York", 0, (SPRING,)),
}


DRIFT = 2.5  # seconds a day
DRIFTING = scenario("drifting", "2023-11-04T22:00:00Z", "2023-12-10T05:00:00Z", "2024-01-03T12:00:00Z", "America/New_York", 480, (AUTUMN, YEAR))


SHIFTED = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z")
MODEL = {  # the model case, played so that it begins elsewhere, by a mail host that runs eight minutes fast
    "model-autumn": datetime.timedelta(days=-17, hours=-3),               # 01:42 EDT of the night in which clocks are set back
    "model-new-year": datetime.timedelta(days=39, hours=20, minutes=-10)}  # a quarter of an hour before midnight of New York


def visible(name):
    told = json.load(open(os.path.join(lab, "scenarios", name + ".json")))
    told["sources"]["mta"]["rfc3339_all"] = True
    return told


def moved(name):
    def one(m):
        when = instant(m[0]) + MODEL[name]
        return when.isoformat(timespec="milliseconds" if m[2] and len(m[2]) == 4 else "microseconds").replace("+00:00", "Z")
    told = json.loads(SHIFTED.sub(one, json.dumps(visible("pypi-2023-11-22"))))
    told["sources"]["mta"]["offset_s"] = 480
    return told


class Gaining:
    """What the host's clock is ahead: added to a true instant it gives the reading. `drift` seconds more a day."""

    def __init__(self, told, drift):
        self.base, self.drift, self.start = int(told["sources"]["mta"]["offset_s"] * 1000000), drift, us(instant(told["sources"]["mta"]["log_start"]))

    def __radd__(self, when):
        return when + self.base + round((when - self.start) * self.drift / 86400)


def play(told, out, offset=None):
    """Plays a scenario. The lab's own lines and messages, before they are written; `offset`: how far the mail host is ahead, where that changes."""
    module, writers = importlib.import_module("lab"), importlib.import_module("evidence")
    kept = []
    if not hasattr(writers, "plain_logs"):
        writers.plain_logs = writers.MailLogs

    class Logs(writers.plain_logs):
        def write(self, end):
            self.off = offset or self.off
            super().write(end)
            kept.append(self)
    writers.MailLogs = Logs
    path = out + ".json"
    json.dump(told, open(path, "w"))
    sys.argv = ["lab.py", path, out]
    with contextlib.redirect_stdout(io.StringIO()):
        module.main()
    return kept[0]


def can_play():
    """Is there a PostgreSQL that the lab can use? Else why not."""
    box = importlib.import_module("pgbox")
    programs = [os.path.join(box.find_bin() or "", name) for name in ("initdb", "postgres", "psql", "pg_dump")]
    if os.getuid() == 0 and not any(p.pw_name == "postgres" for p in pwd.getpwall()):
        return "the account postgres is not there"
    return next((f"{p} is not there" for p in programs if not os.access(p, os.X_OK)), None)


# ---- what the order of lines decides ----

def readings(wall, zone):
    """Instants of a local second: none in the skipped hour, two in the repeated."""
    found = []
    for fold in (0, 1):
        when = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if when.astimezone(zone).replace(tzinfo=None) == wall and when not in found:
            found.append(when)
    return found


def decided(walls, zone):
    """The readings that are left to each of the lines when no line is before the one ahead of it. Lines are in the order of time."""
    sets = [readings(w, zone) for w in walls]
    low = datetime.datetime.min.replace(tzinfo=UTC)
    for s in sets:
        s[:] = [x for x in s if x >= low] or s
        low = s[0]
    high = datetime.datetime.max.replace(tzinfo=UTC)
    for s in reversed(sets):
        s[:] = [x for x in s if x <= high] or s
        high = s[-1]
    return sets


# ---- the case ----

def lay(made, case, only=None):
    """A case folder of what the lab made."""
    os.makedirs(case + "/evidence")
    shutil.copy(made + "/case.yaml", case)
    for d in only or ("mail", "mailbox", "ses", "chat", "audit", "db"):
        shutil.copytree(f"{made}/{d}", f"{case}/evidence/{d}")
    old = f"{case}/evidence/mail/mail.log.1.gz"
    if not gzip.open(old).read():
        os.unlink(old)  # nothing was rotated away
    return case


def events(case):
    done = run("events", "-C", case, "-f", "jsonl")
    return [json.loads(line) for line in done.stdout.splitlines()]


def true_lines(logs, offset=0):
    """File -> true instants of its lines, by the host's own clock: of the lab's mail logs."""
    cut = us(instant(logs.src["rotate_at"]))
    files = {"evidence/mail/mail.log": [], "evidence/mail/mail.log.1.gz": []}
    for when, _, _, _, _ in logs.lines:
        files["evidence/mail/mail.log.1.gz" if when < cut else "evidence/mail/mail.log"].append(at(when + offset))
    return files


def lines_hold(name, found, logs, offset):
    """Each event of a log has the instant of its line inside its interval, and one reading where the order leaves one."""
    zone = zoneinfo.ZoneInfo(logs.src["tz"])
    files = true_lines(logs, offset)
    order = files["evidence/mail/mail.log.1.gz"] + files["evidence/mail/mail.log"]
    walls = [w.astimezone(zone).replace(tzinfo=None, microsecond=0) for w in order]
    left = dict(zip([("evidence/mail/mail.log.1.gz", i) for i in range(len(files["evidence/mail/mail.log.1.gz"]))] +
                    [("evidence/mail/mail.log", i) for i in range(len(files["evidence/mail/mail.log"]))], decided(walls, zone)))
    wrong, wide, seen, double = [], [], 0, 0
    for e in found:
        if e["source"] not in files:
            continue
        true, choice = files[e["source"]][e["line"] - 1], left[e["source"], e["line"] - 1]
        seen += 1
        if not e["time"] or not instant(e["time"]) <= true <= instant(e["until"]):
            wrong.append(f"{e['source']}:{e['line']} is {true}, not {e['time']} to {e['until']}")
        elif len(choice) == 1 and "repeated" not in (e.get("fields") or {}) and instant(e["until"]) - instant(e["time"]) >= datetime.timedelta(seconds=1):
            wide.append(f"{e['source']}:{e['line']} is {true}, told as {e['time']} to {e['until']} {e.get('fields')}")
        double += len(choice) > 1
    t(f"{name}: each of the lines of the log has its instant, its year and its hour", seen > 20 and not wrong, f"{seen} seen; {len(wrong)} wrong: " + "; ".join(wrong[:4]))
    t(f"{name}: and no more than that where the order of the lines decides", seen > 20 and not wide, f"{len(wide)} wide: " + "; ".join(wide[:4]))
    return double


# ---- messages, as several daemons and carriers tell of them ----

SECOND = 1000000


def messages(logs, end):
    """What is true of each message that left the host: id, sender, recipient, and what became of it when (microseconds, action)."""
    out = []
    start = us(instant(logs.src["log_start"]))
    for m in logs.mails:
        if not start <= m["created"] < end:
            continue
        last = m["notified"] - 300000
        fates = [(m["created"] + 1400000, "mail-deferred")] if m["kind"] == "deferred" else []
        fates.append((last, "mail-bounced" if m["kind"] == "bounced" else "mail-sent"))
        out.append({"id": m["mid"] + "@email.amazonses.com", "from": f"{m['mid']}@bounces.{logs.dom}", "to": m["to"], "queued": m["created"],
                    "fates": [f for f in fates if f[0] < end]})
    for m in logs.inbox:
        if start + 60 * SECOND <= m["t"] < end and not m["out"]:
            out.append({"id": m["mid"], "from": m["addr"], "to": "admin@" + logs.dom, "queued": m["t"] - 200000, "fates": [(m["t"], "mail-received")]})
    return out


def joined(name, found, sent, offset, has_id=True):
    """Every message once, with its sender, recipient, fate, number of deferrals and instants, and nothing else of it."""
    key = (lambda e: e["message_id"]) if has_id else (lambda e: e["actor"])
    of = {}
    for e in found:
        if e["action"] in ("mail-sent", "mail-bounced", "mail-deferred", "mail-received"):
            of.setdefault((key(e) or "").lower(), []).append(e)
    wrong = []
    for m in sent:
        got = sorted(of.get((m["id"] if has_id else m["from"]).lower(), []), key=lambda e: (e["time"] or "", e["line"]))
        late = 0
        if len(got) != len(m["fates"]):
            wrong.append(f"{m['id']}: {[(e['action'], e['time']) for e in got]}, not {m['fates']}")
            continue
        for e, (when, action) in zip(got, m["fates"]):
            late += action == "mail-deferred"
            who = (e.get("fields") or {}).get("from") or e["actor"]
            count = (e.get("fields") or {}).get("deferrals")
            true = at(when + offset)
            if e["action"] != action or (e["target"] or "").lower() != m["to"].lower() or (who or "").lower() != m["from"].lower() or \
               not (e["time"] and instant(e["time"]) <= true <= instant(e["until"])) or action == "mail-deferred" and count != str(late) or \
               instant(e["until"]) - instant(e["time"]) >= datetime.timedelta(seconds=1):
                wrong.append(f"{m['id']}: {e['action']} {e['time']} {e['until']} to {e['target']} from {who} deferrals {count}, not {action} {true} to {m['to']}")
    t(f"{name}: every message is joined right", len(sent) > 10 and not wrong, f"{len(wrong)} of {len(sent)}: " + "; ".join(wrong[:3]))


def wall(when, logs):
    return at(when).astimezone(zoneinfo.ZoneInfo(logs.src["tz"]))


def classic(lines, logs, offset):
    out = []
    for when, program, pid, text in sorted(lines, key=lambda line: line[0]):
        w = wall(when + offset, logs)
        out.append(f"{w:%b} {w.day:2d} {w:%H:%M:%S} {logs.host} {program}[{pid}]: {text}\n")
    return "".join(out).encode("utf-8", "surrogateescape")


def postfix_lines(logs):
    return [(when, program, pid, text) for when, _, program, pid, text in logs.lines if program]


def rfc5424(logs, sent, offset):
    return "".join(f"<22>1 {wall(when + offset, logs).isoformat(timespec='microseconds')} {logs.fq} {program} {pid} - - {text}\n"
                   for when, program, pid, text in postfix_lines(logs)).encode("utf-8", "surrogateescape")


def iso(logs, sent, offset):
    return "".join(f"{wall(when + offset, logs):%Y-%m-%dT%H:%M:%S%z} {logs.host} {program}[{pid}]: {text}\n"
                   for when, program, pid, text in postfix_lines(logs)).encode("utf-8", "surrogateescape")


def journal(logs, sent, offset):
    """systemd's export format: one field a line, an empty line behind each entry, values with odd bytes behind their length."""
    out = b""
    for when, program, pid, text in postfix_lines(logs):
        value = text.encode("utf-8", "surrogateescape")
        odd = any(b < 32 and b != 9 for b in value) or b"\xff" in value
        said = b"MESSAGE\n" + len(value).to_bytes(8, "little") + value if odd else b"MESSAGE=" + value
        out += (f"__CURSOR=s=1;i={when:x}\n__REALTIME_TIMESTAMP={when + offset}\n__MONOTONIC_TIMESTAMP=1\n_BOOT_ID=0\nPRIORITY=6\n_HOSTNAME={logs.host}\n"
                f"SYSLOG_IDENTIFIER={program}\nSYSLOG_PID={pid}\n_PID={pid}\n").encode() + said + b"\n\n"
    return out


def exim(logs, sent, offset):
    """Exim's main log, which has the ids that it gives, the fields of the ways in and out, and local times."""
    writers = importlib.import_module("evidence")
    lines = []
    for m in sent:
        ident = writers.exim_id(m["queued"], m["id"])
        lines.append((m["queued"], f"{ident} <= {m['from']} H=worker.{logs.dom} [10.0.4.11] P=esmtp S=2000 id={m['id']}"))
        for when, action in m["fates"]:
            way = f"{m['to']} R=dnslookup T=remote_smtp"
            text = {"mail-sent": f'=> {way} H=mx.example [198.51.100.9] C="250 2.0.0 Ok: queued"',
                    "mail-received": f"=> admin <{m['to']}> R=local_user T=maildir_home",
                    "mail-deferred": f"== {way} defer (-44) H=mx.example [198.51.100.9]: SMTP error from remote mail server after RCPT TO:<{m['to']}>: 451 4.7.1 later",
                    "mail-bounced": f"** {way} H=mx.example [198.51.100.9]: SMTP error from remote mail server after RCPT TO:<{m['to']}>: 550 5.1.1 nobody"}[action]
            lines.append((when, f"{ident} {text}"))
            if action != "mail-deferred":
                lines.append((when + 1000, f"{ident} Completed"))
    return "".join(f"{wall(when + offset, logs):%Y-%m-%d %H:%M:%S} {text}\n" for when, text in sorted(lines, key=lambda line: line[0])).encode()


def sendmail(logs, sent, offset):
    lines = []
    for n, m in enumerate(sent):
        begun = wall(m["queued"] + offset, logs)
        ident, pid = f"3A5{n % 1000000:06d}{2000 + n % 7000:06d}", 2000 + n % 7000
        lines.append((m["queued"], "sm-mta", pid, f"{ident}: from=<{m['from']}>, size=2000, class=0, nrcpts=1, msgid=<{m['id']}>, proto=ESMTP, daemon=MTA, "
                      f"relay=worker.{logs.dom} [10.0.4.11]"))
        for when, action in m["fates"]:
            took = (wall(when + offset, logs) - begun).seconds
            delay = f"{took // 3600:02d}:{took // 60 % 60:02d}:{took % 60:02d}"
            mailer, stat, dsn = {"mail-sent": ("esmtp", "Sent (Ok)", "2.0.0"), "mail-received": ("local", "Sent", "2.0.0"),
                                 "mail-deferred": ("esmtp", "Deferred: 451 4.7.1 later", "4.7.1"), "mail-bounced": ("esmtp", "User unknown", "5.1.1")}[action]
            relay = "" if mailer == "local" else " relay=mx.example. [198.51.100.9],"
            lines.append((when, "sm-mta", pid + 1, f"{ident}: to=<{m['to']}>, delay={delay}, xdelay=00:00:00, mailer={mailer}, pri=32000,{relay} dsn={dsn}, stat={stat}"))
    return classic(lines, logs, offset)


def opensmtpd(logs, sent, offset):
    """OpenSMTPD, which does not log the Message-ID."""
    lines = []
    for n, m in enumerate(sent):
        session, message = f"{n:08x}0000a001", f"{n + 0x5a000000:08x}"
        lines += [(m["queued"] - 3, "smtpd", 7, f"{session} smtp connected address=10.0.4.11 host=worker.{logs.dom}"),
                  (m["queued"] - 2, "smtpd", 7, f"{session} smtp message msgid={message} size=2000 nrcpt=1 proto=ESMTP"),
                  (m["queued"] - 1, "smtpd", 7, f"{session} smtp envelope evpid={message}00000001 from=<{m['from']}> to=<{m['to']}>"),
                  (m["queued"], "smtpd", 7, f"{session} smtp disconnected reason=quit")]
        for when, action in m["fates"]:
            result, stat = {"mail-sent": ("Ok", "250 ok"), "mail-deferred": ("TempFail", "451 4.7.1 later"), "mail-bounced": ("PermFail", "550 5.1.1 nobody"),
                            "mail-received": ("Ok", "Delivered")}[action]
            evp = f"evpid={message}00000001 from=<{m['from']}> to=<{m['to']}>"
            if action == "mail-received":
                lines.append((when, "smtpd", 7, f"{n:08x}0000c001 mda delivery {evp} rcpt=<{m['to']}> user=admin delay=1s result=Ok stat=Delivered"))
            else:
                lines.append((when, "smtpd", 7, f'{n:08x}0000b001 mta delivery {evp} rcpt=<-> source="192.0.2.1" relay="198.51.100.9 (mx.example)" '
                              f'delay=1s result="{result}" stat="{stat}"'))
    return classic(lines, logs, offset)


FORMS = {"RFC 5424": rfc5424, "ISO": iso, "journal export": journal, "Exim": exim, "Sendmail": sendmail, "OpenSMTPD": opensmtpd}


def more_deferrals(sent):
    """Of what our own writers tell: every third message is put off up to three times more, minutes apart."""
    out = []
    for n, m in enumerate(sent):
        last = m["fates"][-1][0] if m["fates"] else 0
        more = [(m["queued"] + 120 * SECOND * (i + 1), "mail-deferred") for i in range(n % 4)] if n % 3 == 0 and m["fates"] else []
        more = [f for f in more if f[0] < last] if last - m["queued"] > 30 * SECOND else more
        rest = [(when if when > (more[-1][0] if more else 0) else more[-1][0] + 60 * SECOND, action) for when, action in m["fates"] if action != "mail-deferred"]
        out.append({**m, "fates": more + rest})
    return out


def form_holds(name, form, write, logs, sent, offset):
    case = os.path.join(work, f"{name}-{form.replace(' ', '-')}")
    os.makedirs(case + "/evidence")
    told = more_deferrals(sent) if write in (exim, sendmail, opensmtpd) else sent
    open(case + "/evidence/maillog", "wb").write(write(logs, told, offset))
    open(case + "/case.yaml", "w").write(f"title: {name}\nsources:\n  - path: evidence/maillog\n    zone: {logs.src['tz']}\n    year: {logs.src['log_start'][:4]}\n")
    done = run("import", "-q", "-C", case, case + "/evidence/maillog")
    joined(f"{name}: {form}", events(case) if done.returncode == 0 else [], told, offset, write is not opensmtpd)


# ---- conclusions ----

def timeline_holds(name, made, case):
    """The instants of truth.json, by the comparison that the model case stands."""
    path = made + "-timeline"
    open(path, "w").write(run("timeline", "-C", case, "-f", "jsonl").stdout)
    done = subprocess.run([sys.executable, os.path.join(source, "tests/timeline.py"), made + "/truth.json", path, case + "/evidence"], capture_output=True, text=True)
    out = done.stdout.splitlines()[:-1]
    t(f"{name}: each act of the truth is in the timeline, its instant in its interval", not out and not done.stderr, "; ".join(out[:3]) + done.stderr[-300:])


def in_any_order(name, case, found):
    """The files of a log imported one by one, in either order, tell what they tell together."""
    logs = sorted(f for f in os.listdir(case + "/evidence/mail") if f.startswith("mail.log"))
    true = {(e["source"], e["line"]): (e["time"], e["until"]) for e in found}
    for order in (logs, logs[::-1]) if len(logs) > 1 else ():
        other = f"{case}-{order[0]}"
        os.makedirs(other)
        shutil.copy(case + "/case.yaml", other)
        shutil.copytree(case + "/evidence/mail", other + "/evidence/mail")
        for f in order:
            run("import", "-q", "-C", other, f"{other}/evidence/mail/{f}")
        got = events(other)
        wrong = [f"{e['source']}:{e['line']} {e['time']}" for e in got if (e["time"], e["until"]) != true.get((e["source"], e["line"]))]
        t(f"{name}: no line has another time when {order[0]} is imported first", len(got) > 20 and not wrong, f"{len(wrong)} of {len(got)}: " + "; ".join(wrong[:3]))
        own = [e for e in found if e["source"].startswith("evidence/mail/mail.log")]
        same = [json.dumps(e, sort_keys=True) for e in got] == [json.dumps(e, sort_keys=True) for e in own]
        t(f"{name}: nor does it tell anything else", same, f"{len(got)} events, {len(own)} together")


def one_scenario(name):
    told = SCENARIOS[name] if name in SCENARIOS else moved(name) if name in MODEL else visible(name)
    made = os.path.join(work, name)
    logs = play(told, made)
    offset = int(told["sources"]["mta"]["offset_s"] * 1000000)
    case = lay(made, made + "-case")
    done = run("run", "-q", case)
    t(f"{name}: the case is read", done.returncode in (0, 3), done.stderr)
    found = events(case)
    lines_hold(name, found, logs, offset)
    if told["incident_id"]:
        timeline_holds(name, made, case)
    sent = messages(logs, us(instant(told["sources"]["collected_at"])))
    for form, path in (("classic syslog", "evidence/mail/mail.log"), ("RFC 3339", "evidence/mail/mail.rfc3339.log")):
        joined(f"{name}: {form}", [e for e in found if e["source"].startswith(path)], sent, offset)
    for form, write in FORMS.items():
        form_holds(name, form, write, logs, sent, offset)
    in_any_order(name, case, found)


def a_clock_that_drifts():
    """Fast by eight minutes and gaining, over the night of the change and over New Year: what the lines say, and what is made of it."""
    made = os.path.join(work, "drifting")
    offset = Gaining(DRIFTING, DRIFT)
    logs = play(DRIFTING, made, offset)
    case = lay(made, made + "-case", ("mail", "ses", "audit", "db"))
    run("run", "-q", case)
    found = events(case)
    lines_hold("drifting", found, logs, offset)
    sent = messages(logs, us(instant(DRIFTING["sources"]["collected_at"])))
    joined("drifting: classic syslog", [e for e in found if e["source"].startswith("evidence/mail/mail.log")], sent, offset)
    db = sqlite3.connect(f"file:{case}/hindcast.db?mode=ro", uri=True)
    pieces = db.execute("""SELECT s.path, c."from", c."to", c.least, c.most, c.drift, c.applied FROM clock AS c JOIN source AS s ON s.id = c.source
                           WHERE s.path = 'evidence/mail/mail.log' ORDER BY c.piece""").fetchall()
    t("drifting: the clock is told as one that gains", len(pieces) == 1 and pieces[0][6] and abs(pieces[0][5] / 1e6 - DRIFT) < 0.2, str(pieces))
    wrong = []
    for when, *_ in logs.lines if len(pieces) == 1 else ():
        off = when + offset - when
        _, first, last, least, most, drift, _ = pieces[0]
        more = drift * (when + off - first) / 86400e6
        if first <= when + off <= last and not least + more <= off <= most + more:
            wrong.append((at(when), off, least + more, most + more))
    t("drifting: and every line is as far off as it says", pieces and not wrong, str(wrong[:3]))
    db.close()


if not os.path.isdir(lab):
    print("skipped lab: it is not there")
    sys.exit(0)
sys.path.insert(0, lab)
for path in [p for p in sys.path if os.path.abspath(p or ".") == os.path.join(os.path.abspath(source), "tests")]:
    sys.path.remove(path)
without = can_play()
if without:
    print(f"skipped lab: {without}")
    sys.exit(0)
for scenario_name in [*SCENARIOS, *MODEL, "pypi-2023-11-22", "benign-week"] if every else ["everything", "new-year-rotated", *MODEL]:
    one_scenario(scenario_name)
a_clock_that_drifts()
sys.exit(bad > 0)
