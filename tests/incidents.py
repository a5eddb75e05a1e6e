# SPDX-License-Identifier: Apache-2.0
"""Small registries made for one question each: incidents.py HINDCAST WORKDIR. What must be found, what must stay silent, what may be
inferred and what may not. Prints one line "ok NAME" or "not ok NAME" per question."""
import datetime
import json
import os
import subprocess
import sys

from smallworld import START, World, at, mail, make_case

hindcast, work = sys.argv[1], sys.argv[2]
bad = 0


def run(name, worlds, chat=None, responders=()):
    return make_case(hindcast, os.path.join(work, name.replace(" ", "-")), worlds, chat, responders)


def ask(case, *command):
    return subprocess.run([hindcast, *command, "-C", case], capture_output=True, text=True, check=True).stdout


def findings(case):
    return [f for f in json.loads(ask(case, "findings", "-f", "json")) if f["rule"] == "HC-REG-001"]


def timeline(case):
    return [json.loads(line) for line in ask(case, "timeline", "-f", "jsonl").split("\n") if line]


def db(case, query):
    return subprocess.run(["sqlite3", os.path.join(case, "hindcast.db"), query], capture_output=True, text=True, check=True).stdout.strip()


def t(name, holds):
    global bad
    print(("ok " if holds else "not ok ") + name)
    bad |= not holds


def taken_over(projects=("one", "two"), step=120.0, **chain):
    w = World().project("one", "two", "three").user("eve", "eve@mail.example", born=-600)
    for i, project in enumerate(projects):
        w.chain(i * step, project, "ann", "eve", **chain)
    return w


def verdict(name, world, fires, taken=90000):
    case = run(name, [(world, taken)])
    t(name + (": found" if fires else ": silent"), len(findings(case)) == (1 if fires else 0))
    return case


# The rule and its edges.
base = verdict("two projects", taken_over().deletion(400, "ann", proof=300), True)
verdict("one project", taken_over(("one",)).deletion(400, "ann", proof=300), False)
verdict("no deletion", taken_over(), False)
verdict("no acceptance", taken_over(accept=False).deletion(400, "ann", proof=300), False)
verdict("removed by a third", taken_over(remove_by="kim").deletion(400, "ann", proof=300), False)
verdict("left by itself", taken_over(remove_by="ann").deletion(400, "ann", proof=300), False)
verdict("removed before accepting", taken_over(gap=100.0, remove=-50.0).deletion(400, "ann", proof=300), False)
verdict("thirty minutes to the microsecond", taken_over(step=1680.0).deletion(2000, "ann", proof=1900), True)
verdict("a second more than thirty minutes", taken_over(step=1681.0).deletion(2000, "ann", proof=1900), False)
verdict("deleted after an hour", taken_over().deletion(240 + 3600, "ann", proof=300), True)
verdict("deleted later than an hour", taken_over().deletion(240 + 3601, "ann", proof=300), False)
verdict("deleted before the last removal", taken_over().deletion(200, "ann", proof=150), False)
slow = taken_over(("one", "two"), step=3 * 86400.0)
verdict("a hand-over that takes days", slow.deletion(3 * 86400 + 400, "ann", proof=3 * 86400 + 300), False, taken=9e5)
two = taken_over().deletion(400, "ann", proof=300).project("four", "five").user("mal", "mal@mail.example", born=-500)
two.chain(5000, "four", "bob", "mal").chain(5120, "five", "bob", "mal").deletion(5400, "bob", proof=5300)
case = run("two takeovers", [(two, 90000)])
t("two takeovers in one registry are two findings", sorted((f["actor"], f["target"]) for f in findings(case)) == [("eve", "ann"), ("mal", "bob")])

# Very many projects, by a machine; and one invited, accepted and removed again and again.
names = [f"pkg{i}" for i in range(300)]
case = verdict("three hundred projects", taken_over(names, step=5.0).project(*names).deletion(1700, "ann", proof=1650), True)
report = open(os.path.join(case, "report", "incident.md"), encoding="utf-8").read()
t("of many repeats some are named, and how many more", "`pkg3` (10:00:15) and 296 more, the last `pkg299` (10:24:55)." in report)
t("all of them are in the table", all(f"| `{name}` |" in report for name in names))
hammer = taken_over()
for i in range(400):
    hammer.act(i / 10, "invite", "three", "eve", "ann").act(i / 10 + 0.02, "accepted", "three", "eve", "eve").act(i / 10 + 0.05, "remove", "three", "ann", "eve")
