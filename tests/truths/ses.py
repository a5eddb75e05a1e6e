# SPDX-License-Identifier: Apache-2.0
"""Amazon SES: the examples of its guide, and those of a library for functions that it calls."""
from _set import Set

ACTIONS = {"Bounce": "mail-bounced", "Complaint": "audit-other", "Delivery": "mail-delivered", "Send": "mail-sent", "Reject": "mail-rejected",
           "Open": "audit-other", "Click": "audit-other", "Rendering Failure": "mail-rejected", "DeliveryDelay": "mail-deferred",
           "Subscription": "audit-other", "aws:ses": "mail-received", "aws:sns": "audit-other"}


def bare(address):
    """The mailbox of "A Name <a@b>"."""
    return address[address.rindex("<") + 1:-1] if address and address.endswith(">") else address


def compare(case):
    events = case.by_record()
    fields = {tuple(row[:2]): row[2] for row in case.query(
        "SELECT substr(s.path, 10), e.record, coalesce(e.fields ->> 'ses-id', (SELECT key FROM entity WHERE id = e.message), e.fields ->> 'feedback-id') "
        "FROM event AS e JOIN source AS s ON s.id = e.source")}
    for row in case.rows():
        where = (row["file"], int(row["record"]))
        found = events.get(where, [])
        case.check("events", where, 1, len(found))
        if len(found) != 1:
            continue
        e = found[0]
        case.check("time", where, row["time_utc"], e["time"])
        case.check("actor", where, bare(row["actor"]), e["actor"])
        case.check("target", where, row["target"], e["target"])
        case.check("address", where, row["source_ip"], e["address"])
        case.check("action", where, ACTIONS[row["action"]], e["action"])
        case.check("native action", where, row["action"] if e["action"] == "audit-other" else None, e["text"])
        case.check("message id", where, row["extra"]["messageId"], fields.get(where))


SETS = [
    Set("ses/aws-ses-guide", ["event-*.json"], compare, status=(0,)),
    Set("ses/aws-lambda-go", ["s*.json"], compare, status=(0,)),
]
