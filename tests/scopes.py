# SPDX-License-Identifier: Apache-2.0
"""Several incidents in one case, shared addresses, roles and their overrides: scopes.py HINDCAST WORKDIR. What belongs to which incident,
why, and what joins nothing. Prints one line "ok NAME" or "not ok NAME" per question."""
import json
import os
import re
import subprocess
import sys

from smallworld import World, at, mail, make_case

hindcast, work = sys.argv[1], sys.argv[2]
bad = 0
VPN, OWN, HOME = "198.51.100.9", "203.0.113.77", "192.0.2.50"


def run(name, worlds, **more):
    return make_case(hindcast, os.path.join(work, name.replace(" ", "-")), worlds, **more)


def ask(case, *command):
    return subprocess.run([hindcast, *command, "-C", case], capture_output=True, text=True, check=True).stdout


def db(case, query):
    return subprocess.run(["sqlite3", os.path.join(case, "hindcast.db"), query], capture_output=True, text=True, check=True).stdout.strip()


def parties(case, role):
    """[(incident, name, because)] of a role."""
    return [tuple(line.split("|")) for line in db(case, "SELECT p.incident, c.name, p.because FROM party p JOIN called c ON c.entity = p.entity "
                                                        f"WHERE p.role = '{role}' ORDER BY p.incident, p.ordinal").split("\n") if line]


def rows(case, incident=None):
    all_rows = [json.loads(line) for line in ask(case, "timeline", "-f", "jsonl").split("\n") if line]
    return [r for r in all_rows if incident in (None, r["incident"])]


def t(name, holds):
    global bad
    print(("ok " if holds else "not ok ") + name)
    bad |= not holds


def attack(w, start, projects, victim, other, ip=None, delete=True, step=120.0):
    """A takeover of `victim` by `other`, registered ten minutes before."""
    w.user(other, f"{other}@mail.example", born=start - 600).project(*projects)
    for i, project in enumerate(projects):
        w.chain(start + i * step, project, victim, other, ip=ip)
    if delete:
        end = start + len(projects) * step + 60
        w.deletion(end + 100, victim, proof=end)
    return w


def crowd(w, ip, n=5):
    """Accounts that have to do with nothing and use an address."""
    for i in range(n):
        w.user(f"user{i}", f"user{i}@else.example").own(-4e5 + i * 9000, f"user{i}", ip=ip)
    return w


# Two attackers at the same time, behind one VPN that many use.
w = crowd(attack(attack(World(), 0, ("alpha", "beta"), "ann", "eve", ip=VPN), 30, ("gamma", "delta"), "bob", "mal", ip=VPN), VPN)
w.own(50, "user0", ip=VPN)
talk = [(1000, "kim", "eve has taken alpha and beta"), (1010, "kim", "looking"), (1020, "zoe", "and mal has gamma"), (1030, "zoe", "freezing now"),
        (1040, "zoe", "eve is frozen"), (1050, "kim", "good"), (1060, "zoe", "mal is frozen"), (1070, "zoe", "lunch?")]
mails = [mail(900, "ann@mail.example", "admin@r.example", "my projects", "Somebody has removed me.", "a1@mail.example"),
         mail(950, "bob@mail.example", "admin@r.example", "gone", "My account is gone.", "b1@mail.example"),
         mail(970, "carl@else.example", "admin@r.example", "is delta safe?", "I see a new owner there.", "c1@else.example"),
         mail(980, "dora@else.example", "admin@r.example", "Re: is delta safe?", "I ask the same.", "d1@else.example", reply="c1@else.example")]
two = case = run("two attackers", [(w, 90000)], chat=talk, responders=("kim", "zoe"), mails=mails)
t("two attackers at the same time are two incidents", [(p[0], p[1]) for p in parties(case, "other")] == [("1", "eve"), ("2", "mal")])
t("each with its own victim and projects", [(p[0], p[1]) for p in parties(case, "taken")] == [("1", "ann"), ("2", "bob")] and
  sorted((p[0], p[1]) for p in parties(case, "project")) == [("1", "alpha"), ("1", "beta"), ("2", "delta"), ("2", "gamma")])
