# SPDX-License-Identifier: Apache-2.0
"""What did not happen, with its denominator: claims.py HINDCAST WORKDIR. Claims of a case file over small registries and logs, their verdicts
worked out by hand, and many random ones compared with their definition. Prints one line "ok NAME" or "not ok NAME" per question."""
import datetime
import json
import os
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from smallworld import START, World, at, make_case  # noqa: E402

hindcast, work = sys.argv[1:3]
bad = 0
DAY = 86400


def t(name, holds):
    global bad
    print(("ok " if holds else "not ok ") + name)
    bad |= not holds


def stamp(seconds):
    return at(seconds)[:19].replace(" ", "T") + "Z"


def claim(name, no, start, end, **about):
    more = "".join(f", {k}: {json.dumps(v)}" for k, v in about.items())
    return f"- {{name: {name}, no: [{no}], from: {stamp(start)}, to: {stamp(end)}{more}}}"


def answers(folder):
    done = subprocess.run([hindcast, "claims", "-C", folder, "-f", "jsonl"], capture_output=True, text=True)
    if done.returncode:
        print(done.stderr)
    return {c["name"]: c for c in map(json.loads, done.stdout.splitlines()) if c["incident"] is None}


def world():
    """Six journal rows about two projects by two accounts, and what belongs to them."""
    w = World().project("one", "two").user("ann", "ann@mail.example").user("eve", "eve@mail.example", born=-600)
    w.act(0, "invite", "one", "eve", "ann").act(60, "accepted", "one", "eve", "eve").act(120, "remove", "one", "ann", "eve")
    w.act(1000, "invite", "two", "eve", "ann")
    w.rows["journals"].append((900, "one", "create", at(-8e6), "ann"))
    w.rows["user_events"].append(("s-1", "u-ann", "account:login:success", at(-3000), "{}"))
    w.rows["user_events"].append(("s-2", "u-eve", "account:login:success", at(-500), "{}"))
    w.rows["file_events"].append(("f-1", "f-x", "file:add", at(-90000), "{}"))
    return w.mail(100, "ann@mail.example", "Hello", delivered=1)


def case(name, worlds, claims, **more):
    return answers(make_case(hindcast, os.path.join(work, name.replace(" ", "-")), worlds, settings=["claims:", *claims], **more))


a = case("by hand", [(world(), 5000)], [
    claim("no-files", "file-*, release-*", -100, 4000, project="one"),
    claim("no-roles", "role-*", -100, 4000, project="one"),
    claim("no-roles-later", "role-*", 200, 4000, project="one"),
    claim("no-roles-of-two", "role-*", 200, 900, project="two"),
    claim("not-by-ann", "role-remove", -100, 4000, by="ann"),
    claim("by-eve", "role-remove", -100, 4000, by="eve"),
    claim("not-on-eve", "role-remove", -100, 4000, on="eve"),
    claim("on-ann", "role-remove", -100, 4000, on="ann"),
    claim("too-late", "role-*", 4500, 6000, project="one"),
    claim("no-signin", "login-success", -1000, 4000, by="ann"),
    claim("signin", "login-success", -4000, 4000, by="ann"),
    claim("nobody", "role-*", -100, 4000, by="nobody"),
    claim("no-chat", "chat-message", -100, 4000),
    claim("no-mail", "mail-sent", 200, 4000),
    claim("mail", "mail-sent", 0, 4000),
    claim("old-mail", "mail-sent", -15 * DAY, -14 * DAY),
    claim("old-roles", "role-*", -400 * DAY, -300 * DAY),
    claim("exact", "role-remove", 120, 120), claim("just-before", "role-remove", 100, 119), claim("just-after", "role-remove", 121, 140)])
expected = {"no-files": "supported", "no-roles": "contradicted", "no-roles-later": "supported", "no-roles-of-two": "supported", "not-by-ann": "supported",
            "by-eve": "contradicted", "not-on-eve": "supported", "on-ann": "contradicted", "too-late": "cannot-be-told", "no-signin": "supported", "signin": "contradicted",
            "nobody": "cannot-be-told", "no-chat": "cannot-be-told", "no-mail": "supported", "mail": "contradicted", "old-mail": "cannot-be-told",
            "old-roles": "cannot-be-told", "exact": "contradicted", "just-before": "supported", "just-after": "supported"}