verdict("the same again and again", hammer.deletion(400, "ann", proof=300), True)

# The deletion: an interval, both ends from mails.
row = next(r for r in timeline(base) if r["action"] == "account-delete")
t("a deletion lies between the last proof of the address and the first of its absence",
  (row["time"], row["until"]) == (at(301).replace(" ", "T") + "Z", at(400).replace(" ", "T") + "Z") and "inferred" in row["basis"])

report = open(os.path.join(base, "report", "incident.md"), encoding="utf-8").read()
t("a report says nothing that this evidence does not hold", not any(words in report for words in (
    "The owner reported", "we found no release", "**We found no release", "no rows", "no mails", "-1 s", "-2 s", "all two", "sign-in of", "restores", "frozen", "Response")))
t("and that it cannot be told whether releases changed", "Whether they changed is not known" in report and "this evidence cannot tell" in report)

# Rule a: who did what is masked.
w = World().project("one", "two").user("eve", "eve@mail.example")
w.act(0, "invite", "one", "eve", "ann", masked=True)
w.act(100, "invite", "two", "eve", "ann", masked=True, event=False)
w.act(200, "invite", "one", "eve", "ann", masked=True)
w.rows["project_events"].append(("x-1", "p-one", "project:role:invite", at(200), json.dumps({"submitted_by": "kim", "target_user": "eve"})))
w.act(300, "invite", "one", "eve", "build-robot token")
case = run("masked actors", [(w, 9000)])
names = db(case, "SELECT coalesce((SELECT name FROM called WHERE entity = actor), 'text:' || actor_text, 'unknown') FROM act WHERE action = "
                 "(SELECT number FROM vocabulary WHERE name = 'role-invite') ORDER BY time").split("\n")
t("a masked actor is resolved by exactly one event of its transaction, else unknown; no account stays text",
  names[1:3] == ["unknown", "unknown"] and names[0] in ("ann", "text:ann") and names[3] == "text:build-robot token")
t("masked rows are counted", db(case, "SELECT resolved, unknown FROM masked") == "1|2")

# Rule c: an address belongs to an account when nothing else explains it, and never by its looks.
w = World().project("one", "two").user("eve", "eve@mail.example")
for i, project in enumerate(("one", "two")):
    w.act(i * 100, "remove", project, "ann", "eve").mail(i * 100 + 1, "nobody@else.example", "Collaborator removed notification")
case = run("address by notices", [(w, 9000)])
t("an address is the account's after notices about two acts on it",
  db(case, "SELECT e.name, c.name FROM identity i JOIN entity e ON e.id = i.entity JOIN called c ON c.entity = i.same_as WHERE i.reason = 'notices'") == "nobody@else.example|ann")
w.mail(101, "ann@mail.example", "Collaborator removed notification")
case = run("two unexplained", [(w, 9000)])
t("with two addresses left unexplained nothing is concluded", db(case, "SELECT count(*) FROM identity WHERE reason = 'notices'") == "0")
w = World().project("one").user("eve", "eve@mail.example").act(0, "remove", "one", "ann", "eve")
w.mail(1, "ann@mail.example", "Collaborator removed notification")
case = run("one notice", [(w, 9000)])
t("one act is not enough, whatever the address looks like", db(case, "SELECT count(*) FROM identity WHERE reason = 'notices'") == "0")

# Rule e: a flag without a date.
w = taken_over().deletion(400, "ann", proof=300)
w.rows["users"] = [(i, n, b, "t" if n == "eve" else f) for i, n, b, f in w.rows["users"]]
case = run("frozen unsaid", [(w, 5000)], responders=("kim",), chat=[(1000, "kim", "looking at eve"), (1100, "zoe", "eve is frozen")])
row = next(r for r in timeline(case) if r["action"] == "account-freeze")
t("a freeze that nobody of ours tells lies between the account's last act and the dump, by nobody",
  (row["time"], row["until"], row["actor"]) == (at(240).replace(" ", "T") + "Z", at(5000).replace(" ", "T") + "Z", None))
case = run("frozen said", [(w, 5000)], responders=("kim",), chat=[(1000, "kim", "shall we freeze eve"), (1100, "kim", "evelyn is frozen"), (1200, "kim", "Eve is frozen.")])
row = next(r for r in timeline(case) if r["action"] == "account-freeze")
t("a responder who names the account and the state narrows it and is its actor",
  (row["until"], row["actor"]) == (at(1200).replace(" ", "T") + "Z", "kim") and "said so" in row["because"])