first, second = ([(r["action"], r["object"], r["actor"]) for r in rows(case, n)] for n in (1, 2))
t("no act on one's projects is told of the other", not any(o in ("gamma", "delta") for _, o, _ in first) and not any(o in ("alpha", "beta") for _, o, _ in second))
t("an address that many use joins nothing", not parties(case, "address") and not any(r["actor"] == "user0" for r in rows(case)))
t("and that is said, with the number", [p[1:] for p in parties(case, "shared-address")] == [(VPN, "5 accounts without a part in any incident acted from it")] * 2)
report = open(os.path.join(case, "report", "incident.md"), encoding="utf-8").read()
t("in the report too", report.count(f"**Who acted from `{VPN}`.** It is shared: five accounts without a part in any incident acted from it too.") == 2)
said = {n: [r["text"] for r in rows(case, n) if r["action"] == "chat-message"] for n in (1, 2)}
t("chat goes to the incident that it names, and what follows goes with it",
  said == {1: ["eve has taken alpha and beta", "looking", "eve is frozen"], 2: ["and mal has gamma", "freezing now", "mal is frozen"]} or
  (print(said) or False))
got = {n: [r["actor"] for r in rows(case, n) if r["action"] == "mail-received"] for n in (1, 2)}
t("mail goes to the incident of its writer, of what it names, and of what it answers",
  got == {1: ["ann@mail.example"], 2: ["bob@mail.example", "carl@else.example", "dora@else.example"]} or (print(got) or False))
t("each row says why it is in its incident", all(r["because"] for r in rows(case)))
t("repeats of one incident are not those of another",
  not {r["repeat"] for r in rows(case, 1) if r["repeat"]} & {r["repeat"] for r in rows(case, 2) if r["repeat"]})
parts = report.split("\n## ")
t("the report tells both, each in a part of its own", [p.split("\n")[0] for p in parts[1:]] ==
  ["Overview", "Incident 1: `ann` taken over", "Incident 2: `bob` taken over", "What you can do", "Evidence and method"])
t("and nothing of one in the part of the other", not any(f"`{n}`" in parts[2] for n in ("mal", "bob", "gamma", "delta")) and
  not any(f"`{n}`" in parts[3] for n in ("eve", "ann", "alpha", "beta")))
used, made = (set(re.findall(p, report)) for p in (r"\[\^(e\d+)\](?!:)", r"(?m)^\[\^(e\d+)\]:"))
t("each of its references has a note, and no note is left over", used == made and used)
page = open(os.path.join(case, "report", "incident.html"), encoding="utf-8").read()
ids = re.findall(r' id="([^"]*)"', page)
t("the page has both figures, key figures of both, and no name twice", page.count("<svg ") == 2 and page.count('<dl class="key">') == 2 and len(ids) == len(set(ids)))
t("each figure is a file too", all(os.path.exists(os.path.join(case, "report", f)) for f in ("timeline.svg", "timeline-2.svg")))
t("the list for readers heads each incident", [line[:12] for line in ask(case, "timeline").split("\n") if line.startswith("incident ")] == ["incident 1: ", "incident 2: "])
t("who responds is known, and why", [p[1:] for p in parties(case, "responder")] == [("kim", "case.yaml says so"), ("zoe", "case.yaml says so")] * 2 or
  sorted(p[1] for p in parties(case, "responder")) == ["kim", "zoe", "zoe"])
t("deriving it again gives the same", subprocess.run([hindcast, "verify", "-q", "-C", case], capture_output=True).returncode == 0)