for name, verdict in expected.items():
    t(f"{name} is {verdict}", a[name]["verdict"] == verdict)
    if a[name]["verdict"] != verdict:
        print(a[name])
t("the denominator is every record that could show it", a["no-roles-later"]["examined"] == 2 and a["no-roles"]["examined"] == 8 and
  {(s["source"], s["type"]): s["examined"] for s in a["no-roles"]["sources"]}[("evidence/dump0.sql", "journals")] == 4)
t("and how many of them are about it is told", a["no-roles"]["facts"]["about"] == 6 and a["no-files"]["facts"]["about"] == 6)
t("what is against it is counted and has its places", a["no-roles"]["matched"] == 6 and len(a["no-roles"]["places"]) == 6)
text = open(os.path.join(work, "by-hand", "evidence", "dump0.sql")).read().encode()
t("each place is such a record", all(re.search(rb"invite|accepted|remove|role:add", text[p["offset"]:p["offset"] + p["length"]]) for p in a["no-roles"]["places"]))
t("reasons are told: the end of the dump, a name, no source, age", "the time from 2024-05-06 11:23:20 UTC on uncovered" in a["too-late"]["facts"]["why"] and
  a["nobody"]["facts"]["why"] == "no record names nobody" and "no source of this case can show whether a message was posted in a chat" in a["no-chat"]["facts"]["why"] and
  "uncovered, at least in part" in a["old-mail"]["facts"]["why"] and "why" not in a["no-files"]["facts"])
folder = os.path.join(work, "by-hand")
said = {f["rule"]: f for f in json.loads(subprocess.run([hindcast, "findings", "-C", folder, "-f", "json"], capture_output=True, text=True).stdout)}
t("a contradiction is a finding at its record, an open claim one of the case", said["HC-COV-003"]["source"] == "evidence/dump0.sql" and said["HC-COV-004"]["source"] is None)
report = open(os.path.join(folder, "report", "incident.md"), encoding="utf-8").read()
t("the report answers each", report.count("**Supported:**") == 9 and report.count("**Contradicted**") == 6 and report.count("**Not known:**") == 5 and
  "- **`no-files`:** no `release-create`" in report)
shown = subprocess.run([hindcast, "claims", "-C", folder], capture_output=True, text=True).stdout
t("the list shows each with its reasons", "supported: no-roles-later: no role-invite,role-accept" in shown and "    no record names nobody\n" in shown)
again = subprocess.run(["sh", "-c", f"'{hindcast}' correlate -C '{folder}' && '{hindcast}' claims -C '{folder}'"], capture_output=True, text=True).stdout
t("and the same when it is derived again", again == shown)

# What covers less than it seems to.
w = world().deletion(2000, "ann", proof=1900)
w.rows["user_events"] = [r for r in w.rows["user_events"] if r[1] != "u-ann"]
a = case("deleted", [(w, 5000)], [claim("ann", "login-*", -1000, 1500, by="ann"), claim("eve", "login-*", -400, 4000, by="eve"), claim("all", "login-*", -400, 4000),
                                  claim("gone", "account-delete", 0, 4000), claim("gone-maybe", "account-delete", 0, 1950), claim("not-gone", "account-delete", 2100, 4000)])
t("records that went with a deleted account show nothing of it", (a["ann"]["verdict"], a["eve"]["verdict"], a["all"]["verdict"]) == ("cannot-be-told", "supported", "cannot-be-told") and
  "went with a deleted account" in a["ann"]["facts"]["why"])
t("an act that only follows from records contradicts too, and one that may lie outside leaves it open",
  (a["gone"]["verdict"], a["gone-maybe"]["verdict"], a["not-gone"]["verdict"]) == ("contradicted", "cannot-be-told", "cannot-be-told") and a["gone-maybe"]["facts"]["possible"] == 1)