plain = World().user("eve", "eve@mail.example")
cold = World().user("eve", "eve@mail.example", frozen="t")
case = run("frozen between", [(plain, 1000), (cold, 5000)])
t("a flag that differs between two dumps is dated by them",
  db(case, "SELECT time, until FROM act WHERE action = (SELECT number FROM vocabulary WHERE name = 'account-freeze')")
  == "|".join(str(int((START.replace(tzinfo=datetime.timezone.utc).timestamp() + s) * 1e6)) for s in (1000, 5000)))

# Rule f: restored, or merely new.
after = taken_over().deletion(400, "ann", proof=300).user("ann", "ann@mail.example", born=7000, ident="u-new", event=False)
after.act(7000, "add", "one", "ann", "kim", event=False)
case = run("restored", [(taken_over().deletion(400, "ann", proof=300), 6000), (after, 9000)], responders=("kim",))
row = [r for r in timeline(case) if r["action"] == "account-restore"]
t("an account born in somebody else's transaction under a deleted name is restored, by them",
  len(row) == 1 and (row[0]["time"], row[0]["actor"], row[0]["target"]) == (at(7000).replace(" ", "T") + "Z", "kim", "ann"))
t("and is another account, linked to the old one", db(case, "SELECT count(*) FROM link WHERE kind = 'restored-as'") == "1")
fresh = World().project("one").user("kim", "kim@mail.example").user("new", "new@mail.example", born=7000, event=False)
fresh.act(7000, "add", "one", "new", "kim")
case = run("not restored", [(fresh, 9000)])
t("without a deletion of that name before it is no restoration",
  db(case, "SELECT count(*) FROM act WHERE action = (SELECT number FROM vocabulary WHERE name = 'account-restore')") == "0")

# Two dumps: what is gone and what is new.
case = run("gone", [(World().user("old", "old@mail.example").user("stays", "s@mail.example"), 1000), (World().user("stays", "s@mail.example"), 5000)])
t("an account row that is gone is a deletion between the dumps",
  db(case, "SELECT (SELECT name FROM called WHERE entity = target), until - time FROM act WHERE action = (SELECT number FROM vocabulary WHERE name = 'account-delete')") == "old|4000000000")
case = run("swapped", [(World().user("stays", "s@mail.example"), 5000), (World().user("old", "old@mail.example").user("stays", "s@mail.example"), 1000)])
t("whatever the files are called", db(case, "SELECT (SELECT name FROM called WHERE entity = target) FROM act WHERE action = (SELECT number FROM vocabulary WHERE name = 'account-delete')") == "old")


# One act that several tables tell, of any kind.
def withdrawn(actor="ann", event_actor="ann"):
    w = World().project("one").user("ann", "ann@mail.example").user("bob", "bob@mail.example")
    w.columns = dict(w.columns, journals=w.columns["journals"] + ", version")
    for i in range(10):
        w.rows["journals"].append((i + 1, "one", "remove release", at(i * 60), actor, f"1.{i}"))
        extra = json.dumps({"submitted_by": event_actor, "canonical_version": f"1.{i}"})
        w.rows["project_events"].append((f"e-{i}", "p-one", "project:release:remove", at(i * 60), extra, None))
    return w


case = run("withdrawn", [(withdrawn(), 9000)])
removed = [(r["object"], len(r["attested_by"])) for r in timeline(case) if r["action"] == "release-remove"]
t("a release that is removed is one act, which the journal and the event of its transaction attest", removed == [(f"one/1.{i}", 2) for i in range(10)])
found = [f for f in json.loads(ask(case, "findings", "-f", "json")) if f["rule"] == "HC-REG-021"]
t("a finding cites it once, with its version", [e["object"] for f in found for e in f["events"]] == [f"one/1.{i}" for i in range(10)])
case = run("withdrawn by two", [(withdrawn(event_actor="bob"), 9000)])
t("rows of one microsecond that name two actors stay two acts",
  {(r["actor"], len(r["attested_by"])) for r in timeline(case) if r["action"] == "release-remove"} == {("ann", 1), ("bob", 1)})


# What a page says of days, and of what is not proved.
def page(case):
    return open(os.path.join(case, "report", "incident.md"), encoding="utf-8").read()