# Tickets are talk: what names the incident belongs, and the answers to it; they say where they were written.
w = attack(World(), 0, ("alpha", "beta"), "ann", "eve", ip=OWN)
rows_of = [("S-1", 900, "ann", "Help", "eve has my projects"), ("S-1", 960, "kim", "", "on it"), ("S-2", 970, "bob", "Typo", "in the docs"), ("S-1", 980, "bob", "", "x" * 600)]
case = run("tickets", [(w, 90000)], responders=("kim",), files={"tickets.csv": "id,time,author,title,text\n" + "".join(
    f"{i},{at(s)[:19].replace(' ', 'T')}Z,{a},{h},{x}\n" for i, s, a, h, x in rows_of)})
got = [(r["action"], r["actor"], r["phase"]) for r in rows(case) if r["action"] == "ticket-message"]
t("a ticket that names the incident belongs to it, with its answers",
  got == [("ticket-message", "ann", "detection"), ("ticket-message", "kim", "response"), ("ticket-message", "bob", "response")] or (print(got) or False))
report = open(os.path.join(case, "report", "incident.md"), encoding="utf-8").read()
t("and the report says where it was written", "writes in the ticket `S-1`: “Help: eve has my projects” `T`" in report and "writes in the ticket `S-1`:" in report.replace("`S-1`: “", "") or
  (print(re.findall("(?m)^.*S-1.*", report)) or False))

# An address of his own: what else came from it belongs, within a day.
w = attack(World(), 0, ("alpha", "beta"), "ann", "eve", ip=OWN).user("sock", "sock@mail.example").user("old", "old@mail.example")
w.own(-3600, "sock", ip=OWN).own(-5 * 86400, "old", ip=OWN).own(500, "sock", tag="account:password:change", ip=HOME)
case = run("own address", [(w, 90000)])
sock = [r for r in rows(case) if r["actor"] == "sock"]
t("what came from the attacker's address within a day belongs, and says so",
  len(sock) == 1 and sock[0]["address"] == OWN and f"from the network address {OWN}" in sock[0]["because"])
t("what came from it days before does not", not any(r["actor"] == "old" for r in rows(case)))
case = run("named shared", [(w, 90000)], settings=("shared: [203.0.113.0/24]",))
t("an address that case.yaml calls shared joins nothing", not any(r["actor"] == "sock" for r in rows(case)) and
  [p[2] for p in parties(case, "shared-address")] == ["case.yaml says that many use it"])
w = attack(World(), 0, ("alpha", "beta"), "ann", "eve", ip=HOME).user("kid", "kid@mail.example").own(-3600, "kid", ip=HOME)
w.user("ann", "ann@mail.example").own(-9e5, "ann", ip=HOME)
case = run("home address", [(w, 90000)])
t("the victim's own address of before is not the attacker's", not parties(case, "address") and not any(r["actor"] == "kid" for r in rows(case)))
w = attack(World(), 0, ("alpha", "beta"), "ann", "eve", ip=OWN)
for i in range(5):
    w.user(f"puppet{i}", f"p{i}@mail.example", event=False).own(-3000 + i, f"puppet{i}", tag="account:create", ip=OWN)
case = run("puppets", [(w, 90000)])
t("accounts that were made from it do not make an address shared", [p[1] for p in parties(case, "address")] == [OWN] and
  sum(r["action"] == "account-create" for r in rows(case)) == 6)

# The same party again.
w = attack(attack(World(), 0, ("alpha", "beta"), "ann", "eve", ip=OWN), 20 * 86400, ("gamma", "delta"), "bob", "eve", ip=OWN)
case = run("one attacker twice", [(w, 30 * 86400)])
t("the same attacker within 30 days is one incident with both victims", [p[1] for p in parties(case, "taken")] == ["ann", "bob"] and
  db(case, "SELECT count(*) FROM incident") == "1")
t("and why is recorded", "not more than 30 days before" in db(case, "SELECT because FROM incident_finding ORDER BY ordinal DESC LIMIT 1"))
w = attack(attack(World(), 0, ("alpha", "beta"), "ann", "eve", ip=OWN), 60 * 86400, ("gamma", "delta"), "bob", "eve", ip=OWN)
case = run("much later", [(w, 70 * 86400)])
t("after a longer time it is another, and no act is in both", db(case, "SELECT count(*) FROM incident") == "2" and
  db(case, "SELECT count(*) FROM (SELECT act FROM scope GROUP BY act HAVING count(*) > 1)") == "0" and
  not any(o in ("gamma", "delta") for o in (r["object"] for r in rows(case, 1))))
