# SPDX-License-Identifier: Apache-2.0
"""Postfix: the test lines of a set of grok patterns, and those of a program that bans addresses. What a line says of its client, sender, recipient,
queue id, sign-in and fate has to stand in its event. A line that is no event is named with its reason: it is part of a message, or of a kind
that is passed over."""
import datetime
import re
import zoneinfo

from _set import Set

ACTIONS = {"sent": "mail-received", "deferred": "mail-deferred", "bounced": "mail-bounced", "expired": "mail-bounced", "reject": "mail-rejected",
           "milter-reject": "mail-rejected", "reject_warning": "audit-other", "filter": "audit-other", "discard": "audit-other",
           "undeliverable-but-not-cached": "audit-other"}
VALUE = re.compile(r"(\w+)=(<[^>]*>|[^, ]+)")


def action_of(row):
    """Of what is sent, who sends decides: smtp gives it to another host; discard throws it away; with "queued as" a host gives it to itself."""
    action = ACTIONS[row["action"]]
    program = row["extra"]["program"]
    if row["action"] == "sent" and (program == "discard" or "relay=127." in row["extra"]["postfix_keyvalue_data"]):
        return "audit-other"
    return "mail-sent" if row["action"] == "sent" and program == "smtp" else action


def whyscream(case):
    events = case.by_record()
    fates = {r: "" for r in range(1, 177)}
    for row in case.rows():
        record, extra = int(row["record"]), row["extra"]
        found = events.get((row["file"], record), [])
        where = "%d %s" % (record, extra["case"].removeprefix("test/").removesuffix(".yaml"))
        case.check("one event at most", where, True, len(found) <= 1)
        fates[record] = "event" if found else ""
        ip = extra.get("postfix_client_ip") or row["source_ip"]
        if not found:
            if ip:
                case.check("client", where, ip, None)
            if row["action"]:
                case.check("action", where, action_of(row), None)
            continue
        e = found[0]
        if ip:
            case.check("client", where, ip, e["address"])
        if row["action"]:
            case.check("action", where, action_of(row), e["action"])
        values = {k: v.strip("<>") for k, v in VALUE.findall(extra.get("postfix_keyvalue_data", ""))}
        if "to" in values:
            case.check("recipient", where, values["to"].lower(), (e["target"] or "").lower())
        if "from" in values and values["from"]:
            case.check("sender", where, values["from"].lower(), (e["actor"] or "").lower())
        queue = extra.get("postfix_queueid")
        if queue and queue != "NOQUEUE":
            got = [r[0] for r in case.query("SELECT n.name FROM event AS e JOIN entity AS n ON n.id = e.txn WHERE e.record = %d" % record)]
            case.check("queue id", where, [queue], got)
    counted = case.query("SELECT records, events, ignored, joined, rejected FROM source")[0]
    case.check("accounted for", "all", (176, 0), (counted[0], counted[4]))


CONNECTIONS = "connections that come, go and are encrypted, and what postscreen passes: counted, not kept"

SETS = [
    Set("postfix/whyscream", ["with_header.log"], whyscream, sources=[("with_header.log", {"zone": "UTC", "year": 2021})],
        known={
            ("client", re.compile(r"\d+ anvil_\d+")): "statistics of the daemon about itself",
            ("client", re.compile(r"\d+ postscreen_00(02|03|04|05|06|07)")): CONNECTIONS,
            ("client", re.compile(r"\d+ tlsproxy_\d+")): CONNECTIONS,
            ("client", re.compile(r"\d+ (smtpd_00(01|02|03|10|28|34|35|37)|tls_features_\d+)")): CONNECTIONS,
        }),
]

ZURICH = zoneinfo.ZoneInfo("Europe/Zurich")


def local(time):
    """Month to second in Zurich. The year is left out: this origin takes the newest one that is not in the future of a made clock, and its lines
    stand in no order, from which a year could be told."""
    at = datetime.datetime.strptime(time[:19] + "Z", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    return at.astimezone(ZURICH).strftime("%m-%dT%H:%M:%S")


def fail2ban(case):
    events = case.by_record()
    for row in case.rows():
        found = events.get((row["file"], int(row["record"])), [])
        where = row["record"]
        if not found:
            if row["source_ip"]:
                case.check("address", where, row["source_ip"], None)
            continue
        e = found[0]
        if row["source_ip"]:
            case.check("address", where, row["source_ip"], e["address"])
        if row["time_utc"]:
            want = datetime.datetime.strptime(row["extra"]["local_time"], "%Y-%m-%dT%H:%M:%S").strftime("%m-%dT%H:%M:%S")
            case.check("time of the year", where, want, local(e["time"]))
        if row["actor"]:
            case.check("user that was tried", where, row["actor"], e["target"])


SETS.append(Set("postfix/fail2ban", ["postfix.clean.log"], fail2ban, sources=[("postfix.clean.log", {"zone": "Europe/Zurich", "year": 2005})]))