night = World().project("one", "two").user("eve", "eve@mail.example", born=50000)
for i, project in enumerate(("one", "two")):
    night.chain(50300 + i * 120, project, "ann", "eve")  # 23:58:20
text = page(run("over midnight", [(night.deletion(50700, "ann", proof=50600), 90000)]))
t("behind midnight times have their date", "From 23:58:20 to 00:00:20 on 7 May 2024 the account `ann` invited `eve` to both projects" in text and
  "| `one` | 23:58:20 | 23:59:20 | 00:00:20 on 7 May 2024 | – |" in text and "`ann` deleted, by 00:05:00 on 7 May 2024" in text)
days = [line for line in text.split("## Timeline")[1].split("\n## ")[0].split("\n") if line.startswith(("### ", "- **"))]
t("each day of the timeline has its entries, and a notice stands on its own day",
  [line[:12] for line in days if line.startswith("###")] == ["### Monday, ", "### Tuesday,"] and not any(
      a.startswith("###") and b.startswith("###") for a, b in zip(days, days[1:] + ["###"])) and
  days.index(next(d for d in days if "first of three notices" in d or "first of two notices" in d)) > days.index("### Tuesday, 7 May 2024"))
path = os.path.join(work, "suppressed")
text = page(make_case(hindcast, path, [(taken_over().deletion(400, "ann", proof=300), 90000)],
                      settings=["suppress:", "  - {rule: HC-REG-*, reason: 'asked *ann*'}"]))
t("a report does not pass over in silence what the case file suppresses", "no rule accuses" not in text and "suppresses one finding by which an account is accused" in text
  and "- **Left out:** eve was invited by ann to 2 projects" in text and "(`HC-REG-001`, error). The case file suppresses it: “asked \\*ann\\*”" in text)
for who, told in (("ann@mail.example", True), ("reader@far.example", False)):
    w = taken_over().deletion(400, "ann", proof=300)
    post = mail(3000, who, "admin@r.example", "one and two", "ann lost the projects one and two, and the account is gone.", f"m@{who}")
    text = page(make_case(hindcast, os.path.join(work, "report-of-" + who), [(w, 90000)], mails=[post]))
    t(f"that the owner noticed is said of the owner's mail: {who}", "10:50:00" in text and ("The owner noticed." in text) == told and
      ("We thank the owner" in text) == told and ("the owner’s mail, 10:50:00" in text) == told and ("| the mail of `reader@far.example`, 10:50:00" in text) != told)
w = World().project("one").user("ann", frozen="t").own(-1000, "ann", ip="192.0.2.7").own(0, "ann", ip="203.0.113.9")
seized = run("elsewhere", [(w.own(60, "ann", "account:api_token:added", "203.0.113.9", description="ci"), 9000)], chat=[(1200, "kim", "ann is frozen now")], responders=("kim",))
told = [(f["actor"], f["target"]) for f in json.loads(ask(seized, "findings", "-f", "json")) if f["rule"] == "HC-ACC-004"]
t("an account that was signed in to from elsewhere suffered, and its freeze ends that", told == [(None, "ann")] and
  db(seized, "SELECT most > 1199000000 FROM metric WHERE name = 'dwell'") == "1")
text = page(run("one project told", [(taken_over(("one",)), 9000)]))
t("of one project that changed hands it is told what was found, not that somebody else acted",
  "What was found: eve was invited by ann to one, accepted" in text and "taken over" not in text and "somebody else" not in text.lower())
text = page(run("several tried", [(World().project("one").user("u0").user("u1").user("u2").user("u3").user("u4")
  .own(0, "u0", "account:login:failure", "203.0.113.9").own(60, "u1", "account:login:failure", "203.0.113.9").own(120, "u2", "account:login:failure", "203.0.113.9")
  .own(180, "u3", "account:login:failure", "203.0.113.9").own(240, "u4", "account:login:failure", "203.0.113.9").own(300, "u4", ip="203.0.113.9"), 9000)]))
t("sign-ins that failed are told by the accounts that were tried", "A sign-in as `u0` fails." in text and "Repeated for `u1` (10:01:00), `u2` (10:02:00) and `u3` (10:03:00)." in text)
text = page(case)
t("under a heading that something was not affected stands nothing that was", "They changed after the first act of the incident: the evidence holds" in text and "What was not affected" not in text)
sys.exit(1 if bad else 0)