w = attack(attack(World(), 0, ("alpha", "beta"), "ann", "eve"), 40, ("gamma", "delta"), "bob", "eve")
case = run("maintainers as victims", [(w, 90000)])
report = open(os.path.join(case, "report", "incident.md"), encoding="utf-8").read()
t("the report names both", "two accounts taken over, four projects lost" in report and "in the name of `ann` and `bob`" in report and "`ann` and `bob`" in report)
t("two owners who lose their projects to one account are two victims of one incident", [p[1] for p in parties(case, "taken")] == ["ann", "bob"])

# Who is what is decided by case.yaml where it says so.
w = attack(World(), 0, ("alpha", "beta"), "ann", "eve", ip=OWN)
case = run("roles turned", [(w, 90000)], settings=("attackers: [ann]", "victims: [eve]"))
t("attackers and victims of case.yaml override what the finding says", [p[1:] for p in parties(case, "other")] == [("ann", "case.yaml says so")] and
  [p[1:] for p in parties(case, "taken")] == [("eve", "case.yaml says so")])

# What other rules find: over days, or without anybody who suffers.
FACTOR = '''title: A second factor removed, then a release
id: 6b3f7f2e-0000-4000-8000-000000000002
level: medium
correlation:
  type: temporal_ordered
  rules: [t-factor, t-release]
  group-by: [who]
  timespan: 1d
  aliases:
    who: {t-factor: actor, t-release: actor}
hindcast:
  rule: T-FACTOR
  actor: who
  message: "{who} removed a second factor and released something"
---
title: factor
name: t-factor
logsource: {product: hindcast}
detection: {act: {action: 2fa-remove}, condition: act}
---
title: release
name: t-release
logsource: {product: hindcast}
detection: {act: {action: release-create}, condition: act}
'''
w = World().project("alpha", "beta", "gamma").user("eve", "eve@mail.example", born=-2 * 86400).user("ann", "ann@mail.example")
for day, project in enumerate(("alpha", "beta")):
    w.act(day * 86400, "invite", project, "eve", "ann", ip=OWN).act(day * 86400 + 3600, "accepted", project, "eve", "eve", ip=OWN)
    w.act(5 * 86400 + day * 86400, "remove", project, "ann", "eve", ip=OWN)
w.release(6.5 * 86400, "alpha", "6.6.6", "eve", ip=OWN)
slow = case = run("slow", [(w, 8 * 86400)])
phases = {(r["action"], r["object"]): r["phase"] for r in rows(case)}
t("a takeover over days is one incident of both projects", db(case, "SELECT count(*) FROM incident") == "1" and [p[1] for p in parties(case, "project")] == ["alpha", "beta"])
t("the release that followed is a finding of it, not an incident of its own",
  db(case, "SELECT f.rule FROM incident_finding i JOIN finding f ON f.id = i.finding ORDER BY i.ordinal").split("\n") == ["HC-REG-009", "HC-REG-020"])
t("which begins with the account that was made for it, and ends with what it released", phases[("account-create", None)] == "preparation" and
  phases[("role-remove", "beta")] == "takeover" and phases[("release-create", "alpha/6.6.6")] == "impact")
report = open(os.path.join(case, "report", "incident.md"), encoding="utf-8").read()
t("repeats on other days are told with their day", "Repeated for `beta` (10:00:00 on 12 May 2024)." in report or "on 12 May 2024" in report)
w = World().project("alpha").user("ann", "ann@mail.example").own(-30, "ann", ip=OWN).own(0, "ann", tag="account:two_factor:method_removed", ip=OWN)
w.release(600, "alpha", "1.0", "ann", ip=OWN).user("bob", "bob@mail.example").own(700, "bob", tag="account:login:failure", ip=OWN)
for i in range(9):
    w.own(710 + i, "bob", tag="account:login:failure", ip=OWN)
