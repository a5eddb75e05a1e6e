# SPDX-License-Identifier: Apache-2.0
"""Checks a written report against the evidence: report.py INCIDENT.md EVIDENCE-DIR [TRUTH.json].

Every sentence of fact has a reference, every reference leads somewhere, every cited line holds the words that are quoted from it; with
the truth of the lab the durations and counts are compared too."""
import gzip
import json
import os
import re
import sys

text = open(sys.argv[1], encoding="utf-8").read()
evidence = sys.argv[2]
truth = json.load(open(sys.argv[3])) if len(sys.argv) > 3 else None
problems = []
cache = {}


def lines_of(path):
    if path not in cache:
        data = open(os.path.join(os.path.dirname(evidence), path), "rb").read()
        cache[path] = (gzip.decompress(data) if path.endswith(".gz") else data).decode("utf-8", "replace").split("\n")
    return cache[path]


notes = dict(re.findall(r"^\[\^(e\d+)\]: (.*)$", text, flags=re.M))
body = re.sub(r"^\[\^e\d+\]: .*$", "", text, flags=re.M)
used = re.findall(r"\[\^(e\d+)\]", body)
for ref in sorted(set(used) - set(notes)):
    problems.append(f"{ref} is not defined")
for ref in sorted(set(notes) - set(used)):
    problems.append(f"{ref} is defined and not used")
if [int(u[1:]) for u in dict.fromkeys(used)] != list(range(1, len(notes) + 1)):
    problems.append("references are not numbered by first use")

for left in re.findall(r"\{[?!@#%^a-z][^}]*\}|\b(?:noun|time|timeline|measure|heading|note|key|number|month|weekday|figure)\.[a-z0-9-]+\b", text):
    problems.append(f"a phrase was not filled: {left}")

# What is quoted from a table stands in the first of the lines that are cited for it.
quotes = 0
for ref, note in notes.items():
    path = None
    for part in note.split("; "):
        m = re.match(r"(?:[a-z ]+: )?(?:the same in |bound by )?(?:`([^`]+)`, )?(?:`([^`]+)`, )?lines? (\d+)[^:]*(?:: “(.*)”)?", part)
        if not m:
            continue
        path = m.group(1) if m.group(1) and "/" in m.group(1) else path
        if m.group(4):
            quotes += 1
            if m.group(4).replace("\\", "") not in lines_of(path)[int(m.group(3)) - 1]:
                problems.append(f"{ref}: line {m.group(3)} of {path} does not hold “{m.group(4)}”")
if quotes < 8:
    problems.append(f"only {quotes} quotations were compared")

# What the writer of the report put in is his own.
own = os.path.join(os.path.dirname(evidence.rstrip("/")), "notes")
for name in os.listdir(own) if os.path.isdir(own) else []:
    words = open(os.path.join(own, name), encoding="utf-8").read().strip()
    if name != "README.md" and words not in body:
        problems.append(f"notes/{name} is not in the report")
    body = body.replace(words, "")

# Sections whose sentences are facts; advice, headings, actions and introductions are not.
section = None
facts = 0
for paragraph in re.split(r"\n\s*\n", re.sub(r"^---\n.*?\n---\n", "", body, flags=re.S)):
    for line in paragraph.split("\n"):
        if line.startswith("## "):
            section = line[3:]
        if (not section or section in ("What you can do", "Evidence and method", "Summary") or line.startswith(("#", "<!--", "|", "    ", "Figure", "**Action", "**Owner"))
                or not line.strip()):
            continue
        if re.match(r"(- \*\*(Cause|Projects)|This is a conclusion|\*\*Why we call|Letters name|We looked for|Until those who are accused|If it had none)", line):
            continue
        facts += 1
        if "[^e" not in line:
            problems.append(f"no reference: {line[:90]}")
        for sentence in re.split(r"(?<=[.”\]])\s+(?=[A-Z`])", line):
            plain = re.sub(r"\[\^e\d+\]", "", sentence).strip()
            if "[^e" not in sentence and not re.match(
                    r"(We thank|No alarm of our own|If it had none|Freezing writes|It has no dated|The account's last|The service gives|They rest on|These statements|- \*\*(When|Whether|The exact|Who))",
                    plain) and len(plain) > 40 and not line.startswith("- **") and "`" not in plain[:1]:
                problems.append(f"no reference: {plain[:90]}")
if facts < 40:
    problems.append(f"only {facts} lines of fact")


def duration(s):
    s = int(s + 0.5)
    parts = [(s // 3600, "h"), (s // 60 % 60, "min"), (s % 60, "s")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{n} {u}" for n, u in parts)


if truth:
    iv = truth["metrics"]["A"]["intervals"]
    for key in ("time_to_detect_s", "time_to_acknowledge_s", "attack_duration_s", "total_s"):
        if duration(iv[key]) not in body and duration(iv[key] + 0.31) not in body:
            problems.append(f"{key} {duration(iv[key])} is not in the report")
    n = sum(1 for p in truth["mail_event_pairs"] if p["to"] == "meisnate12@example.net")
    if f"| Notices delivered to the owner before the report | {n} |" not in body:
        problems.append(f"the number of notices to the owner is not {n}")
    for entry in truth["timeline"]:
        clock = entry["time"][11:19]
        if entry["project"] and clock not in body:
            problems.append(f"{entry['id']} at {clock} is not told")
        for line in entry.get("quote", "").split("\n"):
            if line and re.sub(r"[\\>]", "", line) not in re.sub(r"[\\>]", "", body):
                problems.append(f"{entry['id']}: “{line}” is not quoted")
    for gap in ("access began", "second factor", "moment of the deletion", "moment of the freeze"):
        if gap not in body[body.index("## What this report cannot tell"):]:
            problems.append(f"gap not told: {gap}")
    lead = body.split("<!-- more -->")[0]
    if "no release and no file" not in lead:
        problems.append("the lead does not say that nothing was changed")
for problem in problems:
    print(problem)
print(f"report: {facts} lines of fact, {len(notes)} references, {quotes} quotations compared, {len(problems)} problems")
sys.exit(1 if problems else 0)
