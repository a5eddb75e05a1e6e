#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""detections.py HINDCAST SOURCE: each rule of reports/rules that can have findings has a folder of its name in tests/rules, with fires.jsonl, in which it must
find something, and silent.jsonl, a look-alike in which it must not (both may show what other rules find). A line is an event of a small service: `t` is its second after
the start (or from..to, when it is only known as an interval), `action` and the rest its fields; {"owns": ACCOUNT, "mail": ADDRESS} says whose an address is.
Then: rules of the user's own, and what is told of those that cannot be used."""
import concurrent.futures
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile

hindcast, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
folder = tempfile.mkdtemp(prefix="hindcast-detections-")
START = datetime.datetime(2024, 5, 6, 10, 0, 0)
passed = failed = 0


def ok(name, good, why=""):
    global passed, failed
    passed += bool(good)
    failed += not good
    print(("ok " if good else "not ok ") + name + ("" if good else f": {why}"))


actions = re.findall(r'^HC_ACTION\(\w+, "([^"]+)"', open(os.path.join(source, "src/base/actions.h"), encoding="utf-8").read(), re.M)
KEPT = ["role", "url", "reason", "subject", "email", "method", "description", "from", "from_role", "native", "status", "breach", "data", "fabricated"]


def case_of(action):
    extra = []
    if action.startswith(("mail-", "chat-")):
        extra.append("text: {always: text}")
    if action.startswith("mail-"):
        extra += ["actor: {mailbox: sender}", "target: {mailbox: mail}"]
    if action == "address-breach":
        extra.append("target: {mailbox: mail}")
    if action.startswith("ticket-"):
        extra.append("text: {always: text}")
    if action.startswith(("org-role", "org-c", "org-remove")):
        extra.append('object: {thing: "organization:{organization}"}')
    if action.startswith("team-"):
        extra.append('object: {thing: "team:{team}"}')
    if action in ("login-failure",):
        extra.append("outcome: failure")
    return f'      "{action}": {{{", ".join(["action: " + action] + extra)}}}'


PROFILE = f"""name: plain
realm: plain
title: A small service
format: json
recognise:
- contains: ['"plain"']
zone: UTC
time-form: iso-us
fold: {{project: case}}
records:
- type: addresses.jsonl
  as: addresses
  key: n
  state: {{subject: {{account-id: owns}}, detail: {{mailbox: mail}}}}
- type: accounts.jsonl
  as: accounts
  key: n
  alias: {{id: {{account-id: n}}, name: {{account: name}}}}
  state: {{subject: {{account-id: n}}}}
- type: "{{any}}"
  key: n
  event:
    time: time
    actor: {{account: actor}}
    target: {{account: target}}
    object: {{project: project}}
    version: version
    file: file
    address: {{address: address}}
    keep: {{{", ".join(f"{k}: {k}" for k in KEPT)}}}
    select: action
    cases:
{chr(10).join(case_of(a) for a in actions)}
service:
  same-transaction: {{by: time}}
  table: {{addresses: addresses, accounts: accounts}}
  logsource: {{product: plain, service: audit, category: tests}}
"""


def when(t):
    if isinstance(t, str):
        return t
    return (START + datetime.timedelta(seconds=t)).strftime("%Y-%m-%d %H:%M:%S.%f")


def make_case(name, lines, beside=()):
    """`beside`: rows of a second table of events."""
    case = os.path.join(folder, name)
    os.makedirs(os.path.join(case, "profiles"))
    os.makedirs(os.path.join(case, "evidence"))
    open(os.path.join(case, "profiles", "plain.yaml"), "w").write(PROFILE)
    tables = {"events": [], "addresses": [], "accounts": []}
    for n, line in enumerate(lines):
        line = dict(line, plain=1, n=n)
        if "t" in line:
            line["time"] = when(line.pop("t"))
        tables["addresses" if "owns" in line else "events"].append(line)
    names = sorted({line[k] for line in lines for k in ("actor", "target", "owns") if k in line})
    tables["journal"] = [{k: v for k, v in dict(line, plain=1, n=n, time=when(line["t"])).items() if k != "t"} for n, line in enumerate(beside)]
    tables["accounts"] = [{"plain": 1, "n": name, "name": name} for name in names]
    for table, rows in tables.items():
        if rows:
            with open(os.path.join(case, "evidence", table + ".jsonl"), "w") as f:
                f.write("".join(json.dumps(row) + "\n" for row in rows))
    return case