w.own(30 * 86400, "ann", ip=HOME)
found = case = run("factor", [(w, 40 * 86400)], rules=FACTOR)
got = [(r["action"], r["phase"]) for r in rows(case)]
t("a finding of another kind is an incident too", db(case, "SELECT kind FROM incident") == "finding" and ("release-create", "impact") in got)
t("what failed from the same address belongs, what its account does weeks later does not", any(a == "login-failure" for a, _ in got) and
  sum(a == "login-success" for a, _ in got) == 1)
report = open(os.path.join(case, "report", "incident.md"), encoding="utf-8").read()
t("failures that drum are told once and counted", "**10:11:40** – A sign-in as `bob` fails. `D` [^e" in report and "And 9 more like it, the last at 10:11:58." in report and
  "and 9 more like it, the last at 10:11:58" in ask(case, "timeline") and sum(a == "login-failure" for a, _ in got) == 10)
t("and is told by the words of its rule", 'title: "Incident report: A second factor removed, then a release"' in report and
  "- **A second factor removed, then a release** (`T-FACTOR`, warning): ann removed a second factor and released something.[^e" in report and "taken over" not in report)

# How long things took, and how long each project was exposed: by hand from the times above each.
def metric(case, name, incident=1):
    return db(case, f"SELECT least / 1000000.0, most / 1000000.0 FROM metric WHERE incident = {incident} AND name = '{name}'")


def exposures(case):
    return db(case, "SELECT c.name, x.least / 1000000.0, x.most / 1000000.0, x.releases, x.named, x.downloads_least, x.downloads_most FROM exposure x "
                    "JOIN called c ON c.entity = x.project ORDER BY x.incident, x.ordinal").split("\n")


t("a takeover lasts from its first step to its last, each of two incidents by itself", metric(two, "takeover") == "240.0|240.0" and metric(two, "takeover", 2) == "240.0|240.0")
t("found, acknowledged: from the registration to the owner's mail, from there to the first word in the chat",
  (metric(two, "detect"), metric(two, "acknowledge"), metric(two, "detect", 2), metric(two, "acknowledge", 2)) == ("1500.0|1500.0", "100.0|100.0", "1520.0|1520.0", "70.0|70.0"))
t("what has no end in the evidence is no metric", metric(two, "contain") == metric(two, "dwell") == metric(two, "resolve") == "")
t("no end of an exposure is none, and where no release is in the evidence that cannot be told", exposures(two)[0] == "alpha||||[]||")
t("days and the last instant of a slow one are exact", metric(slow, "takeover") == "518400.0|518400.0" and exposures(slow) == ['alpha|||1|["6.6.6"]||', 'beta|||0|[]||'])
w = attack(World(), 0, ("alpha", "beta"), "ann", "eve", ip=OWN)
w.release(400, "alpha", "2.0", "eve", ip=OWN).release(500, "alpha", "2.1", "eve", ip=OWN).release(-9000, "alpha", "1.0", "ann").release(9000, "alpha", "2.2", "kim")
w.rows["users"] = [(i, n, b, "t" if n == "eve" else f) for i, n, b, f in w.rows["users"]]
loads = ["downloads:"] + [f"  - {{project: {p}, from: '{at(a)[:19]}', to: '{at(b)[:19]}', count: {n}}}" for p, a, b, n in
                          (("alpha", -3600, 30, 7), ("alpha", 100, 400, 50), ("Alpha", 950, 1300, 20), ("alpha", 2000, 3000, 900))]
case = run("measured", [(w, 5000)], responders=("kim",), settings=loads, chat=[(1000, "kim", "looking at eve"), (1200, "kim", "eve is frozen")])
t("contained and dwell are bounds where the freeze is one: after the last act, by the message that says so",
  (metric(case, "contain"), metric(case, "dwell")) == ("-1.0e-06|200.0", "1100.0|1800.0") or (print(metric(case, "contain"), metric(case, "dwell")) or False))
