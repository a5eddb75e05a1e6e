# SPDX-License-Identifier: Apache-2.0
"""Sendmail, OpenSMTPD and the sign-ins of mailbox servers: collections of single lines, most of them of fail2ban's and CrowdSec's tests. Their lines have
no year, are of different years and stand in no order; so a file is given the year of its first line, and what the order of the others makes of it is a
reason of its own."""
import ipaddress
import re

from _set import Set

FILTERS = re.compile(r"(courier-smtp|qmail)\.clean\.log")  # of what SMTP parts refuse, beside sign-ins
YEARS = "lines of different years, in no order: the year is that of the line before"


def address(text):
    return text and str(ipaddress.ip_address(text))


def fail2ban(case):
    """Time and address of what the filter has to see; the account where it is named. A line that it must not see says nothing of what it is."""
    events = case.by_record()
    for row in case.rows():
        where = "%s:%s" % (row["file"], row["record"])
        found = events.get((row["file"], int(row["record"])), [])
        if not row["extra"]["match"]:
            continue
        case.check("events", where, 1, len(found))
        if len(found) != 1:
            continue
        e = found[0]
        case.check("time", where, row["time_utc"], e["time"].replace(".000000", ""))
        case.check("time of the year", where, row["time_utc"][5:], e["time"][5:].replace(".000000", ""))
        case.check("address", where, address(row["source_ip"]), address(e["address"]))
        if row["actor"]:
            case.check("account", where, row["actor"], e["target"])
        if case.truth.path == "imap-auth/fail2ban" and not FILTERS.match(row["file"]) and e["action"] != "audit-other":
            case.check("failures", where, "login-failure", e["action"])
        case.check("no actor of a failure", where, None, e["actor"] if e["action"] == "login-failure" else None)


def crowdsec(case):
    """The year is not stated; a file that is unread has no events."""
    events = case.by_record()
    for row in case.rows():
        where = "%s:%s" % (row["file"], row["record"])
        found = events.get((row["file"], int(row["record"])), [])
        case.check("events", where, 1, len(found))
        if len(found) == 1:
            case.check("time of the year", where, row["time_utc"][4:], found[0]["time"][4:].replace(".000000", ""))
            case.check("address", where, row["source_ip"], found[0]["address"])
            case.check("sender", where, row["extra"]["Parsed.from_email"], found[0]["actor"])
    dovecot = [e for e in case.events() if e["file"].startswith("dovecot")]
    case.check("sign-ins of Dovecot", "dovecot-*.log", (25, 1), (sum(e["action"] == "login-failure" for e in dovecot), sum(e["action"] == "login-success" for e in dovecot)))
    case.check("each has its address and its name", "dovecot-*.log", [], [e["record"] for e in dovecot if not e["address"] or not e["target"]])
    case.check("passwords that are kept", "dovecot-*.log", [], [e["record"] for e in dovecot if "Password123" in str(e)])


def fluent(case):
    """Deliveries of one message, in the order of the log."""
    events = sorted(case.events(), key=lambda e: (e["record"], e["target"]))
    actions = {"sent": "mail-sent", "deferred": "mail-deferred", "sent_local": "mail-received"}
    rows = [r for r in case.rows()]
    case.check("events", "all", len(rows), len(events))
    fields = dict(case.query("SELECT e.id, e.fields ->> 'stat' || ' / ' || (e.fields ->> 'dsn') FROM event AS e"))
    stats = sorted(fields.values())
    case.check("stat and dsn", "all", sorted("%s / %s" % (r["extra"]["stat"], r["extra"]["dsn"]) for r in rows), stats)
    for row, e in zip(rows, events):
        where = "delivery %s" % row["record"]
        case.check("sender", where, row["actor"].strip("<>"), e["actor"])
        case.check("recipient", where, row["target"].strip("<>"), e["target"])
        case.check("action", where, actions[row["action"]], e["action"])
        case.check("address", where, row["source_ip"], e["address"])
        case.check("message id", where, row["extra"]["msgid"].strip("<>"), e["message_id"])


def ossec(case):
    """The origin names only what a line is about: a refused command is an event, a message that was taken waits for its delivery."""
    events = case.by_record()
    rules = {r[0]: r[1] for r in case.query("SELECT why, sum(n) FROM tally WHERE what = 'ignored' GROUP BY why")}
    case.check("message failed", "opensmtpd.log:1", ["mail-rejected"], [e["action"] for e in events.get(("opensmtpd.log", 1), [])])
    case.check("other lines are counted", "opensmtpd.log", 6, sum(rules.values()))


SETS = [
    Set("sendmail/fail2ban", ["sendmail-reject.clean.log"], fail2ban, [("*", {"zone": "Europe/Zurich", "year": 2005})], known={
        ("time", re.compile(r"sendmail-reject\.clean\.log:(3[6-9]|4\d)")): YEARS}, status=(0,)),
    Set("sendmail/fluent-sendmail-old", ["maillog.log"], fluent, [("*", {"zone": "UTC", "year": 2016})], status=(0,)),
    Set("opensmtpd/ossec", ["opensmtpd.log"], ossec, [("*", {"zone": "UTC", "year": 2013})], status=(0,)),
    Set("imap-auth/fail2ban", ["*.clean.log"], fail2ban, [("solid-pop3d.clean.log", {"zone": "Europe/Zurich", "year": 2004}), ("qmail.clean.log", {"zone": "Europe/Zurich", "year": 2004}),
                                                          ("*", {"zone": "Europe/Zurich", "year": 2005})], known={
        ("time", re.compile(r"cyrus-imap\.clean\.log:(8|9|10)")): YEARS, ("time", "courier-smtp.clean.log:5"): YEARS,
        ("time", re.compile(r"uwimap-auth\.clean\.log:[3-6]")): YEARS, ("time", re.compile(r"qmail\.clean\.log:[34]")): YEARS}, status=(0,)),
    Set("imap-auth/crowdsec", ["*.log"], crowdsec, [("*", {"zone": "UTC", "year": 2023})], known={
        ("events", "exchange-smtp-logs.log:1"): "protocol logs of Exchange are not read: the file is listed as unread",
        ("events", "exchange-imap-logs.log:1"): "protocol logs of Exchange are not read: the file is listed as unread"}),
]