def findings(case, *more):
    done = subprocess.run([hindcast, "run", "-q", *more, case], capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr.strip()
    out = subprocess.run([hindcast, "findings", "-C", case, "-f", "json"], capture_output=True, text=True, check=True).stdout
    return json.loads(out), ""


def read(*path):
    with open(os.path.join(source, "tests", "rules", *path), encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip() and not line.startswith("#")]


def try_rule(rule):
    answers = []
    if rule in own_passes and not os.path.isdir(os.path.join(source, "tests", "rules", rule)):
        return answers # asked for by tests/findings.py, coverage.py, identity.py and others
    for kind in ("fires", "silent"):
        try:
            lines = read(rule, kind + ".jsonl")
        except FileNotFoundError:
            answers.append((f"{rule} has a fixture that {kind}", False, "there is none"))
            continue
        found, why = findings(make_case(f"{rule}-{kind}", lines))
        mine = [f for f in found or [] if f["rule"] == rule]
        good = found is not None and bool(mine) == (kind == "fires")
        answers.append((f"{rule} {kind}" + (f": {mine[0]['message']}" if mine else ""), good, why or [(f["rule"], f["message"]) for f in found or []]))
        if mine:
            answers.append((f"{rule} has a message without gaps, and cites its records",
                            "?" not in mine[0]["message"] and "{" not in mine[0]["message"] and (mine[0]["events"] or mine[0]["offset"] is not None), mine[0]))
    return answers


listed = subprocess.run([hindcast, "rules", "list"], capture_output=True, text=True, check=True).stdout
rules = [line.split()[2] for line in listed.split("\n") if line and not line.startswith("-")]
own_passes = [line.split()[2] for line in listed.split("\n") if line and line.split()[1] == "built-in"]
told = subprocess.run([hindcast, "rules", "explain"], capture_output=True, text=True, check=True).stdout
ok("what passes of ours find is listed, in order, and explained", own_passes == sorted(own_passes) and "HC-EVI-001" in own_passes
   and "A name that looks like one of the incident (informational)\n  An account, project" in told, own_passes)
ok("a list of a user's rules does not hold ours", "built-in" not in subprocess.run([hindcast, "rules", "list", os.path.join(source, "reports", "rules", "acts.yml")],
                                                                                 capture_output=True, text=True, check=True).stdout)
only = sys.argv[3:]
ok("each folder of tests/rules is of a rule", set(os.listdir(os.path.join(source, "tests", "rules"))) <= set(rules),
   set(os.listdir(os.path.join(source, "tests", "rules"))) - set(rules))
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for answers in pool.map(try_rule, [r for r in rules if not only or r in only]):
        for answer in answers:
            ok(*answer)

# What rules found has a figure where it has two acts and more with a time and something that they are on.
def figure_of(rule):
    path = os.path.join(folder, rule + "-fires", "report")
    page = open(os.path.join(path, "incident.md"), encoding="utf-8").read()
    svg = os.path.join(path, "timeline.svg")
    drawn = open(svg, encoding="utf-8").read() if os.path.exists(svg) else ""
    return page.count("<!-- figure -->") == (1 if drawn else 0), drawn


if not only:
    for rule, words in (("HC-ACC-001", ["ann", "main address changed", "password reset"]), ("HC-ACC-003", ["user3", "other accounts", "failed sign-in", "sign-in"]),
                        ("HC-ACC-004", ["sign-in", "token created"]), ("HC-ACC-005", []), ("HC-REG-020", ["eve", "ann", "one", "accepted", "removed", "release"]),
                        ("HC-REG-022", ["project removed", "one"])):
        placed, drawn = figure_of(rule)
        ok(f"{rule} has a figure with its accounts, projects and acts", placed and drawn and not [w for w in words if f">{w}<" not in drawn], drawn[-1500:])
    ok("one act needs no figure", figure_of("HC-REG-024") == (True, ""), figure_of("HC-REG-024"))

# --- rules of the user's own ------------------------------------------------------------------------------------------------------

EVENTS = [{"t": 0, "action": "login-success", "actor": "ann", "target": "ann", "address": "203.0.113.1"},
          {"t": 5, "action": "login-success", "actor": "Bob", "target": "Bob", "address": "198.51.100.2"},
          {"t": 9, "action": "login-success", "actor": "bob", "target": "bob", "address": "198.51.100.3", "native": "N1"}]


def own(name, rule, want, settings="", extra=None, how="dir"):
    """`want`: what findings of the user's rule say; or the beginning of what is told when it cannot be used."""
    case = make_case("own-" + re.sub("[^a-z]", "-", name), EVENTS)
    rules = os.path.join(case, "rules") if how == "case" else os.path.join(folder, "rules-" + re.sub("[^a-z]", "-", name))
    os.makedirs(rules)
    for file, text in dict(extra or {}, **{"own.yml": rule}).items():
        open(os.path.join(rules, file), "w").write(text)
    if settings:
        open(os.path.join(case, "case.yaml"), "w").write(settings)
    found, why = findings(case, *([] if how == "case" else ["--rules", rules]))
    if isinstance(want, str):
        ok(f"own rules: {name}", found is None and want in why and not os.path.exists(os.path.join(case, "hindcast.db")) or
           (found is None and want in why), why or found)
        return
    ok(f"own rules: {name}", found is not None and sorted(f["message"] for f in found if not f["rule"].startswith("HC-")) == want, why or [f["message"] for f in found])


def detection(selection, logsource="product: hindcast", more="", message="{actor}"):
    return (f"title: t\nid: OWN\nlevel: medium\nlogsource: {{{logsource}}}\ndetection:\n  s: {{{selection}}}\n  condition: s\nhindcast:\n  message: '{message}'\n" + more)


own("by our names", detection("action: login-success, actor: ann"), ["ann"])
own("in the folder of the case", detection("action: login-success, actor: ann"), ["ann"], how="case")
own("by the names of ECS", detection("event.action: login-success, source.ip|cidr: 198.51.100.0/24"), ["Bob"])
own("one finding for an account, whatever the case of its name", detection("actor: BOB"), ["Bob"])
own("what would not be said of all of them is said of each", detection("actor: BOB", message="{actor} {address}"), ["Bob 198.51.100.2", "Bob 198.51.100.3"])
own("by a native name", detection("native: n1", "product: plain"), ["Bob"])
own("of another product", detection("actor: ann", "product: github"), [])
own("of the service and the category that the profile says", detection("actor: ann", "category: tests, service: audit"), ["ann"])
own("of another service", detection("actor: ann", "product: plain, service: other"), [])
own("keywords", detection("'|all': [ann, '203.0.113']"), ["ann"])
own("a new address", detection("new_address: true", message="{actor} {address}"), ["Bob 198.51.100.3"])
own("a placeholder with a list in the case file", detection("actor|expand: '%people%'"), ["Bob", "ann"], "lists: {people: [ann, 'b*b']}\n")
own("a placeholder with a list in a file", detection("address|expand|startswith: '%net%113'"), ["ann"], extra={"net.txt": "# networks\n203.0.\n\n10.\n"})
own("the responders of the case file", detection("actor|expand: '%responders%'"), ["ann"], "responders: [ann]\n")
own("a placeholder without a list", detection("actor|expand: '%nobody%'"), "own.yml:6:21: there is no list called \"nobody\"")
own("a modifier that is not there", detection("actor|near: x"), "own.yml:6:19: unknown modifier \"near\"")
own("a name that is ours", "title: t\nname: invite\nlogsource: {product: x}\ndetection: {s: {a: b}, condition: s}\n", "own.yml:1:1: another rule is called \"invite\" already")
own("no YAML", "title: [\n", "own.yml:2:1: ")
own("a key of ours that is not there", detection("actor: ann", more="  colour: red\n"), "own.yml:10:3: unknown key \"colour\"")
own("a correlation of our acts and theirs", detection("address: 198.51.100.3", more="---\ntitle: c\nid: OWN2\nname: c\ncorrelation:\n  type: temporal\n  rules: [OWN, login]\n"
    "  group-by: [actor]\n  timespan: 1m\nhindcast:\n  message: '{actor} {n} {duration}'\n"), ["Bob 2 0 s"])
# What is known to the minute is not measured to the second.
minutes = [{"t": f"2024-05-06 10:0{m}", "action": a, "actor": by, "target": whom, "project": "p"}
           for m, a, by, whom in ((0, "role-invite", "ann", "eve"), (2, "role-accept", "eve", "eve"), (4, "role-remove", "eve", "ann"))]
case = make_case("minutes", minutes)
found, why = findings(case)
told = subprocess.run(["sqlite3", os.path.join(case, "hindcast.db"), "SELECT least, most FROM metric WHERE name = 'takeover'"], capture_output=True, text=True).stdout
page = open(os.path.join(case, "report", "incident.md"), encoding="utf-8").read()
ok("a duration between times to the minute is an interval", told == "180000001|299999999\n" and "| 3 min 0 s to 5 min 0 s |" in page, (told, why))
ok("a role that no record names is not told", "`ann` invites `eve` to `p`." in page and "?" not in page, [line for line in page.split("\n") if "?" in line])
role = "<b>Owner</b>\n# [x](javascript:y) \x1b[31m\u202e"
hostile = [{"t": t + i, "action": a, "actor": by, "target": whom, "project": f"p{i}", "role": role} for i in (0, 1)
           for t, a, by, whom in ((0, "role-invite", "ann", "eve"), (60, "role-accept", "eve", "eve"), (90, "role-remove", "eve", "ann"))]
case = make_case("role", hostile + [{"t": 200, "action": "account-delete", "actor": "ann", "target": "ann"}])
found, why = findings(case)
page = open(os.path.join(case, "report", "incident.md"), encoding="utf-8").read()
ok("the word for a role is a record's own, and no markup", "with the role \\<b\\>Owner" in page and "<b>" not in page and "\n# [" not in page and "\x1b" not in page and
   "\u202e" not in page, [why] + [line for line in page.split("\n") if "Owner" in line][:3])
# Rows that one transaction wrote into two tables are one act to rules, with what each of them says.
def together(name, rows, others, rules):
    case = make_case(name, rows, others)
    os.makedirs(os.path.join(case, "rules"))
    open(os.path.join(case, "rules", "r.yml"), "w").write(rules)
    found, why = findings(case)
    return case, [f for f in found or [] if f["rule"].startswith("OWN")], why


def removals(times, field):
    return [{"t": t, "action": "2fa-remove", "actor": "ann", "target": "ann", field: f"row {t}"} for t in times]


def rule(name, selection, logsource="product: hindcast"):
    return detection(selection, logsource, message=name).replace("title: t", f"title: {name}\nname: {name}").replace("OWN", f"OWN-{name}")


TWICE = "---\n".join([rule("off", "action: 2fa-remove"), rule("both", "native: row 0, method: row 0"), rule("service", "native: row 0", "product: plain, service: journal.jsonl")] +
                     [f"""title: {n} times
id: OWN-{n}
name: times{n}
correlation: {{type: event_count, rules: [off], group-by: [target], timespan: 1h, condition: {{gte: {n}}}}}
hindcast: {{message: '{{target}} {{n}}'}}
""" for n in (2, 3)])
case, found, why = together("twins", removals((0, 60), "native"), removals((0, 60), "method"), TWICE)
ok("rows of one transaction in two tables are one act to correlations, with the fields and the source of each", sorted((f["rule"], f["message"]) for f in found) ==
   [("OWN-2", "ann 2"), ("OWN-both", "both"), ("OWN-service", "service")], why or [(f["rule"], f["message"]) for f in found])
told = subprocess.run(["sqlite3", os.path.join(case, "hindcast.db"), "SELECT count(*) FROM finding_event AS f JOIN attest AS t ON t.act = f.act AND t.how = 'record' "
                       "WHERE f.finding = (SELECT id FROM finding WHERE rule = 'OWN-2') GROUP BY f.act; SELECT count(*) FROM twin"], capture_output=True, text=True).stdout
ok("each of them is attested by both rows", told == "2\n2\n2\n", told)
for name, other in (("other microseconds", {"t": 0.000001}), ("another actor", {"actor": "eve"}), ("another account", {"target": "eve"}), ("another act", {"action": "2fa-add"})):
    case, found, why = together("no twins " + name, removals((0, 60), "native"), [dict(removals((0,), "method")[0], **other)], TWICE)
    told = subprocess.run(["sqlite3", os.path.join(case, "hindcast.db"), "SELECT count(*) FROM twin"], capture_output=True, text=True).stdout
    ok(f"rows of {name} stay apart", told == "0\n", (told, why))
case, found, why = together("twins of nobody", [{k: v for k, v in row.items() if k != "actor"} for row in removals((0, 60), "native")], removals((0, 60, 60), "method"), TWICE)
told = subprocess.run(["sqlite3", os.path.join(case, "hindcast.db"), "SELECT y.name, count(*) FROM finding_event AS f JOIN act AS a ON a.id = f.act JOIN attest AS t ON t.act = a.id "
                       "JOIN entity AS y ON y.id = a.actor WHERE f.finding = (SELECT id FROM finding WHERE rule = 'OWN-3') GROUP BY a.id ORDER BY a.id"], capture_output=True, text=True).stdout
ok("a table tells of an act once, and who did it is known by the row that says so", told == "ann|2\nann|2\nann|1\n", (told, why))
# Numbers beyond 2^53 are as the evidence writes them.
wide = [{"t": i, "action": "token-create", "actor": "ann", "target": "ann", "native": n} for i, n in enumerate((2 ** 53, 2 ** 53 + 1, 2 ** 63 - 1))]
case, found, why = together("numbers", wide, [], "---\n".join([rule("eq", f"native: {2 ** 53 + 1}"), rule("gt", f"native|gt: {2 ** 53}"), rule("lt", f"native|lt: {2 ** 53 + 1}"), rule(
    "any", "action: token-create"), f"""title: values
id: OWN-values
correlation: {{type: value_count, rules: [any], group-by: [target], timespan: 1h, condition: {{field: native, gte: 3}}}}
hindcast: {{message: '{{n}}'}}
"""]))
told = {f["rule"]: len(f["events"]) for f in found}
ok("large numbers in a case", told == {"OWN-eq": 1, "OWN-gt": 2, "OWN-lt": 1, "OWN-values": 3}, why or told)
case, found, why = together("told only", [dict(EVENTS[2], native="N1", role="Owner")], [], rule("told", "action: login-success").replace("message: 'told'", "message: '{native} {role} {url}'"))
ok("a message tells fields that no rule asks for", [f["message"] for f in found] == ["N1 Owner ?"], why or found)
# Limits.
many = [{"t": i, "action": "login-failure", "target": "ann"} for i in range(10003)]
case = make_case("many", many)
limits = os.path.join(folder, "limits")
os.makedirs(limits)
open(os.path.join(limits, "r.yml"), "w").write(detection("action: login-failure", message="{target}"))
found, why = findings(case, "--rules", limits)
mine = [f for f in found or [] if f["rule"] == "OWN"]
told = subprocess.run(["sqlite3", os.path.join(case, "hindcast.db"), "SELECT because FROM finding WHERE rule = 'OWN'"], capture_output=True, text=True).stdout
ok("a finding cites ten thousand records, and says how many more there are", len(mine) == 1 and len(mine[0]["events"]) == 10000 and "3 more are not listed" in told, why or told)
own("a list that is too long", detection("actor|expand: '%long%'"), "long.txt:100001: more than 100000 values", extra={"long.txt": "x\n" * 100001})
own("a list that makes too many variants", detection("actor|expand: '%long%'"), "own.yml:6:21: more than 4096 variants", extra={"long.txt": "x\n" * 4097})
names = [{"t": i, "action": "login-success", "actor": f"m{i:02}", "target": f"m{i:02}"} for i in range(70)]
case = make_case("mentions", names + [{"t": 99, "action": "chat-message", "actor": "kim", "text": " ".join(f"m{i:02}" for i in range(70))}])
open(os.path.join(limits, "r.yml"), "w").write(detection("mentions: m63", message="in") + "---\n" + detection("mentions: m64", message="out").replace("OWN", "OUT"))
found, why = findings(case, "--rules", limits)
ok("of a text the first 64 names count", [f["message"] for f in found or [] if f["rule"] in ("OWN", "OUT")] == ["in"], why or found)

done = subprocess.run([hindcast, "run", "-q", make_case("none", EVENTS), "--rules", os.path.join(folder, "not", "there")], capture_output=True, text=True)
ok("a folder of rules that is not there", done.returncode == 2 and "there" in done.stderr, done.stderr)

subprocess.run(["rm", "-rf", folder], check=False)
print(f"detections: {passed} passed, {failed} failed")
sys.exit(failed > 0)