t("each project: from the role to the freeze, with the releases and downloads in it",
  exposures(case) == ['alpha|440.0|1140.0|2|["2.0", "2.1"]|50|70', 'beta|320.0|1020.0|0|[]||'] or (print(exposures(case)) or False))
report = open(os.path.join(case, "report", "incident.md"), encoding="utf-8").read()
t("and so says the report", re.search(r"\| `alpha` \| 2024-05-06 10:01:00\[\^e\d+\] \| by 2024-05-06 10:20:00\[\^e\d+\] \| less than 19 min 0 s \| 2 \| 50 to 70 \|", report) or
  (print(re.findall("\\| `alpha`.*", report)) or False))

# What the case file accepts is no incident.
w = attack(attack(World(), 0, ("alpha", "beta"), "ann", "eve"), 30, ("gamma", "delta"), "bob", "mal")
case = run("accepted", [(w, 90000)], settings=("suppress:", "  - {rule: 'HC-*', actor: eve, reason: a hand-over that was agreed}"))
t("a finding that is suppressed opens no incident", [p[1] for p in parties(case, "other")] == ["mal"])
mark = next(f["fingerprint"] for f in json.loads(subprocess.run([hindcast, "findings", "-v", "-f", "json", "-C", case], capture_output=True, text=True).stdout)
            if f["rule"] == "HC-REG-001" and f["actor"] == "mal")
case = run("accepted by fingerprint", [(w, 90000)], settings=("suppress:", f"  - {{fingerprint: {mark}, reason: known}}"))
t("nor does one that is named by its fingerprint", "mal" not in [p[1] for p in parties(case, "other")] or
  db(case, "SELECT count(*) FROM incident_finding i JOIN finding f ON f.id = i.finding WHERE f.rule = 'HC-REG-001'") == "1")

# Subjects, and silence.
w = World().project("alpha").user("zed", "zed@mail.example", born=-100).act(0, "add", "alpha", "zed", "ann").own(60, "zed", ip=HOME).own(9e5, "zed", ip=HOME)
case = run("subject", [(w, 95e4)], settings=("subjects: [zed, nobody]", f"window: ['{at(-200)[:19]}', '{at(3600)[:19]}']"))
got = [r["action"] for r in rows(case)]
t("a subject that no finding names has a timeline, inside of the window", got == ["account-create", "role-add", "login-success"] or (print(got) or False))
t("which accuses nobody", db(case, "SELECT kind, finding FROM incident") == "subject|" and not parties(case, "other") and
  all("case.yaml names" in r["because"] for r in rows(case)))
w = World().project("alpha", "beta").user("eve", "eve@mail.example").user("ann", "ann@mail.example")
for i, project in enumerate(("alpha", "beta")):
    w.act(i * 60, "invite", project, "eve", "ann").act(i * 60 + 30, "accepted", project, "eve", "eve").act(4e5 + i * 60, "remove", project, "ann", "ann")
case = run("hand-over", [(w, 5e5)], mails=[mail(-900, "ann@mail.example", "admin@r.example", "handing over alpha and beta", "eve will own them.", "h1@mail.example")])
# A hand-over in which the new owner tidies up is the order of acts of a takeover. A mail that announced it lowers the finding, and no more: it can be forged.
def consent(name, mails, settings=(), files=None, projects=("alpha", "beta"), delete=True):
    """[(level, consent that its message tells of)] of the worst finding, and how many incidents there are."""
    w = attack(World().user("ann", "ann@mail.example"), 0, projects, "ann", "eve", delete=delete)
    case = run("consent " + name, [(w, 90000)], mails=mails, settings=settings, files=files)
    found = json.loads(subprocess.run([hindcast, "findings", "-f", "json", "-C", case], capture_output=True, text=True, check=True).stdout)
    worst = min((f for f in found if f["rule"].startswith("HC-REG-0")), key=lambda f: ["error", "warning", "note"].index(f["level"]))
    said = worst["message"].partition("; consent claimed by the mail ")[2]
    shown = open(os.path.join(case, "report", "incident.md"), encoding="utf-8").read().replace("\\", "")
    t(f"hand-over, {name}: the report tells of the mail exactly where there is one", ("**Whether the owner agreed.**" in shown and "**Cause:** not known. Either somebody else could act as `ann`" in shown) == (bool(said) and db(case, "SELECT count(*) FROM incident") == "1"))
    return worst["level"], said, len(worst["places"]), db(case, "SELECT count(*) FROM incident")