a = case("before and after", [(world(), 1800), (w, 5000)], [claim("ann", "login-*", -1000, 1500, by="ann"), claim("ann-later", "login-*", -1000, 1900, by="ann")])
t("but a dump from before does, up to when it was made", (a["ann"]["verdict"], a["ann-later"]["verdict"]) == ("supported", "cannot-be-told"))
w = world()
w.rows["releases"].append(("r-1", "1.0", at(500), "p-one", "u-ann"))
w.rows["release_files"].append(("x-1", "r-1", "one-1.0.tar.gz", at(510)))
a = case("rows", [(w, 5000)], [claim("release", "release-create", 0, 900, project="one"), claim("file", "file-add", 0, 900, project="one"), claim("other", "file-add, release-create", 0, 900, project="two"),
                               claim("before", "file-add, release-create", 0, 490, project="one")])
t("a row that says when it was made contradicts, of its own project and in its time", [a[n]["verdict"] for n in ("release", "file", "other", "before")] == ["contradicted", "contradicted", "supported", "supported"])
t("and no table what was before its first row", "leaves the time from" in answers(os.path.join(work, "by-hand"))["old-roles"]["facts"]["why"])
plain = World().project("one").user("eve").act(0, "invite", "one", "eve", "ann", event=False)
broken = World().project("one").user("eve").act(0, "invite", "one", "eve", "ann", event=False)
broken.rows["journals"].append((99, "one", "create", "not a time", "ann"))
made = [claim("made", "project-create", 2000, 4000)]
a, b = case("whole", [(plain, 5000)], made), case("rejected", [(broken, 5000)], made)
t("a type of which records could not be read covers nothing", (a["made"]["verdict"], b["made"]["verdict"]) == ("supported", "cannot-be-told") and
  "1 records of evidence/dump0.sql could not be read" in b["made"]["facts"]["why"])


def log_case(name, holes, claims, start=-20 * DAY, taken=""):
    rnd, now, lines = random.Random(1), float(start), []
    while now < 0:
        now += rnd.expovariate(1 / 60)
        if not any(x <= now < y for x, y in holes) and now < 0:
            when = (START + datetime.timedelta(seconds=now)).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
            lines.append(f"{when} mx postfix/smtp[77]: {0x4A00000000 + len(lines):X}: to=<u@mail.example>, relay=mx[192.0.2.9]:25, delay=0.5, dsn=2.0.0, status=sent (250 ok)")
    folder = os.path.join(work, name)
    os.makedirs(os.path.join(folder, "evidence"))
    open(os.path.join(folder, "evidence", "mail.log"), "w").write("\n".join(lines) + "\n")
    open(os.path.join(folder, "case.yaml"), "w").write("claims:\n" + "\n".join(claims) + "\n" + taken)
    subprocess.run([hindcast, "run", "-q", folder], capture_output=True)
    return answers(folder)


claims = [claim("inside", "mail-bounced, mail-sent", -10 * DAY, -9 * DAY, on="nobody@mail.example"), claim("to-u", "mail-sent", -10 * DAY, -9 * DAY, on="u@mail.example"),
          claim("hole", "mail-sent", -5 * DAY + 7200, -5 * DAY + 10000), claim("before", "mail-sent", -25 * DAY, -22 * DAY)]
a = log_case("log", [(-5 * DAY + 3600, -5 * DAY + 5 * 3600)], claims)
t("a log covers what lies between its ends but for its silences", (a["to-u"]["verdict"], a["hole"]["verdict"], a["before"]["verdict"]) == ("contradicted", "cannot-be-told", "cannot-be-told"))
t("what a log has never shown and no profile says is not covered by it", "no source of this case can show whether a message came back" in a["inside"]["facts"]["why"])

# An import that was narrowed to names.
folder = os.path.join(work, "narrowed")
os.makedirs(os.path.join(folder, "evidence"))
open(os.path.join(folder, "evidence", "dump.sql"), "w").write(world().text())
open(os.path.join(folder, "case.yaml"), "w").write("claims:\n" + "\n".join([claim("one", "file-*", 0, 900, project="one"), claim("two", "file-*", 0, 900, project="two"), claim("all", "file-*", 0, 900)]) +
                                                  f"\nsources:\n- {{path: 'evidence/*', taken: {stamp(5000)}}}\n")
