# SPDX-License-Identifier: Apache-2.0
"""A registry of a few rows, written as the dump of a database, and the case around it: for tests that ask one question of it each."""
import datetime
import json
import os
import subprocess
import zipfile

START = datetime.datetime(2024, 5, 6, 10, 0, 0)


def at(seconds):
    return (START + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")


def epoch(seconds):
    return START.replace(tzinfo=datetime.timezone.utc).timestamp() + seconds


EVENTS = 'id, source_id, tag, "time", additional, ip_address_id'


class World:
    """The rows of one dump. Times are seconds after START."""

    def __init__(self):
        self.rows = {"projects": [], "users": [], "user_emails": [], "roles": [], "journals": [], "project_events": [], "user_events": [],
                     "ip_addresses": [], "releases": [], "release_files": [], "ses_emails": [], "ses_events": [], "file_events": []}
        self.serial = 0

    def user(self, name, address=None, frozen="f", born=-9e6, ident=None, event=True):
        ident = ident or f"u-{name}"
        self.rows["users"].append((ident, name, at(born), frozen))
        if address:
            self.rows["user_emails"].append((len(self.rows["user_emails"]) + 1, ident, address))
        if event:
            self.rows["user_events"].append((f"c-{ident}", ident, "account:create", at(born), "{}"))
        return self

    def project(self, *names):
        for name in names:
            self.rows["projects"].append((f"p-{name}", name))
        return self

    def ip(self, address):
        """The id of a network address."""
        if address and (f"ip-{address}", address) not in self.rows["ip_addresses"]:
            self.rows["ip_addresses"].append((f"ip-{address}", address))
        return f"ip-{address}" if address else None

    def own(self, t, name, tag="account:login:success", ip=None, ident=None, **extra):
        """An event of an account."""
        self.serial += 1
        self.rows["user_events"].append((f"o-{self.serial}", ident or f"u-{name}", tag, at(t), json.dumps(extra), self.ip(ip)))
        return self

    def release(self, t, project, version, actor, ip=None):
        """A release as its event and its row."""
        self.serial += 1
        extra = json.dumps({"submitted_by": actor, "canonical_version": version})
        self.rows["project_events"].append((f"e-{self.serial}", f"p-{project}", "project:release:add", at(t), extra, self.ip(ip)))
        self.rows["releases"].append((f"r-{self.serial}", version, at(t), f"p-{project}", f"u-{actor}"))
        return self

    def act(self, t, verb, project, target, actor, masked=False, event=True, ip=None):
        """A journal row and the project's event of one transaction; masked: the journal no longer names the actor."""
        self.serial += 1
        self.rows["journals"].append((self.serial, project, f"{verb} Owner {target}", at(t), "deleted-user" if masked else actor))
        tag = {"invite": "invite", "accepted": "add", "add": "add", "remove": "remove"}[verb]
        if event:
            extra = json.dumps({"submitted_by": actor, "role_name": "Owner", "target_user": target})
            self.rows["project_events"].append((f"e-{self.serial}", f"p-{project}", f"project:role:{tag}", at(t), extra, self.ip(ip)))
        return self

    def mail(self, t, to, subject, missing="f", delivered=1.0):
        n = len(self.rows["ses_emails"]) + 1
        self.rows["ses_emails"].append((f"m-{n}", at(t), f"id-{n}", "noreply@r.example", to, subject, missing))
        if delivered is not None:
            self.rows["ses_events"].append((f"d-{n}", f"m-{n}", at(t + delivered), "Delivery", json.dumps({"recipients": [to]})))
        return self

    def chain(self, t, project, a, b, gap=60.0, remove_by=None, accept=True, remove=60.0, masked=True, ip=None):
        self.act(t, "invite", project, b, a, masked, ip=ip)
        if accept:
            self.act(t + gap, "accepted", project, b, b, ip=ip)
        self.act(t + gap + remove, "remove", project, a, remove_by or b, masked=remove_by == a, ip=ip)
        self.mail(t + gap + remove + 1, f"{a}@mail.example", "Collaborator removed notification")
        self.mail(t + gap + remove + 2, f"{b}@mail.example", "Collaborator removed notification")
        return self

    def deletion(self, t, name, proof=None):
        if proof is not None:
            self.mail(proof, f"{name}@mail.example", "Collaborator removed notification")
        return self.mail(t, f"{name}@mail.example", "Account deletion notification", missing="t")

    columns = {
        "projects": "id, name", "users": "id, username, date_joined, is_frozen", "user_emails": "id, user_id, email",
        "roles": "id, role_name, user_id, project_id", "journals": "id, name, action, submitted_date, submitted_by",
        "project_events": EVENTS, "user_events": EVENTS, "file_events": EVENTS, "ip_addresses": "id, ip_address",
        "releases": "id, version, created, project_id, uploader_id", "release_files": "id, release_id, filename, upload_time",
        "ses_emails": "id, created, message_id, \"from\", \"to\", subject, missing", "ses_events": "id, email_id, created, event_type, data",
    }

    def text(self):
        out = ["--", "-- PostgreSQL database dump", "--", "", "SET client_encoding = 'UTF8';", ""]
        for table, columns in self.columns.items():
            out += [f"CREATE TABLE public.{table} (", ");", ""]
        for table, columns in self.columns.items():
            out.append(f"COPY public.{table} ({columns}) FROM stdin;")
            for row in self.rows[table]:
                row = row + (None,) * (len(columns.split(", ")) - len(row))
                out.append("\t".join("\\N" if f is None else str(f).replace("\\", "\\\\") for f in row))
            out += ["\\.", ""]
        return "\n".join(out) + "\n--\n-- PostgreSQL database dump complete\n--\n"


def chat_export(path, responders, chat):
    """chat: (seconds, who, text) or (seconds, who, text, channel)."""
    channels = {}
    for t, who, text, *channel in chat:
        row = {"type": "message", "user": f"U{who}", "ts": f"{epoch(t):.6f}", "text": text}
        channels.setdefault(((channel or ["ops"])[0], at(t)[:10]), []).append(row)
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("users.json", json.dumps([{"id": f"U{r}", "name": r} for r in responders]))
        z.writestr("channels.json", "[]")
        for (channel, day), rows in sorted(channels.items()):
            z.writestr(f"{channel}/{day}.json", json.dumps(rows))


def make_case(hindcast, case, worlds, chat=None, responders=(), settings=(), mails=(), rules=None, files=None):
    """worlds: (World, seconds when its dump was made). mails: texts of messages in our mailbox. files: more evidence, name: text. The folder, after a run."""
    os.makedirs(os.path.join(case, "evidence"))
    lines = ["mailboxes: [admin@r.example]", f"responders: [{', '.join(responders)}]", *settings, "sources:"]
    for i, (world, taken) in enumerate(worlds):
        open(os.path.join(case, "evidence", f"dump{i}.sql"), "w").write(world.text())
        lines += [f"  - path: evidence/dump{i}.sql", f"    taken: {at(taken)[:19].replace(' ', 'T')}Z"]
    open(os.path.join(case, "case.yaml"), "w").write("\n".join(lines) + "\n")
    if rules:
        os.makedirs(os.path.join(case, "rules"))
        open(os.path.join(case, "rules", "own.yml"), "w").write(rules)
    if chat:
        chat_export(os.path.join(case, "evidence", "chat.zip"), responders, chat)
    if mails:
        open(os.path.join(case, "evidence", "admin.mbox"), "w").write("".join(mails))
    for name, text in (files or {}).items():
        open(os.path.join(case, "evidence", name), "w").write(text)
    done = subprocess.run([hindcast, "run", "-q", case], capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stdout, done.stderr)
    return case


def mail(t, sender, to, subject, body, ident, reply=None, more=()):
    """A message as a mailbox of ours keeps it. more: headers that the last host wrote."""
    date = (START + datetime.timedelta(seconds=t)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    day = (START + datetime.timedelta(seconds=t)).strftime("%a %b %e %H:%M:%S %Y")
    head = [f"From {sender} {day}", f"Received: from mx.example (mx.example [192.0.2.1]) by mail.r.example; {date}", *more, f"From: {sender}", f"To: {to}",
            f"Subject: {subject}", f"Date: {date}", f"Message-ID: <{ident}>"] + ([f"In-Reply-To: <{reply}>"] if reply else [])
    return "\n".join(head) + f"\n\n{body}\n\n"