def planned(t=-900, sender="ann@mail.example", subject="handing over alpha and beta", body="eve will own them.", ident="h1@mail.example", **more):
    return mail(t, sender, "admin@r.example", subject, body, ident, **more)


SIGNED = {"more": ("Authentication-Results: mail.r.example;\n dkim=pass header.d=mail.example",)}
OURS = ("authenticators: [mail.r.example]",)
LOG = "".join(f"2024-05-06T09:44:5{i}+00:00 mail postfix/{x}\n" for i, x in enumerate(
    ("submission/smtpd[1]: 4A0001: client=home[192.0.2.1], sasl_method=PLAIN, sasl_username=ann@mail.example", "cleanup[2]: 4A0001: message-id=<h1@mail.example>",
     "qmgr[3]: 4A0001: from=<ann@mail.example>, size=9, nrcpt=1 (queue active)",
     "local[4]: 4A0001: to=<admin@r.example>, relay=local, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (delivered to mailbox)", "qmgr[3]: 4A0001: removed")))
NO, NOT = ("error", "", 0, "1"), ("warning", "evidence/admin.mbox:1, not verified", 1, "1")
DOMAIN = "evidence/admin.mbox:1, verified: our own mail host has checked that it is from mail.example"
for name, got, want in (
        ("where nobody said anything the takeover is one", consent("none", []), NO),
        ("a mail that anybody can have written lowers it to a warning and says so", consent("forged", [planned()]), NOT),
        ("one whose signature our own host has checked is told as verified", consent("signed", [planned(**SIGNED)], OURS), ("warning", DOMAIN, 1, "1")),
        ("a host that case.yaml does not name has checked nothing", consent("signed by whom", [planned(**SIGNED)]), NOT),
        ("nor is the signature of another domain one", consent("another domain", [planned(more=(SIGNED["more"][0].replace("=mail", "=evil"),))], OURS), NOT),
        ("one that its writer was signed in to send is verified", consent("logged", [planned()], files={"mail.log": LOG}),
         ("warning", "evidence/admin.mbox:1, verified: by the mail log ann@mail.example was signed in to send it", 1, "1")),
        ("one that somebody else was signed in to send is not", consent("other login", [planned()], files={"mail.log": LOG.replace("username=ann", "username=eve")}), NOT),
        ("nor one that takes the Message-ID of another", consent("same id", [planned(), planned(-800, body="eve is fine.")], files={"mail.log": LOG}), NOT),
        ("a mail after the first act is none", consent("late", [planned(30)]), NO),
        ("nor one of long before", consent("long ago", [planned(-31 * 86400)]), NO),
        ("nor one of another address", consent("other sender", [planned(sender="ann@mai1.example")]), NO),
        ("nor one that does not name the other", consent("other named", [planned(body="evelyn will own them.")]), NO),
        ("nor one that names no project of theirs", consent("no project", [planned(subject="handing over alphabet")]), NO),
        ("a single project, announced by a mail that is verified, is a note and no incident",
         consent("single signed", [planned(**SIGNED)], OURS, projects=("alpha",), delete=False), ("note", DOMAIN, 1, "0")),
        ("by one that is not it stays a warning", consent("single forged", [planned()], projects=("alpha",), delete=False), NOT)):
    t("hand-over: " + name, got == want or (print(got) or False))
t("a planned hand-over, told in a mail, is silent", db(case, "SELECT count(*) FROM incident") == "0" and not rows(case))
sys.exit(1 if bad else 0)
