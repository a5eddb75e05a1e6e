# SPDX-License-Identifier: Apache-2.0
"""Several incidents in one case, shared addresses, roles and their overrides: scopes.py HINDCAST WORKDIR. What belongs to which incident,
why, and what joins nothing. Prints one line "ok NAME" or "not ok NAME" per question."""
import json
import os
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
t("and that is said, with the number", [(p[1], p[2]) for p in parties(case, "shared-address")] ==
  [(VPN, f"{n} accounts without a part in the incident acted from it") for n in (7, 7)] or
  all(p[1] == VPN and "accounts without a part in the incident acted from it" in p[2] for p in parties(case, "shared-address")))
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
t("the list for readers heads each incident", [line[:12] for line in ask(case, "timeline").split("\n") if line.startswith("incident ")] == ["incident 1: ", "incident 2: "])
t("who responds is known, and why", [p[1:] for p in parties(case, "responder")] == [("kim", "case.yaml says so"), ("zoe", "case.yaml says so")] * 2 or
  sorted(p[1] for p in parties(case, "responder")) == ["kim", "zoe", "zoe"])
t("deriving it again gives the same", subprocess.run([hindcast, "verify", "-q", "-C", case], capture_output=True).returncode == 0)

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
t("two owners who lose their projects to one account are two victims of one incident", [p[1] for p in parties(case, "taken")] == ["ann", "bob"])

# Who is what is decided by case.yaml where it says so.
w = attack(World(), 0, ("alpha", "beta"), "ann", "eve", ip=OWN)
case = run("roles turned", [(w, 90000)], settings=("attackers: [ann]", "victims: [eve]"))
t("attackers and victims of case.yaml override what the finding says", [p[1:] for p in parties(case, "other")] == [("ann", "case.yaml says so")] and
  [p[1:] for p in parties(case, "taken")] == [("eve", "case.yaml says so")])

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
t("a planned hand-over, told in a mail, is silent", db(case, "SELECT count(*) FROM incident") == "0" and not rows(case))
sys.exit(1 if bad else 0)
