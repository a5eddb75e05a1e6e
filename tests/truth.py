# SPDX-License-Identifier: Apache-2.0
"""Compares `hindcast events -f jsonl` with the lab's truth: each attesting database row, chat message and audit line
that is an event must be there with its instant, action, target and object; each mail of the incident must be joined."""
import json
import sys

truth = json.load(open(sys.argv[1]))
events = [json.loads(line) for line in open(sys.argv[2])]
by_time = {}
for event in events:
    by_time.setdefault(event["time"], []).append(event)
missing = checked = 0
for entry in truth["timeline"]:
    for at in entry["attested_by"]:
        member = at.get("member", "")
        if at.get("table") in ("journals", "project_events"):
            code = entry["code"]
            if at["table"] == "project_events" and code == "role-accept":
                code = "role-add"  # what the row itself says
            want = (code, entry["target"], entry["project"])
        elif at.get("table") == "user_events" and entry["code"] == "account-create":
            want = ("account-create", entry["target"], None)
        elif at["file"].startswith("chat/"):
            want = ("chat-message", None, "channel:" + member.split("/")[0])
        elif at["file"].startswith("audit/github"):
            want = ("audit-other", None, "repository:pypi-example/incidents")
        else:
            continue
        checked += 1
        if not any((e["action"], e["target"], e["object"]) == want for e in by_time.get(entry["time"], [])):
            missing += 1
            print("missing:", entry["n"], entry["time"], want, at["file"])
def lines(*names):
    """Events of the named mail logs."""
    return [e for e in events if e["source"].split("/")[-1] in names]


# Every message that the service sent about the incident: its lines are joined by queue id.
sent = {}
for event in lines("mail.log", "mail.log.1.gz"):
    sent.setdefault(((event["message_id"] or "").split("@")[0], event["target"]), []).append(event["action"])
for pair in truth["mail_event_pairs"]:
    if any(at["file"] == "mail/mail.log" for at in pair["attested_by"]):
        checked += 1
        if "mail-sent" not in sent.get((pair["message_id"], pair["to"]), []):
            missing += 1
            print("missing: mail", pair["message_id"], pair["to"])
# The report and the reply: their interval holds the true instant.
for entry in truth["timeline"]:
    if entry["code"] in ("mail-received", "mail-sent"):
        checked += 1
        if not any(e["action"] == entry["code"] and e["actor"] == entry["actor"] and e["target"] == entry["target"]
                   and e["message_id"] == entry["message_id"] and e["time"] <= entry["time"] <= e["until"]
                   for e in lines("mail.log")):
            missing += 1
            print("missing:", entry["n"], entry["time"], entry["code"])
# The two mails in the administrators' mailbox, with their words.
for entry in truth["timeline"]:
    if entry["code"] in ("mail-received", "mail-sent"):
        checked += 1
        if not any(e["action"] == entry["code"] and e["message_id"] == entry["message_id"]
                   and e["time"] <= entry["time"] <= e["until"] and entry["quote"] in e["text"]
                   for e in lines("admin.mbox")):
            missing += 1
            print("missing: mbox", entry["n"])
# What was said in the chat, word by word; a mention stands there by its id.
for entry in truth["timeline"]:
    if entry["code"] == "chat-message":
        checked += 1
        said = [e for e in by_time.get(entry["time"], []) if e["actor"] == entry["actor"]]
        if not any(entry["quote"].split("> ")[-1].split("@sage ")[-1] in e["text"] for e in said):
            missing += 1
            print("missing: chat", entry["n"])
print(f"truth: {checked} attesting records compared, {missing} missing")
sys.exit(1 if missing or checked < 50 else 0)
