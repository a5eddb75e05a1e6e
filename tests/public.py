#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""public.py HINDCAST SOURCE: what a report for everybody must not show is nowhere in its files, nor in the list of identities. Which texts these are is
known from the evidence that is written here, and of the examples from the names of their database."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

hindcast, source = os.path.abspath(sys.argv[1]), sys.argv[2]
folder = tempfile.mkdtemp(prefix="hindcast-public-")
passed = failed = 0


def ok(name, good, why=""):
    global passed, failed
    passed += bool(good)
    failed += not good
    print(("ok " if good else "not ok ") + name + ("" if good else f": {why}"))


def run(*args):
    done = subprocess.run([hindcast, *args], capture_output=True, text=True)
    return done.stdout if done.returncode in (0, 3) else f"status {done.returncode}: {done.stderr}"


def texts(case, *more):
    """All that is written for everybody: by name."""
    out = os.path.join(case, "out")
    shutil.rmtree(out, ignore_errors=True)
    run("report", "-C", case, "-o", out, *more)
    found = {name: open(os.path.join(out, name), encoding="utf-8").read() for name in os.listdir(out)}
    for form in ("text", "jsonl", "csv"):
        found["identities " + form] = run("identities", "-C", case, "-f", form, *more)
    return found


def holds(text, word):
    """As a whole word, however it is escaped."""
    plain = re.sub(r"\\(.)", r"\1", text)
    return any(re.search(r"(?<![\w.])" + re.escape(word) + r"(?![\w])", t, re.IGNORECASE) for t in (text, plain))


def check(name, found, hidden):
    leaks = [(file, word) for file, text in sorted(found.items()) for word in hidden if holds(text, word)]
    ok(f"{name}: {len(hidden)} texts are in none of {len(found)} outputs", hidden and not leaks, leaks[:10])


def entities(case, kinds):
    got = subprocess.run(["sqlite3", os.path.join(case, "hindcast.db"), f"SELECT DISTINCT name FROM entity WHERE kind IN ({kinds})"], capture_output=True, text=True)
    return [line for line in got.stdout.split("\n") if line]


# The examples: every mail address but the service's own, every network address, every id of an account, every responder.
for example in sorted(os.listdir(os.path.join(source, "examples"))):
    case = os.path.join(folder, example)
    shutil.copytree(os.path.join(source, "examples", example), case, ignore=shutil.ignore_patterns("hindcast.db*", "report"))
    subprocess.run(["chmod", "-R", "u+w", case], check=True) # the sources of the project may be read-only
    run("run", "-q", case)
    settings = open(os.path.join(case, "case.yaml"), encoding="utf-8").read() if os.path.exists(os.path.join(case, "case.yaml")) else ""
    own = re.search(r"^mailboxes: \[(.*)\]", settings, re.M)
    own = own.group(1).split(", ") if own else []
    responders = re.search(r"^responders: \[(.*)\]", settings, re.M)
    responders = responders.group(1).split(", ") if responders else []
    hidden = [n for n in entities(case, "2, 5, 7") if n not in own and len(n) > 8 or "@" in n and n not in own] + responders
    inside, public = texts(case), texts(case, "--audience", "public")
    ok(f"{example}: inside they are shown", any(holds(t, w) for t in inside.values() for w in hidden))
    check(example, public, hidden)
    ok(f"{example}: who may read it is said", "**Audience:** public." in public["incident.md"] and "**Audience:** internal." in inside["incident.md"])
    ok(f"{example}: the service's own address is shown", all(o in public["incident.md"] for o in own if o in inside["incident.md"]), own)

