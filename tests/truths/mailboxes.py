# SPDX-License-Identifier: Apache-2.0
"""Mail messages and mailboxes: mbox, Maildir, .eml. truth.tsv is the origin's word; truth_py.tsv what Python's mail parser reads, a second opinion."""
import email
import email.policy
import glob
import json
import os
import re

from _set import Set


def mails(case):
    """The messages themselves with their native fields, by (file, record), also of copies that are attested with another; not what they say of others."""
    rows = case.query("SELECT s.path, p.record, e.fields, f.path, e.record FROM event AS e JOIN vocabulary AS v ON v.number = e.action "
                      "JOIN source AS f ON f.id = e.source JOIN (SELECT id AS event, source, record FROM event UNION ALL "
                      "SELECT event, source, record FROM witness) AS p ON p.event = e.id JOIN source AS s ON s.id = p.source "
                      "WHERE v.name IN ('mail-received', 'mail-sent')")
    events = {(e["file"], e["record"]): e for e in case.events() if e["action"] in ("mail-received", "mail-sent")}
    return {(path.removeprefix("evidence/"), record): dict(events[first.removeprefix("evidence/"), at], fields=json.loads(text or "{}"))
            for path, record, text, first, at in rows}


def seconds(text):
    return None if text is None else text.replace("Z", "")[:19]


def without_brackets(text):
    return None if text is None else text.strip().removeprefix("<").removesuffix(">")


def spaces(text):
    return None if text is None else re.sub(r"\s+", " ", text).strip()


def compare(name, subject=True):
    def run(case):
        found = mails(case)
        copies = {s["source"].removeprefix("evidence/") for s in case.sources() if s["status"] == "copy"}
        undelivered = {p for p, in case.query("SELECT substr(s.path, 10) FROM tally AS t JOIN source AS s ON s.id = t.source WHERE t.what = 'ignored'")}
        for row in case.rows(name):
            key = (row["file"], int(row["record"] or 1))
            where = f"{key[0]}:{key[1]}"
            if row["extra"].get("headers") == 0 or not key[1]:
                continue
            e = found.get(key, {})
            f = e.get("fields", {})
            if key[0] in copies or key[0] in undelivered:
                continue
            if row["time_utc"] and f.get("dated-by"):
                case.check("time by Date", where, seconds(row["time_utc"]), seconds(e.get("time")))
            if row["actor"]:
                case.check("author", where, row["actor"].lower(), (e.get("actor") or "").lower())
            if row["target"]:
                want = row["target"].lower().replace(" ", "") # To; ours are those of Cc as well
                case.check("recipients", where, want, (f.get("recipients") or "").lower().replace(" ", "")[:len(want)])
            if row["extra"].get("message_id"):
                case.check("message id", where, without_brackets(row["extra"]["message_id"]), e.get("message_id"))
            if subject and row["extra"].get("subject"):
                case.check("subject", where, spaces(row["extra"]["subject"]), spaces(f.get("subject")))
    return run


def splits(case):
    """The bytes of each message as the origin has split them."""
    compare("truth.tsv")(case)
    with open(os.path.join(case.folder, "evidence", "mbox.rlug"), "rb") as f:
        mailbox = f.read()
    for (name, record), e in sorted(mails(case).items()):
        with open(os.path.join(case.public, "expected", f"mbox.rlug-{record - 1}"), "rb") as f:
            want = f.read()
        got = mailbox[e["offset"]:e["offset"] + e["length"]].split(b"\n", 1)[1]
        case.check("bytes", f"{name}:{record}", want.strip(), got.strip())


def reports(case):
    """Recipients of delivery reports, as Python's parser finds them in the parts of that type."""
    compare("truth_py.tsv")(case)
    told = {}
    for e in case.events():
        if e["action"] in ("mail-bounced", "mail-deferred", "mail-delivered"):
            told.setdefault(e["file"], []).append((e["target"] or "").lower())
    for name in sorted(glob.glob(os.path.join(case.folder, "evidence", "**", "*.eml"), recursive=True)):
        with open(name, "rb") as f:
            data = f.read()
        message = email.message_from_bytes(data if b"\n" in data else data.replace(b"\r", b"\n"), policy=email.policy.compat32)
        want = [r for part in outer_parts(message) if part.get_content_type() == "message/delivery-status" for r in recipients(part)]
        where = os.path.relpath(name, os.path.join(case.folder, "evidence"))
        if want and where not in copies_of(case):
            case.check("report", where, sorted(want), sorted(told.get(where, [])))


def outer_parts(part):
    """Not those of a message that is returned: a report in there is about another one."""
    if part.get_content_type() == "message/delivery-status" or not part.is_multipart():
        yield part
    elif part.get_content_maintype() == "multipart":
        for inner in part.get_payload():
            yield from outer_parts(inner)


def copies_of(case):
    return {s["source"].removeprefix("evidence/") for s in case.sources() if s["status"] == "copy" or s["duplicates"]}


def recipients(part):
    for group in part.get_payload():
        if group.get("Action") is None or group["Action"].strip().lower() not in ("failed", "delayed", "delivered", "relayed", "expanded"):
            continue
        text = group.get("Original-Recipient") or group.get("Final-Recipient") or ""
        yield text.split(";", 1)[-1].strip().strip("<>").lower()


ADJACENT = "white space between two encoded words is no part of the text (RFC 2047, section 6.2); Python keeps it"
UTF8 = "UTF-8 that stands in the header as it is (RFC 6532): Python gives question marks"

SETS = [
    Set("eml/stalwart-mail-parser", ["**/*.eml"], compare("truth.tsv")),
    Set("mbox/mime4j-rlug", ["mbox.rlug"], splits),
    Set("maildir/mu", ["**/*"], compare("truth_py.tsv")),
    Set("maildir/stalwart-maildir", ["**/*"], compare("truth_py.tsv")),
    Set("mbox/neomutt", ["*.mbox"], compare("truth_py.tsv")),
    Set("mbox/gmime", ["input/*"], compare("truth_py.tsv")),
    Set("mbox/sisimai", ["mbox-[01]"], compare("truth.tsv")),
    Set("eml/mime4j-mimetools-testmsgs", ["*.eml"], compare("truth_py.tsv"), known={("subject", "intl.eml:1"): ADJACENT}),
    Set("bounce/sisimai", ["**/*.eml"], reports, known={
        ("subject", "bsd/lhost-kddi-01.eml:1"): UTF8, ("subject", "dos/lhost-interscanmss-01.eml:1"): UTF8,
        ("subject", "bsd/lhost-mailru-03.eml:1"): ADJACENT, ("subject", "bsd/lhost-mailru-07.eml:1"): ADJACENT,
        ("subject", "dos/lhost-mailru-01.eml:1"): UTF8, ("subject", "mac/lhost-mailmarshalsmtp-01.eml:1"): UTF8,
        ("subject", "err/make-test-31.eml:1"): "an escape sequence of ISO-2022-JP at the end of the word is no NUL"}),
]
