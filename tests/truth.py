# SPDX-License-Identifier: Apache-2.0
"""Compares `hindcast events -f jsonl` with the lab's truth: each attesting database row, chat message and audit line
that is an event must be there with its instant, and with action, target and project where it is a role act."""
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
print(f"truth: {checked} attesting records compared, {missing} missing")
sys.exit(1 if missing or checked < 30 else 0)