# A case in which they stand in places where nobody has looked for them.
PROFILE = """
name: plain
realm: plain
title: Plain events
format: json
recognise:
- contains: ['"plain"']
zone: UTC
time-form: iso-us
records:
- type: accounts.jsonl
  as: accounts
  key: n
  alias: {id: {account-id: n}, name: {account: name}}
  state: {subject: {account-id: n}}
- type: addresses.jsonl
  as: addresses
  key: n
  state: {subject: {account-id: owns}, detail: {mailbox: mail}}
- type: "{any}"
  key: n
  event:
    time: time
    actor: {account: actor}
    target: {account: target}
    object: {project: project}
    version: version
    address: {address: address}
    text: {always: text}
    keep: {device: device, native: native}
    select: action
    cases:
      token-create: {action: token-create}
      release-create: {action: release-create}
      chat-message: {action: chat-message}
      project-remove: {action: project-remove}
service:
  same-transaction: {by: time}
  table: {addresses: addresses, accounts: accounts}
"""
HIDDEN = ["Ann.Lee+x@corp.example", "ann.lee@corp.example", "203.0.113.7", "2001:db8::7:1", "2001:DB8:0:0::9", "198.51.100.200", "2f1c9a2e-8d1b-4c65-9a53-0c4b7d3c1f10",
          "deadbeefcafe0123456789", "müller@corp.example", "Ann Lee", "robin", "laptop-of-ann"]
TEXT = ("robin: token of Ann Lee (Ann.Lee+x@corp.example, <ann.lee@corp.example>) used from 203.0.113.7:443, [2001:db8::7:1]:22 and 2001:DB8:0:0::9, host 198.51.100.200. "
        "session 2f1c9a2e-8d1b-4c65-9a53-0c4b7d3c1f10, key deadbeefcafe0123456789; müller@corp.example asks @robin about laptop-of-ann at 10:11:12, count 1234567890123456")
RULE = """title: released
id: OWN
level: high
logsource: {product: hindcast}
detection: {s: {action: [project-remove, release-create]}, condition: s}
hindcast: {message: '{actor} removed {project} from {address} with {device}: {native}'}
"""
case = os.path.join(folder, "case")
for name in ("profiles", "evidence", "rules"):
    os.makedirs(os.path.join(case, name))
open(os.path.join(case, "profiles", "plain.yaml"), "w").write(PROFILE)
open(os.path.join(case, "rules", "own.yml"), "w").write(RULE)
open(os.path.join(case, "case.yaml"), "w").write("responders: [robin]\nmailboxes: [help@plain.example]\nwithhold: [Ann Lee, laptop-of-ann]\nsubjects: [ann]\n")
rows = [{"action": "release-create", "actor": "ann", "target": "ann", "project": "p", "version": "1.2.3.4", "address": "203.0.113.7"},
        {"action": "project-remove", "actor": "ann", "target": "ann", "project": "p", "address": "2001:db8::7:1", "device": "laptop-of-ann", "native": TEXT},
        {"action": "chat-message", "actor": "robin", "project": "p", "text": TEXT + " ann p"}]
for name, lines in (("events", rows), ("accounts", [{"name": "ann"}]), ("addresses", [{"owns": 0, "mail": "ann.lee@corp.example"}])):
    with open(os.path.join(case, "evidence", name + ".jsonl"), "w", encoding="utf-8") as f:
        for n, line in enumerate(lines):
            f.write(json.dumps(dict(line, plain=1, n=n, **({"time": f"2024-05-06 10:{10 + n}:00.000000"} if name == "events" else {})), ensure_ascii=False) + "\n")
said = run("run", "-q", case)
inside = texts(case)
shown = [w for w in HIDDEN if any(holds(t, w) for t in inside.values())]
ok("inside all of them are shown", len(shown) >= len(HIDDEN) - 1, (said, sorted(set(HIDDEN) - set(shown))))
check("hidden in texts", texts(case, "--audience", "public"), HIDDEN)
public = texts(case, "--audience", "public")["incident.md"]
ok("times, counts and versions are no addresses", "10:11:12" in public and "1234567890123456" in public and "1.2.3.4" in public, public)
ok("two addresses stay two", "network address 1" in public and "network address 2" in public and "a•••@•••" in public and "a•••2@•••" in public)
open(os.path.join(case, "case.yaml"), "a").write("audience: public\n")
check("by the case file", texts(case), HIDDEN)
ok("the option decides", "internal" in texts(case, "--audience", "internal")["incident.md"])
done = subprocess.run([hindcast, "report", "-C", case, "--audience", "friends"], capture_output=True, text=True)
ok("another audience", done.returncode == 2 and "--audience takes internal or public, not 'friends'" in done.stderr, done.stderr)

subprocess.run(["rm", "-rf", folder], check=False)
print(f"public: {passed} passed, {failed} failed")
sys.exit(failed > 0)
