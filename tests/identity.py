# SPDX-License-Identifier: Apache-2.0
"""Who is who, through time and across services: identity.py HINDCAST WORKDIR. Each reason to join two names has a case in which it holds
and one that looks alike and in which it must not. Prints one line "ok NAME" or "not ok NAME" per question."""
import datetime
import json
import os
import subprocess
import sys
import zipfile

hindcast, work = sys.argv[1], sys.argv[2]
START = datetime.datetime(2024, 5, 6, 10, 0, 0)
EPOCH = START.replace(tzinfo=datetime.timezone.utc).timestamp()
bad = 0

TABLES = {
    "users": "id username date_joined is_frozen", "user_emails": "id user_id email verified unverify_reason", "projects": "id name",
    "roles": "id role_name user_id project_id", "journals": "id name version action submitted_date submitted_by",
    "project_events": "id source_id tag time additional ip_address_id", "user_events": "id source_id tag time additional ip_address_id",
    "file_events": "id source_id tag time additional", "ip_addresses": "id ip_address hashed_ip_address is_banned",
    "ses_emails": "id created message_id from to subject missing", "ses_events": "id email_id created event_type data",
    "account_associations": "id user_id association_type created", "oauth_account_associations": "id service external_user_id external_username",
}


def at(seconds):
    return (START + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")


def us(seconds):
    return round((EPOCH + seconds) * 1e6)


class Dump:
    """The rows of one dump. Times are seconds after START."""

    def __init__(self):
        self.rows = {table: [] for table in TABLES}
        self.n = 0

    def add(self, table, **row):
        self.n += 1
        row.setdefault("id", f"{table}-{self.n}")
        self.rows[table].append([row.get(column) for column in TABLES[table].split()])
        return self

    def user(self, name, ident=None, born=-9e6, address=None, verified="t", lost=None, event=True):
        ident = ident or f"u-{name}"
        self.add("users", id=ident, username=name, date_joined=at(born), is_frozen="f")
        if event:
            self.add("user_events", source_id=ident, tag="account:create", time=at(born), additional="{}")
        if address:
            self.add("user_emails", user_id=ident, email=address, verified=verified, unverify_reason=lost)
        return self

    def project(self, *names):
        for name in names:
            self.add("projects", id=f"p-{name}", name=name)
        return self

    def journal(self, t, project, action, by, serial=None, version=None):
        return self.add("journals", id=serial or 1000 + round(t), name=project, version=version, action=action, submitted_date=at(t), submitted_by=by)

    def event(self, t, project, verb, target, by, address=None):
        extra = {"submitted_by": by, "role_name": "Owner", "target_user": target}
        return self.add("project_events", source_id=f"p-{project}", tag=f"project:role:{verb}", time=at(t), additional=json.dumps(extra), ip_address_id=address)

    def act(self, t, project, verb, target, by, masked=False):
        """A journal row and the project's event of one transaction."""
        tag = {"invite": "invite", "accepted": "add", "add": "add", "remove": "remove"}[verb]
        return self.journal(t, project, f"{verb} Owner {target}", "deleted-user" if masked else by).event(t, project, tag, target, by)

    def mail(self, t, to, subject, missing="f"):
        return self.add("ses_emails", created=at(t), message_id=f"id-{self.n}", **{"from": "noreply@r.example"}, to=to, subject=subject, missing=missing)

    def text(self):
        out = ["--", "-- PostgreSQL database dump", "--", "", "SET client_encoding = 'UTF8';", ""]
        for table in TABLES:
            out += [f"CREATE TABLE public.{table} (", ");", ""]
        for table, columns in TABLES.items():
            names = ", ".join(f'"{column}"' for column in columns.split())
            out.append(f"COPY public.{table} ({names}) FROM stdin;")
            for row in self.rows[table]:
                out.append("\t".join("\\N" if f is None else str(f).replace("\\", "\\\\") for f in row))
            out += ["\\.", ""]
        return "\n".join(out) + "\n--\n-- PostgreSQL database dump complete\n--\n"


def slack(path, users, messages=()):
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("users.json", json.dumps([{"id": i, "name": name, "is_email_confirmed": confirmed, "profile": {"email": email}}
                                             for i, name, confirmed, email in users]))
        z.writestr("channels.json", "[]")
        z.writestr("ops/2024-05-06.json", json.dumps([{"type": "message", "user": who, "ts": f"{EPOCH + t:.6f}", "text": text} for t, who, text in messages]))


AUDIT = """name: registry-audit
realm: warehouse
title: audit log of the registry
format: json
recognise: {contains: ['"registry":', '"what":']}
fold: {project: pep503}
records:
- type: "{any}"
  as: audit
  key: id
  event:
    time: {field: at, form: iso}
    actor: {account: by}
    target: {account: of}
    object: {project: project}
    text: what
    keep: {id: id}
    select: what
    cases:
      "invite": role-invite
      "accept": role-accept
      "add": role-add
      "remove": role-remove
      "login": {action: login-success, outcome: success}
"""


def audit(*lines):
    """Lines (t, what, project, of, by) of the registry's audit log, to the second."""
    return "".join(json.dumps({"registry": "r.example", "id": f"a{i}", "at": at(t)[:19].replace(" ", "T") + "Z", "what": what, "project": project, "of": of, "by": by}) + "\n"
                   for i, (t, what, project, of, by) in enumerate(lines))


def case_of(name, dumps, files=None, settings=(), profiles=None, run=True):
    """`dumps`: (rows, seconds when it was taken), ...; `files`: path inside of evidence -> text, or a function that writes it."""
    case = os.path.join(work, name.replace(" ", "-"))
    for profile, text in (profiles or {}).items():
        os.makedirs(os.path.join(case, "profiles"), exist_ok=True)
        open(os.path.join(case, "profiles", profile), "w").write(text)
    os.makedirs(os.path.join(case, "evidence"))
    lines = list(settings) + ["sources:"]
    for i, (dump, taken) in enumerate(dumps):
        open(os.path.join(case, "evidence", f"dump{i}.sql"), "w").write(dump.text())
        lines += [f"  - path: evidence/dump{i}.sql", f"    taken: {at(taken)[:19].replace(' ', 'T')}Z"]
    open(os.path.join(case, "case.yaml"), "w").write("\n".join(lines) + "\n")
    for path, content in (files or {}).items():
        path = os.path.join(case, "evidence", path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        content(path) if callable(content) else open(path, "w").write(content)
    if not run:
        return case
    done = subprocess.run([hindcast, "run", "-q", case], capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stdout, done.stderr)
    return case


def ask(case, *command):
    return subprocess.run([hindcast, *command, "-C", case], capture_output=True, text=True, check=True).stdout


def db(case, query):
    return subprocess.run(["sqlite3", os.path.join(case, "hindcast.db"), query], capture_output=True, text=True, check=True).stdout.strip()


def listed(case, relation):
    """What the command `identities` says: (name, kind of the member, member, reason, strength)."""
    rows = [json.loads(line) for line in ask(case, "identities", "-f", "jsonl").splitlines()]
    return [(r["name"], r["of_kind"], r["member"], r["reason"], r["strength"]) for r in rows if r["relation"] == relation and r["because"]]


def notes(case, rule):
    return [f for f in json.loads(ask(case, "findings", "-f", "json")) if f["rule"] == rule]


def joined(case, reason, columns="name, same_as"):
    return db(case, f"SELECT {columns} FROM identities WHERE reason = '{reason}' ORDER BY name, same_as, same_key").split("\n")


def acts(case, action, columns):
    return db(case, f"SELECT {columns} FROM act AS a WHERE action = (SELECT number FROM vocabulary WHERE name = '{action}') ORDER BY time, id").split("\n")


KEY = "(SELECT kind || ':' || key FROM entity WHERE id = {0})"


def t(name, holds):
    global bad
    print(("ok " if holds else "not ok ") + name)
    bad |= not holds


# Names through time: another account that has the name of an earlier one.
again = Dump().project("one").user("kim").user("eve", ident="u-2", born=5000).act(100, "one", "add", "eve", "kim").act(200, "one", "remove", "eve", "kim")
again.act(6000, "one", "add", "eve", "kim")
case = case_of("name registered again", [(again, 9000)])
t("a name that records show before its account was registered was another account's: before and after are two",
  acts(case, "role-add", KEY.format("target")) == ["1:eve", "2:u-2"] and db(case, "SELECT count(*) FROM link WHERE kind = 're-registered'") == "1")
t("which of the two it is is said with the act", "eve is here the account that was made " in acts(case, "role-add", "coalesce(why, '-')")[1] and acts(case, "role-add", "coalesce(why, '-')")[0] == "-")
t("and it is said since when, and by which record", joined(case, "holder", "name, same_key, since, until, strength, line > 0") == [f"eve|u-2|{us(5000)}|{us(5000)}|certain|1"])
once = Dump().project("one").user("kim").user("eve", ident="u-2", born=50).act(100, "one", "add", "eve", "kim")
case = case_of("name registered once", [(once, 9000)])
t("a name that nobody had before is one account", acts(case, "role-add", KEY.format("target")) == ["1:eve"] and joined(case, "holder") == [""])
old = Dump().project("one").user("kim").user("eve", ident="u-1").act(100, "one", "add", "eve", "kim")
new = Dump().project("one").user("kim").user("eve", ident="u-2", born=5000, event=False).act(6000, "one", "add", "eve", "kim")
case = case_of("name under another id", [(old, 1000), (new, 9000)])
t("the same name under another id in a later dump is another account, from when its row was made",
  acts(case, "role-add", KEY.format("target")) == ["1:eve", "2:u-2"] and joined(case, "holder", "same_key, since") == [f"u-2|{us(5000)}"])
t("the first is deleted between the dumps", acts(case, "account-delete", KEY.format("target")) == ["1:eve"])
back = Dump().project("one").user("kim").user("eve", ident="u-2", born=5000).act(6000, "one", "add", "eve", "kim")
case = case_of("name registered again after a deletion", [(old, 1000), (back, 9000)])
t("a name that is registered again is told, though the accounts are two", [f["target"] for f in notes(case, "HC-REG-023")] == ["eve"])
other = Dump().project("one").user("kim").user("evie", ident="u-2", born=5000).act(6000, "one", "add", "evie", "kim")
t("one that only looks like it is not", not notes(case_of("another name registered", [(old, 1000), (other, 9000)]), "HC-REG-023"))
case = case_of("name under another id in the other order", [(new, 9000), (old, 1000)])
t("whatever the files are called", acts(case, "role-add", KEY.format("target")) == ["1:eve", "2:u-2"])
two = Dump().project("one").user("kim").user("Eve", ident="u-1").user("eve", ident="u-2").act(100, "one", "add", "eve", "kim")
case = case_of("two by case", [(two, 9000)])
t("two ids whose names differ only by case in one dump are two accounts, and a name in a record is neither",
  db(case, "SELECT count(*) FROM unjoined WHERE reason = 'shared-name'") == "2" and acts(case, "role-add", KEY.format("target")) == ["1:eve"]
  and joined(case, "row", "same_as") == ["kim", "one"])

gone = Dump().project("one").user("kim").user("eve", ident="u-1").act(100, "one", "add", "eve", "kim")
back = Dump().project("one").user("kim").user("eve", ident="u-2", born=5000, event=False).journal(5000, "one", "add Owner eve", "kim").journal(6000, "one", "invite Owner bob", "eve")
back.event(6000, "one", "invite", "bob", "eve")
case = case_of("restored", [(gone, 1000), (back, 9000)])
t("the list of identities says that it was restored, and which id it has",
  [r[:3] for r in listed(case, "was restored as")] == [("eve", "account id", "u-2")] and ("eve", "account id", "u-1", "row", "certain") in listed(case, "is")
  and any(line.split(",")[3] == "was restored as" for line in ask(case, "identities", "-f", "csv").split("\n")[1:] if line))
t("an account made again by somebody else is restored: another account, linked, and what it does is its own",
  db(case, f"SELECT kind, {KEY.format('a')}, {KEY.format('b')} FROM link WHERE kind LIKE 're%ed%'") == "restored-as|1:eve|2:u-2" and acts(case, "role-invite", KEY.format("actor")) == ["2:u-2"]
  and acts(case, "account-restore", KEY.format("target") + " || ' by ' || " + KEY.format("actor")) == ["2:u-2 by 1:kim"])

# Renames.
before = Dump().project("one").user("kim").user("ann", ident="u-1").act(100, "one", "add", "ann", "kim")
after = Dump().project("one").user("kim").user("anna", ident="u-1").act(100, "one", "add", "ann", "kim").act(6000, "one", "remove", "anna", "kim")
case = case_of("renamed", [(before, 1000), (after, 9000)])
t("an id with another name in a later dump is the same account, under its later name",
  joined(case, "rename", "name, same_as, strength, line > 0") == ["ann|anna|certain|1"] and acts(case, "role-add", KEY.format("target")) == ["1:anna"]
  and acts(case, "role-remove", KEY.format("target")) == ["1:anna"])
taken = Dump().project("one").user("kim").user("anna", ident="u-1").user("ann", ident="u-9", born=4000).act(100, "one", "add", "ann", "kim").act(6000, "one", "add", "ann", "kim")
case = case_of("renamed and taken", [(before, 1000), (taken, 9000)])
t("who then takes the free name is another: before it was the renamed account's, afterwards it is theirs",
  acts(case, "role-add", KEY.format("target")) == ["1:anna", "2:u-9"])
swap = Dump().project("one").user("bob", ident="u-1").user("ann", ident="u-2").user("kim").act(100, "one", "add", "ann", "kim").act(2000, "one", "add", "ann", "kim")
swap.act(6000, "one", "remove", "ann", "kim")
case = case_of("swapped names", [(Dump().project("one").user("kim").user("ann", ident="u-1").user("bob", ident="u-2"), 1000), (swap, 5000)])
t("two accounts that swapped names between two dumps are told apart before and after, and not in between",
  [r for r in acts(case, "role-add", KEY.format("target"))] == ["2:u-1", "1:ann"] and acts(case, "role-remove", KEY.format("target")) == ["2:u-2"]
  and "cannot be told" in acts(case, "role-add", "coalesce(why, '-')")[1])

# Actors that the service no longer names, row by row.
w = Dump().project("one", "two", "three").user("kim")
w.act(0, "one", "invite", "eve", "ann", masked=True)                                     # told by the project's event
w.journal(10, "one", "accepted Owner eve", "deleted-user")                               # only the invited account can
w.journal(20, "two", "create", "deleted-user").journal(20, "two", "add Owner eve", "deleted-user")  # who makes it owns it
w.journal(30, "one", "remove Owner ann", "deleted-user")                                 # nobody tells
w.journal(40, "three", "add Owner eve", "deleted-user")                                  # given by whoever: not its own act
case = case_of("unmasked", [(w, 9000)])
said = db(case, "SELECT (SELECT fields ->> 'native' FROM event WHERE id = u.event), reason, (SELECT name FROM called WHERE entity = u.actor) FROM unmasked AS u ORDER BY event, reason").split("\n")
t("each row of a deleted account is told by its own evidence, or not at all", said == [
    "invite Owner eve|transaction|ann", "accepted Owner eve|own-act|eve", "create|creator|eve", "add Owner eve|creator|eve", "remove Owner ann|nothing|", "add Owner eve|nothing|"])
t("and what is told and what is not is counted", db(case, "SELECT resolved, unknown FROM masked") == "4|2")
early = Dump().project("one").user("kim").user("ann", ident="u-1").journal(0, "one", "remove Owner bob", "ann", serial=7)
late = Dump().project("one").user("kim").journal(0, "one", "remove Owner bob", "deleted-user", serial=7)
case = case_of("unmasked by a dump", [(early, 1000), (late, 9000)])
t("a dump from before the deletion still names the actor of the very row",
  db(case, "SELECT reason, (SELECT name FROM called WHERE entity = actor), by_event IS NOT NULL FROM unmasked") == "earlier-dump|ann|1" and acts(case, "role-remove", KEY.format("actor")) == ["1:ann"])

# Whose mailbox it is.
w = Dump().project("one").user("ann", address="ann@mail.example").user("eve", address="victim@mail.example", verified="f").user("bob", address="bob@mail.example", verified="f", lost="hard bounce")
case = case_of("verified", [(w, 9000)])
t("an address that an account has entered and not verified is nobody's; one that bounced later was verified",
  joined(case, "address-row") == ["ann@mail.example|ann", "bob@mail.example|bob"] and db(case, "SELECT count(*) FROM unjoined WHERE reason = 'unverified-address'") == "1")

# Accounts, addresses and people in several services.
w = Dump().project("one").user("kim", address="kim@r.example").user("lee", address="lee@r.example").user("mo", address="mo@r.example", verified="f").user("pat", address="pat@r.example")
w.act(100, "one", "add", "mo", "kim")
crew = [("U1", "kim.o", True, "kim@r.example"), ("U2", "lee", False, "lee@r.example"), ("U3", "mo", True, "mo@r.example"), ("U4", "pat", True, "pat@elsewhere.example")]
case = case_of("verified in two", [(w, 9000)], {"chat.zip": lambda path: slack(path, crew, [(200, "U1", "hello")])})
t("accounts of two services that have both verified one mailbox are one, whatever they are called",
  joined(case, "verified-address", "realm, key, same_realm, same_as, strength, line > 0") == ["slack|kim.o|warehouse|kim|strong|1"])
t("not where one of them has not, nor for a name in common", db(case, "SELECT (SELECT key FROM entity WHERE id = entity) FROM unjoined WHERE reason = 'same-mailbox' ORDER BY 1") == "lee\nmo")
w = Dump().project("one").user("kim").user("ann")
w.add("account_associations", id="x1", user_id="u-ann", association_type="oauth", created=at(0)).add("oauth_account_associations", id="x1", service="github", external_user_id="7", external_username="Octo-Ann")
hub = "".join(json.dumps({"@timestamp": us(t) // 1000, "_document_id": f"d{i}", "action": "team.add_member", "actor": actor, "user": "x", "org": "o", "team": "o/t", "actor_ip": ip}) + "\n"
              for i, (t, actor, ip) in enumerate(((10, "octo-ann", "::ffff:192.0.2.7"), (20, "ann", "2001:DB8:0:0::9"), (30, "kim", "192.0.2.8"))))
w.add("ip_addresses", id="i1", ip_address="192.0.2.7").add("ip_addresses", id="i2", ip_address="2001:db8::9").add("ip_addresses", id="i3", ip_address="192.0.2.9")
case = case_of("association", [(w, 9000)], {"github.ndjson": hub})
t("an account that signs in by another service is joined with its account there, and not with one that is called the same",
  joined(case, "association", "realm, key, same_realm, same_as") == ["github|octo-ann|warehouse|ann"] and "kim" not in "".join(joined(case, "association") + joined(case, "verified-address")))
t("a network address is one however it is written, and says nothing of who used it",
  joined(case, "same-address", "key, same_key") == ["2001:DB8:0:0::9|2001:db8::9", "::ffff:192.0.2.7|192.0.2.7"])

# Two services that tell of one session.
SSO = """name: {name}
realm: {name}
title: A service of its own
format: json
recognise: {{contains: ['"{name}":']}}
records:
- type: "{{any}}"
  key: id
  event:
    time: {{field: at, form: iso}}
    action: login-success
    actor: {{account: by}}
    outcome: success
    keep: {{id: id, session: session, device: device, agent: agent}}
service:
  same-id: {{session: session, device: device{more}}}
"""
TWO = {"profiles": {"gate.yaml": SSO.format(name="gate", more=""), "shop.yaml": SSO.format(name="shop", more=", agent: agent")}}
LONG = ["f3a9c1d2e4b5a697" + str(i) for i in range(9)]


def uses(name, *rows):
    return "".join(json.dumps({name: 1, "id": f"{name}{i}", "at": at(i)[:19].replace(" ", "T") + "Z", "by": who, **more}) + "\n" for i, (who, more) in enumerate(rows))


gate = uses("gate", ("ann@corp", {"session": LONG[0]}), ("bob@corp", {"session": "1234567"}), ("cat@corp", {"agent": "Mozilla/5.0 (X11; Linux x86_64)"}), ("dan@corp", {"device": LONG[1]}),
            ("eve@corp", {"session": LONG[2]}), ("fay@corp", {"session": LONG[2]}), ("gil@corp", {"session": LONG[3]}), ("gil@corp", {"session": LONG[4]}), ("hal@corp", {"session": LONG[5]}))
shop = uses("shop", ("ann", {"session": LONG[0]}), ("bob", {"session": "1234567"}), ("cat", {"agent": "Mozilla/5.0 (X11; Linux x86_64)"}), ("dan", {"device": LONG[1]}),
            ("eve", {"session": LONG[2]}), ("gil", {"session": LONG[3]}), ("gus", {"session": LONG[4]}), ("hal", {"device": LONG[5]}))
case = case_of("one session", [], {"gate.jsonl": gate, "shop.jsonl": shop}, **TWO)
t("accounts whose records carry one session or device are joined, with both records",
  joined(case, "same-id", "key, same_key, strength, line") == ["ann|ann@corp|strong|1", "dan|dan@corp|strong|4"]
  and db(case, "SELECT count(*) FROM identity_cite WHERE reason = 'same-id'") == "4" or (print(joined(case, "same-id", "key, same_key")) or False))
t("not by a short id, a user agent, a session of two accounts, or an id of another kind; what contradicts itself is told",
  [(n, m) for n, _, m, reason, _ in listed(case, "is not joined with") if reason == "shared-id"] == [("gil@corp", "gil"), ("gil@corp", "gus")])
case = case_of("one service", [], {"gate.jsonl": gate}, **TWO)
t("of one service nothing is joined", db(case, "SELECT count(*) FROM identity WHERE reason = 'same-id'") == "0")


def message(frm, to, ident, t, reply=None):
    date = (START + datetime.timedelta(seconds=t)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return "\n".join([f"From {frm} {(START + datetime.timedelta(seconds=t)).strftime('%a %b %d %H:%M:%S %Y')}",
                      f"Received: from x by mx.r.example with ESMTP id q{t}; {date}", f"From: {frm}", f"To: {to}", f"Message-ID: <{ident}>", f"Date: {date}", "Subject: s"]
                     + ([f"In-Reply-To: <{reply}>"] if reply else []) + ["", "text", "", ""])


def relay(lines):
    """Lines of Postfix: (t, queue id, Message-ID, from, [to])."""
    out = []
    for t, queue, ident, frm, to in lines:
        stamp = (START + datetime.timedelta(seconds=t)).strftime("%b %d %H:%M:%S").replace(" 0", "  ")
        head = f"{stamp} relay1 postfix/"
        out += [f"{head}smtpd[1]: {queue}: client=app[192.0.2.1]", f"{head}cleanup[2]: {queue}: message-id=<{ident}>", f"{head}qmgr[3]: {queue}: from=<{frm}>, size=9, nrcpt={len(to)} (queue active)"]
        out += [f"{head}smtp[4]: {queue}: to=<{one}>, relay=mx[192.0.2.2]:25, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (250 ok)" for one in to]
        out += [f"{head}qmgr[3]: {queue}: removed"]
    return "\n".join(out) + "\n"


w = Dump().user("ann", address="ann@mail.example").user("bob", address="bob@mail.example")
log = relay([(100, "4A0001", "m1@r.example", "admin@r.example", ["ann@mail.example"]), (110, "4A0002", "m2@r.example", "admin@r.example", ["ann@mail.example", "bob@mail.example"]),
             (120, "4A0003", "m3@r.example", "admin@r.example", ["ann@mail.example"]), (130, "4A0004", "m4@r.example", "admin@r.example", ["ann@mail.example"])])
box = (message("private@home.example", "admin@r.example", "r1@home.example", 500, "m1@r.example") + message("several@home.example", "admin@r.example", "r2@home.example", 510, "m2@r.example")
       + message("ann@mail.example", "admin@r.example", "r3@mail.example", 520, "m3@r.example") + message("bob@mail.example", "admin@r.example", "r4@mail.example", 530, "m4@r.example")
       + message("ann@mai1.example", "admin@r.example", "r5@mai1.example", 540))
case = case_of("replies", [(w, 9000)], {"mail.log": log, "admin.mbox": box}, settings=["mailboxes: [admin@r.example]"])
t("who answers a mail that went to one mailbox only is joined with it; not where several had it, nor without the Message-ID",
  joined(case, "reply", "name, same_as, strength, line > 0") == ["private@home.example|ann@mail.example|strong|1"])
t("an answer from the address of another account joins nothing", db(case, "SELECT (SELECT name FROM entity WHERE id = entity) FROM unjoined WHERE reason = 'reply'") == "bob@mail.example")

# One act, told by several sources.
def taken_over():
    w = Dump().project("one", "two").user("eve", address="eve@mail.example", born=-600)
    for i, project in enumerate(("one", "two")):
        w.act(i * 120 + 0.25, project, "invite", "eve", "ann", masked=True).act(i * 120 + 60.5, project, "accepted", "eve", "eve")
        w.act(i * 120 + 90.75, project, "remove", "ann", "eve")
        w.mail(i * 120 + 1, "eve@mail.example", f"ann has invited you to join the {project} project")
        w.mail(i * 120 + 92, "ann@mail.example", "Collaborator removed notification")
        w.mail(i * 120 + 93, "eve@mail.example", "Collaborator removed notification")
    w.add("user_events", source_id="u-eve", tag="account:login:success", time=at(-500), additional="{}")
    return w.mail(400, "ann@mail.example", "Account deletion notification", missing="t")


LOG = ((-499, "login", None, "eve", "eve"), (1, "invite", "one", "eve", "ann"), (60, "accept", "one", "eve", "eve"), (91, "remove", "one", "ann", "eve"),
       (120, "invite", "two", "eve", "ann"), (180, "accept", "two", "eve", "eve"), (212, "remove", "two", "ann", "eve"))
LOGGED = {"profiles": {"audit.yaml": AUDIT}}


def told(case):
    """The acts of the timeline but for mail, each with the files of its witnesses."""
    rows = [json.loads(line) for line in ask(case, "timeline", "-f", "jsonl").split("\n") if line]
    return [(r["action"], r["time"], r["actor"], sorted({a.split(":")[0].split("/")[1] for a in r["attested_by"]})) for r in rows]


case = case_of("one act", [(taken_over(), 9000)], {"audit.jsonl": audit(*LOG)}, **LOGGED)
both = ["audit.jsonl", "dump0.sql"]
t("a line of an audit log and the rows of the database are one act, at the time that is exact",
  [r for r in told(case) if r[0] != "account-delete"] == [(action, at(when).replace(" ", "T") + "Z", by, both if action != "account-create" else ["dump0.sql"]) for when, action, by in (
      (-600, "account-create", "eve"), (-500, "login-success", "eve"), (0.25, "role-invite", "ann"), (60.5, "role-accept", "eve"), (90.75, "role-remove", "eve"),
      (120.25, "role-invite", "ann"), (180.5, "role-accept", "eve"), (210.75, "role-remove", "eve"))])
invite = next(json.loads(line) for line in ask(case, "timeline", "-f", "jsonl").split("\n") if '"role-invite"' in line)
kinds = {table: sum(a.endswith(f":{line}") for a in invite["attested_by"] for line in db(case, f"SELECT e.line FROM event AS e JOIN entity AS y ON y.id = e.type WHERE y.key = '{table}'").split("\n"))
         for table in ("journals", "project_events", "ses_emails", "audit")}
t("its journal row, its event, the notice mail and the audit line are its witnesses", all(n >= 1 for n in kinds.values()) and len(notes(case, "HC-REG-001")) == 1)
t("nothing contradicts anything there", db(case, "SELECT count(*) FROM disagreement") == "0")
same = []
for order in (["dump0.sql", "audit.jsonl"], ["audit.jsonl", "dump0.sql"]):
    case = case_of("one act " + order[0], [(taken_over(), 9000)], {"audit.jsonl": audit(*LOG)}, run=False, **LOGGED)
    for path in order:
        subprocess.run([hindcast, "import", "-q", "-C", case, os.path.join(case, "evidence", path)], check=True)
    subprocess.run([hindcast, "correlate", "-C", case], check=True)
    same.append(ask(case, "timeline", "-f", "jsonl") + ask(case, "findings", "-f", "json") + db(case, "SELECT * FROM identities ORDER BY 1, 2, 3, 4, 5, 6, 7"))
t("whatever is imported first", same[0] == same[1] and len(same[0]) > 1000)
twice = Dump().project("one").user("kim").user("eve", event=False)
for when in (100.1, 100.4, 100.8):
    twice.add("user_events", source_id="u-eve", tag="account:login:success", time=at(when), additional="{}")
case = case_of("three in a second", [(twice, 9000)], {"audit.jsonl": audit((100, "login", None, "eve", "eve"), (100, "login", None, "eve", "eve"))}, **LOGGED)
t("two lines of one second are witnesses of two sign-ins, not of one", db(case, "SELECT count(DISTINCT a), count(*) FROM link WHERE kind = 'same-act'") == "2|2")
alone = Dump().project("one").user("kim").user("eve").act(100, "one", "invite", "eve", "kim")
case = case_of("only logged", [(alone, 9000)], {"audit.jsonl": audit((100, "invite", "one", "eve", "kim"), (5000, "remove", "one", "eve", "kim"))}, **LOGGED)
t("what only the audit log tells is an act of its own", acts(case, "role-remove", "(SELECT count(*) FROM attest WHERE act = a.id)") == ["1"] and acts(case, "role-invite", "(SELECT count(*) FROM attest WHERE act = a.id)") == ["3"])
case = case_of("masked but logged", [(Dump().project("one").user("kim").user("eve").journal(100, "one", "invite Owner eve", "deleted-user"), 9000)],
               {"audit.jsonl": audit((100, "invite", "one", "eve", "ann"))}, **LOGGED)
t("an actor that only the audit log names is known by it", acts(case, "role-invite", KEY.format("actor")) == ["1:ann"])


# Names that look like those of an incident.
def crowd(*names):
    w = taken_over()
    for name in names:
        w.user(name)
    return w


def alike(case):
    return {f["message"].split(" looks like ")[0]: f for f in notes(case, "HC-IDN-001")}


ASKED = ["subjects: [meisnate12, vander]"]
near = ["meisnate21", "meisnatel2", "me\u0456snate12", "meisnat12", "meisnates12", "meisnote12", "rneisnate12", "meis-nate12", "MEISNATE_12", "varider"]
far = ["meisnate13", "meisnate123", "meisnate1", "mesinaet12", "nate12", "meisnateno12", "another", "wander12", "van"]
w = crowd("meisnate12", "vander", *near, *far)
case = case_of("looks alike", [(w, 9000)], settings=ASKED)
found = alike(case)
t("names that can be taken for a subject's are told: a letter off, swapped, of other scripts, other separators", set(found) == set(near) - {"varider"})
t("not names that differ by a number, by more than one letter, or look otherwise", not set(found) & set(far))
t("each names both places and how it differs, and accuses nobody", all(" of evidence/dump0.sql:" in f["message"] and f["level"] == "note" and f["source"] == "evidence/dump0.sql" and f["line"] for f in found.values())
  and "with two characters in each other's place" in found["meisnate21"]["message"] and "look alike" in found["meisnatel2"]["message"] and "look alike (U+0456)" in found["me\u0456snate12"]["message"] and "but for one letter" in found["meisnote12"]["message"]
  and "dashes" in found["meis-nate12"]["message"] and db(case, "SELECT count(*) FROM finding_place") == str(len(found)))
t("and none is joined", db(case, "SELECT count(*) FROM identity WHERE reason NOT IN ('row', 'address-row', 'notices')") == "0"
  and db(case, "SELECT count(DISTINCT reason) FROM unjoined WHERE reason IN ('confusable', 'separator', 'swapped', 'letter')") == "4")
t("the list of identities has them beside the name, as not joined, and the text says so",
  {m for _, _, m, reason, strength in listed(case, "is not joined with") if reason in ("confusable", "separator", "swapped", "letter") and strength is None} == set(found)
  and any(line.startswith("    is not joined with the account meisnate21 of warehouse (swapped): the names are the same, ") for line in ask(case, "identities").split("\n")))
case = case_of("nobody asked", [(Dump().user("meisnate12").user("meisnate21"), 9000)])
t("where nothing happened and nobody is asked about, nothing looks like anything", not alike(case))
w = taken_over().user("evve").user("anne").user("eve-1").project("onne")
w.mail(500, "ann@mai1.example", "Email verification")
case = case_of("parties alike", [(w, 9000)])
t("parties of an incident are asked about, and their mailboxes", set(alike(case)) == {"ann@mai1.example"})
many = [f"meisnate{chr(97 + i)}12" for i in range(26)]
case = case_of("very many alike", [(crowd("meisnate12", *many), 9000)], settings=ASKED)
found = notes(case, "HC-IDN-001")
t("of very many twenty are told, and how many more", len(found) == 20 and sum("; 6 more names look like it" in f["message"] for f in found) == 1)


# Sources that contradict each other.
def disputed(name, rule, dumps, files=None, **more):
    case = case_of(name, dumps, files, **more)
    found = notes(case, rule)
    places = db(case, "SELECT count(*) FROM finding_place AS p JOIN finding AS f ON f.id = p.finding WHERE p.source IS NOT NULL AND f.rule LIKE 'HC-EVI-01%'")
    return case, found, int(places)


case, found, places = disputed("other time", "HC-EVI-012", [(alone, 9000)], {"audit.jsonl": audit((400, "invite", "one", "eve", "kim"))}, **LOGGED)
t("a time beyond what clocks may be off is told with both places, and the act is one",
  len(found) == 1 and places == 1 and at(100).replace(" ", "T") in found[0]["message"] and at(400)[:19].replace(" ", "T") in found[0]["message"] and "evidence/audit.jsonl:1" in found[0]["message"]
  and found[0]["source"] == "evidence/dump0.sql" and acts(case, "role-invite", "(SELECT count(*) FROM attest WHERE act = a.id)") == ["3"] and found[0]["level"] == "note")
result = next(r for r in json.loads(ask(case, "findings", "-f", "sarif"))["runs"][0]["results"] if r["ruleId"] == "HC-EVI-012")
other = result["relatedLocations"][0]
t("tools are shown the other place too", other["physicalLocation"]["artifactLocation"]["uri"] == "evidence/audit.jsonl" and other["physicalLocation"]["region"]["startLine"] == 1
  and at(400)[:19].replace(" ", "T") in other["message"]["text"] and [p["source"] for p in found[0]["places"]] == ["evidence/audit.jsonl"])
case, found, places = disputed("time within", "HC-EVI-012", [(alone, 9000)], {"audit.jsonl": audit((102, "invite", "one", "eve", "kim"))}, **LOGGED)
t("a time within is not", not found and not places)
again = Dump().project("one").user("kim").user("eve").act(100, "one", "invite", "eve", "kim").act(900, "one", "invite", "eve", "kim")
case, found, places = disputed("which of two", "HC-EVI-012", [(again, 9000)], {"audit.jsonl": audit((400, "invite", "one", "eve", "kim"))}, **LOGGED)
t("where several could be meant nothing is said to contradict", not found and len(acts(case, "role-invite", "id")) == 3)
case, found, places = disputed("other actor", "HC-EVI-010", [(alone, 9000)], {"audit.jsonl": audit((100, "invite", "one", "eve", "bob"))}, **LOGGED)
t("another actor is told with both places", len(found) == 1 and places == 1 and "kim" in found[0]["message"] and "bob by evidence/audit.jsonl:1" in found[0]["message"])
case, found, places = disputed("other target", "HC-EVI-011", [(alone, 9000)], {"audit.jsonl": audit((100, "invite", "one", "bob", "kim"))}, **LOGGED)
t("another target is told with both places", len(found) == 1 and places == 1 and "eve" in found[0]["message"] and "bob by" in found[0]["message"] and len(acts(case, "role-invite", "id")) == 1)
two = Dump().project("one").user("kim").user("eve").user("bob").act(100, "one", "invite", "eve", "kim").act(100.5, "one", "invite", "bob", "kim")
case, found, places = disputed("two targets", "HC-EVI-011", [(two, 9000)], {"audit.jsonl": audit((100, "invite", "one", "bob", "kim"), (100, "invite", "one", "eve", "kim"))}, **LOGGED)
t("two acts of one moment on two accounts are no contradiction", not found and not places and len(acts(case, "role-invite", "id")) == 2)
w = Dump().project("one").user("kim").user("eve").user("bob").journal(100, "one", "invite Owner eve", "kim").event(100, "one", "invite", "eve", "bob")
case, found, places = disputed("actor in one transaction", "HC-EVI-010", [(w, 9000)])
t("rows of one transaction that name two actors contradict each other, and neither is taken", len(found) == 1 and places == 1 and acts(case, "role-invite", "actor IS NULL") == ["1"])
w = Dump().project("one").user("kim").user("eve").user("bob").journal(100, "one", "remove Owner eve", "kim").event(100, "one", "remove", "bob", "kim")
case, found, places = disputed("target in one transaction", "HC-EVI-011", [(w, 9000)])
t("rows of one transaction that name two targets contradict each other", len(found) == 1 and places == 1)
w = Dump().project("one").user("kim").user("eve").user("bob").journal(100, "one", "invite Owner eve", "kim").event(100, "one", "invite", "bob", "kim")
for i in range(5000): # each looked at with each, this would not come to an end
    w.user(f"member{i}").act(100, "one", "invite", f"member{i}", "kim")
case, found, places = disputed("one target of very many", "HC-EVI-011", [(w, 9000)])
t("also among those of thousands whose roles one transaction changed", len(found) == 1 and places == 1 and "eve" in found[0]["message"] and "bob by" in found[0]["message"] and
  len(acts(case, "role-invite", "id")) == 5002)
w = Dump().project("one").user("kim").user("eve").user("bob").act(100, "one", "remove", "eve", "kim").journal(100, "one", "remove Owner bob", "kim", serial=5)
case, found, places = disputed("a row less", "HC-EVI-011", [(w, 9000)])
t("an event that is merely missing is none", not found and not places)
w = Dump().project("one").user("kim").user("eve", address="eve@mail.example").user("bob").act(100, "one", "invite", "eve", "kim")
w.mail(101, "eve@mail.example", "bob has invited you to join the one project")
case, found, places = disputed("notice of another", "HC-EVI-010", [(w, 9000)])
t("a notice that names another actor than the rows do contradicts them", len(found) == 1 and places == 1 and "bob by" in found[0]["message"])
w = Dump().project("one").user("kim").user("eve", address="eve@mail.example").user("bob").journal(100, "one", "invite Owner eve", "deleted-user")
w.mail(101, "eve@mail.example", "bob has invited you to join the one project")
case, found, places = disputed("notice of a masked row", "HC-EVI-010", [(w, 9000)])
t("a notice tells who did what a masked row tells", not found and db(case, "SELECT reason, (SELECT name FROM called WHERE entity = actor) FROM unmasked") == "notice|bob"
  and acts(case, "role-invite", KEY.format("actor")) == ["1:bob"] and db(case, "SELECT resolved, unknown FROM masked") == "1|0")
now = Dump().project("one").user("kim").user("eve").user("bob").journal(100, "one", "invite Owner eve", "bob", serial=7).journal(6000, "one", "add Owner bob", "kim")
was = Dump().project("one").user("kim").user("eve").user("bob").journal(100, "one", "invite Owner eve", "kim", serial=7)
case, found, places = disputed("rewritten", "HC-EVI-010", [(was, 1000), (now, 9000)])
t("a journal row whose actor was changed between two dumps is told", len(found) == 1 and places == 1 and "one row" in found[0]["message"])
now = Dump().project("one").user("kim").user("eve").journal(50, "one", "invite Owner eve", "kim", serial=7).journal(6000, "one", "add Owner eve", "kim")
case, found, places = disputed("redated", "HC-EVI-012", [(was, 1000), (now, 9000)])
t("and one whose time was", len(found) == 1 and places == 1)
case, found, places = disputed("masked since", "HC-EVI-010", [(early, 1000), (late, 9000)])
t("one that lost its actor to a deletion is not", not found and not places)
w = Dump().user("kim").user("eve", ident="u-2", born=-500)
w.rows["users"][-1][2] = at(-90000)
case, found, places = disputed("other birth", "HC-EVI-012", [(w, 9000)])
t("an account row that is older than its registration is told", len(found) == 1 and places == 1)
many = Dump().project("one").user("kim").user("bob").user("eve")
for i in range(103):
    many.journal(100 + i, "one", "invite Owner eve", "kim").event(100 + i, "one", "invite", "eve", "bob")
case, found, places = disputed("very many", "HC-EVI-010", [(many, 9000)])
t("of very many a hundred are told, and how many more", len(found) == 101 and places == 100 and any(f["message"].startswith("3 more") for f in found) and db(case, "SELECT count(*) FROM disagreement") == "103")
sys.exit(1 if bad else 0)
