# SPDX-License-Identifier: Apache-2.0
"""Compares `hindcast timeline -f jsonl` with the lab's truth.json: timeline.py TRUTH TIMELINE EVIDENCE-DIR.

Every entry must be there once, with its instant (or inside the interval that the evidence leaves open), action, actor, target and
project, and with every record that attests it in a file of the case: the cited line must hold what the truth says it holds."""
import gzip
import json
import os
import sys
import zipfile

truth = json.load(open(sys.argv[1]))
rows = [json.loads(line) for line in open(sys.argv[2])]
evidence = sys.argv[3]
cache = {}
problems = []


def text_lines(path):
    if path not in cache:
        if "!" in path:
            archive, member = path.split("!", 1)
            data = zipfile.ZipFile(os.path.join(evidence, archive)).read(member)
        else:
            data = open(os.path.join(evidence, path), "rb").read()
            data = gzip.decompress(data) if path.endswith(".gz") else data
        cache[path] = data.decode("utf-8", "replace").split("\n")
    return cache[path]


def cites(row, at):
    """Is a line of the named file cited that holds all that the truth says?"""
    wanted = list(at["match"].values()) if "match" in at else at.get("line") or []
    for place in row["attested_by"]:
        path, line = place.rsplit(":", 1)
        path = path.removeprefix("evidence/")
        if path.split("!")[0] != at["file"]:
            continue
        if not wanted or "!" in path:
            return True
        fields = text_lines(path)[int(line) - 1]
        if all(w in (fields.split("\t") if "match" in at else fields) or w in fields and "match" in at and w.startswith("account:")
               for w in map(str, wanted)):
            return True
    return False


def inside(row, entry):
    time, until = row["time"], row["until"]
    if "allowed" in entry:
        return time is not None and entry["allowed"][0] <= time and until <= entry["allowed"][1] or time <= entry["time"] <= until
    return time <= entry["time"] <= until


used = set()
for entry in truth["timeline"]:
    optional = entry.get("optional", [])
    fits = []
    for i, row in enumerate(rows):
        target = row["object"].rsplit("/", 1)[-1] if entry["code"] == "audit-other" and row["object"] else row["target"]
        if (row["action"] == entry["code"] and inside(row, entry) and (row["actor"] == entry["actor"] or "actor" in optional)
                and target == entry["target"] and (entry["project"] is None or row["object"] == entry["project"])):
            fits.append(i)
    if len(fits) != 1 or fits[0] in used:
        problems.append(f"entry {entry['n']} {entry.get('id')}: {len(fits)} rows")
        continue
    used.add(fits[0])
    row = rows[fits[0]]
    if row["phase"] != entry["phase"]:
        problems.append(f"entry {entry['n']} {entry.get('id')}: phase {row['phase']}, not {entry['phase']}")
    if "quote" in entry and entry["quote"].strip() not in (row["text"] or ""):
        problems.append(f"entry {entry['n']} {entry.get('id')}: its words are not there")
    for at in entry["attested_by"]:
        if os.path.exists(os.path.join(evidence, at["file"])) and not cites(row, at):
            problems.append(f"entry {entry['n']} {entry.get('id')}: not attested by {at['file']} {at.get('table', '')}")
for pair in truth["mail_event_pairs"]:
    entry = next(e for e in truth["timeline"] if e["n"] == pair["entry"])
    row = next((r for r in rows if r["action"] == entry["code"] and inside(r, entry)
                and (entry["project"] is None or r["object"] == entry["project"])), None)
    for at in pair["attested_by"]:
        if os.path.exists(os.path.join(evidence, at["file"])) and (not row or not cites(row, at)):
            problems.append(f"mail {pair['message_id']}: not a witness of entry {pair['entry']} by {at['file']}")
extra = [r for i, r in enumerate(rows) if i not in used]
for row in extra:
    if row["action"] == "audit-other" and (row["source"] or "").endswith("db-audit.xml") and row["actor"] in ("rowan", "sage", "kit"):
        continue # what a responder asked the database for while the incident was open: the truth tells what came of it
    if row["actor"] not in ("dvolk", "sage", "rowan") or row["action"] not in ("login-success", "email-verify", "chat-message"):
        problems.append(f"more than the truth: {row['time']} {row['action']} {row['actor']}")
for problem in problems:
    print(problem)
print(f"timeline: {len(truth['timeline'])} entries and {len(truth['mail_event_pairs'])} mails compared, {len(problems)} problems, "
      f"{len(extra)} further rows")
sys.exit(1 if problems else 0)