subprocess.run([hindcast, "import", "-q", "-C", folder, "--scope", "one", os.path.join(folder, "evidence", "dump.sql")], capture_output=True)
subprocess.run([hindcast, "correlate", "-C", folder], capture_output=True)
a = answers(folder)
t("an import that was narrowed covers only its names", (a["one"]["verdict"], a["all"]["verdict"]) == ("supported", "cannot-be-told") and "narrowed" in a["all"]["facts"]["why"])

# Random claims against their definition.
rnd = random.Random(7)
w, rows = World().project("one", "two", "three").user("ann").user("eve"), []
verbs = {"invite": "role-invite", "accepted": "role-accept", "remove": "role-remove", "add": "role-add"}
for i in range(60):
    when, verb, project, target, actor = rnd.randrange(0, 4000) + rnd.random(), rnd.choice(list(verbs)), rnd.choice(("one", "two", "three")), rnd.choice(("ann", "eve")), rnd.choice(("ann", "eve"))
    w.act(when, verb, project, target, actor, event=False)
    rows.append((when, verbs[verb], project, target, actor))
asked, truth = [], {}
for n in range(300):
    start = rnd.randrange(-500, 5500)
    end = start + rnd.randrange(0, 600)
    actions = sorted(rnd.sample(sorted(set(verbs.values())), rnd.randrange(1, 4)))
    about = {k: v for k, v in (("project", rnd.choice(("one", "two", "three"))), ("by", rnd.choice(("ann", "eve"))), ("on", rnd.choice(("ann", "eve")))) if rnd.random() < 0.4}
    asked.append(claim(f"c{n}", ", ".join(actions), start, end, **about))
    inside = [r for r in rows if start <= r[0] < end + 1]
    against = [r for r in inside if r[1] in actions and about.get("project", r[2]) == r[2] and about.get("on", r[3]) == r[3] and about.get("by", r[4]) == r[4]]
    truth[f"c{n}"] = ("contradicted" if against else "supported" if end < 5000 else "cannot-be-told", len(against), len(inside))
a = case("random", [(w, 5000)], asked)
wrong = [(n, truth[n], a[n]["verdict"], a[n]["matched"], a[n]["examined"]) for n in truth if (a[n]["verdict"], a[n]["matched"], a[n]["examined"]) != truth[n]]
kinds = {v: sum(x[0] == v for x in truth.values()) for v in ("supported", "contradicted", "cannot-be-told")}
t(f"three hundred random claims have the verdict, the matches and the denominator of their definition ({kinds})", not wrong and min(kinds.values()) > 10)
print(*wrong[:5], sep="\n", end="\n" if wrong else "")

# Claims that are none.
for text, why in (("- {no: [role-add]}", "needs a name"), ("- {name: A, no: [role-add]}", "needs a name"), ("- {name: a}", "what did not happen"), ("- {name: a, no: []}", "what did not happen"),
                  ("- {name: a, no: [role-ad]}", "no action called 'role-ad'"), ("- {name: a, no: [role-add]}", "needs from and to"),
                  ("- {name: a, no: [role-add], from: 2024-01-02, to: 2024-01-01}", "ends before it begins"), ("- {name: a, no: [role-add], from: yesterday, to: 2024-01-01}", "a time is expected"),
                  ("- {name: a, no: [role-add], from: 2024-01-01, to: 2024-01-02, of: x}", "of"), ("yes", "is a list"),
                  ("- {name: a, no: [x-*], from: 2024-01-01, to: 2024-01-02}", "no action called"),
                  ("- {name: a, no: [role-add], from: 2024-01-01, to: 2024-01-02}\n- {name: a, no: [role-add], from: 2024-01-01, to: 2024-01-02}", "two claims are called a")):
    open(os.path.join(folder, "case.yaml"), "w").write("claims:" + ("\n" if text[0] == "-" else " ") + text + "\n")
    done = subprocess.run([hindcast, "claims", "-C", folder], capture_output=True, text=True)
    t(f"a claim that is none is refused: {why}", done.returncode == 2 and why in done.stderr and re.search(r"case\.yaml:\d+:\d+: ", done.stderr) is not None)
sys.exit(1 if bad else 0)
