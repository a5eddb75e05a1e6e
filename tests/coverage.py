# SPDX-License-Identifier: Apache-2.0
"""Logs with and without holes: coverage.py HINDCAST WORKDIR. Which silences are told, which are not, and what a report says that they hide.
Prints one line "ok NAME" or "not ok NAME" per question."""
import datetime
import gzip
import json
import os
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from smallworld import START, World, at, make_case  # noqa: E402

hindcast, work = sys.argv[1:3]
bad = 0
DAY = 86400


def t(name, holds):
    global bad
    print(("ok " if holds else "not ok ") + name)
    bad |= not holds


def line(seconds, n):
    stamp = (START + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    return f"{stamp} mx postfix/smtp[77]: {0x4A00000000 + n:X}: to=<u{n % 7}@mail.example>, relay=mx.mail.example[192.0.2.9]:25, delay=0.5, delays=0.1/0/0.1/0.3, dsn=2.0.0, status=sent (250 ok)"


def log(days, per_hour, seed, holes=(), night=0.3, weekend=0.5, start=-20 * DAY, jump=None):
    """Lines of a mail log that begins `start` seconds before START; holes: (from, to) in seconds."""
    rnd, now, out = random.Random(seed), float(start), []
    while now < start + days * DAY:
        now += rnd.expovariate(per_hour / 3600)
        when = START + datetime.timedelta(seconds=now)
        share = (night if when.hour < 6 or when.hour >= 21 else 1) * (weekend if when.weekday() >= 5 else 1)
        if rnd.random() < share and not any(a <= now < b for a, b in holes) and now < start + days * DAY:
            out.append(line(now + (jump or 0 if now > 0 else 0), len(out)))
    return out


def case(name, files, settings=""):
    folder = os.path.join(work, name.replace(" ", "-"))
    os.makedirs(os.path.join(folder, "evidence"))
    for path, lines in files.items():
        data = ("\n".join(lines) + "\n").encode()
        open(os.path.join(folder, "evidence", path), "wb").write(gzip.compress(data, mtime=0) if path.endswith(".gz") else data)
    if settings:
        open(os.path.join(folder, "case.yaml"), "w").write(settings)
    done = subprocess.run([hindcast, "run", "-q", folder], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        print(done.stderr)
    return folder


def ask(folder, *command):
    return subprocess.run([hindcast, *command, "-C", folder], capture_output=True, text=True, check=True).stdout


def told(folder, rule="HC-COV-001"):
    return [f for f in json.loads(ask(folder, "findings", "-f", "json")) if f["rule"] == rule]


def db(folder, query):
    return subprocess.run(["sqlite3", os.path.join(folder, "hindcast.db"), query], capture_output=True, text=True, check=True).stdout.strip()


# --- silences ---------------------------------------------------------------------------------------------------------------------

hole = (-5 * DAY + 3600, -5 * DAY + 5 * 3600)
lines = log(20, 30, 1, [hole])
folder = case("a hole of four hours", {"mail.log": lines})
found = told(folder)
before = max(i for i, x in enumerate(lines) if x[:26] < (START + datetime.timedelta(seconds=hole[0])).strftime("%Y-%m-%dT%H:%M:%S.%f"))
t("a hole of four hours in twenty days is told, at the line before it", len(found) == 1 and found[0]["line"] == before + 1 and found[0]["level"] == "note")
row = next(json.loads(x) for x in ask(folder, "sources", "-f", "jsonl").splitlines())
t("sources tells it too, from the record before to the one after", len(row["silences"]) == 1 and row["silences"][0]["from"][:26] == lines[before][:26] and
  row["silences"][0]["to"][:26] == lines[before + 1][:26] and row["silences"][0]["expected"] <= row["silences"][0]["steps"])
t("as text also", "    silent from 20" in ask(folder, "sources"))
t("the same day without the hole is quiet", not told(case("no hole", {"mail.log": log(20, 30, 1)})))
t("nights and weekends on which nothing comes are no silence", not told(case("office hours", {"mail.log": log(30, 30, 2, night=0, weekend=0, start=-25 * DAY)})))
t("a hole at night is one where the nights are as busy", len(told(case("a night", {"mail.log": log(20, 30, 3, [(-5 * DAY - 9 * 3600, -5 * DAY - 5 * 3600)], night=1, weekend=1)}))) == 1)
t("and none where they are empty anyway", not told(case("an empty night", {"mail.log": log(20, 30, 3, [(-5 * DAY - 9 * 3600, -5 * DAY - 5 * 3600)], night=0, weekend=0)})))
t("a log of three days has no rhythm that could be known", not told(case("three days", {"mail.log": log(3, 30, 4, [(-19 * DAY, -19 * DAY + 4 * 3600)])})))
t("a source of few records is never silent", not told(case("few", {"mail.log": log(20, 0.2, 5, [hole])})))
t("a log whose end was taken later is silent at its end",
  len(told(case("a silent end", {"mail.log": log(20, 30, 6, [(-DAY, DAY)])}, "sources:\n- {path: 'evidence/*', taken: 2024-05-06T10:00:00Z}\n"))) == 1)
t("clocks that change are no silence", not told(case("clocks", {"mail.log": log(20, 30, 7, night=0, weekend=0, jump=3600)})))
quiet = sum(len(told(case(f"quiet {seed}", {"mail.log": log(20, 12, 100 + seed, night=0.1, weekend=0.2)}))) for seed in range(8))
t("eight quiet logs of twenty days have none", quiet == 0)
half = len(lines) // 2
folder = case("rotated", {"mail.log.1": lines[:half], "mail.log": lines[half:]}, "sources:\n- {path: 'evidence/*', year: 2024}\n")
t("files of one log are one stream", len(told(folder)) == 1 and db(folder, "SELECT sources, step FROM stream") == db(folder, "SELECT 2, step FROM stream"))

third = len(lines) // 3
folder = case("a file is missing", {"mail.log.3.gz": lines[:third], "mail.log.1": lines[third:2 * third], "mail.log": lines[2 * third:]})
found = told(folder, "HC-COV-002")
t("a rotated file between two others that is not there is named", [f["message"].split()[0] for f in found] == ["evidence/mail.log.2.gz"])
t("and none where none is missing", not told(case("none missing", {"mail.log.2.gz": lines[:third], "mail.log.1": lines[third:2 * third], "mail.log": lines[2 * third:]}), "HC-COV-002"))
t("numbers that are dates count no files", not told(case("dates", {"mail.log-20240101": lines[:third], "mail.log-20240120": lines[third:]}), "HC-COV-002"))

# --- what they hide, in a report ---------------------------------------------------------------------------------------------------


def takeover():
    w = World().project("one", "two").user("eve", "eve@mail.example", born=-600)
    return w.chain(0, "one", "ann", "eve").chain(120, "two", "ann", "eve").deletion(400, "ann", proof=300)


def with_log(name, lines, worlds, path="mail.log", settings=()):
    folder = os.path.join(work, name.replace(" ", "-"))
    make_case(hindcast, folder, worlds, settings=settings)
    open(os.path.join(folder, "evidence", path), "w").write("\n".join(lines) + "\n")
    subprocess.run([hindcast, "run", "-q", folder], capture_output=True)
    return folder, open(os.path.join(folder, "report", "incident.md"), encoding="utf-8").read()


folder, report = with_log("hidden", log(24, 30, 8, [(-1800, 2 * 3600)]), [(takeover(), 90000)])
t("a silence over the incident is in the report with what it hides", re.search(r"- \*\*What `evidence/mail\.log` does not show from .* No record of it can show "
  r"which mails were sent in that time\.\[\^e\d+\]", report) is not None)
folder, report = with_log("quiet beside", log(24, 30, 8), [(takeover(), 90000)])
t("where the log is whole nothing of it is", "does not show" not in report and "can show" not in report.split("## What this report cannot tell")[1].split("Lessons")[0].replace("No record can show", ""))
folder, report = with_log("begins late", log(2, 30, 9, start=200), [(takeover(), 90000)])
t("a log that begins within the incident hides what was before", re.search(r"What happened before `evidence/mail\.log` begins\.\*\* Its first record is of .* can show which mails were sent before", report) is not None)
t("what the deletion took is said in acts", re.search(r"When and how the access began\..* No record can show when it was signed in to and from where, .*whether it had a second factor", report) is not None)

t("what the service deletes by age is no gap where the dump came in time", "need not keep" not in report)
_, report = with_log("kept", log(2, 30, 9, start=200), [(takeover(), 30 * DAY)])
t("and is one where it came later", len(re.findall(r"What `ses_e\w+` held before 10:00:00 on 22 May 2024\.\*\* The service need not keep its rows longer than 14 days", report)) == 2)

first, last = World().project("one", "two").user("eve", "eve@mail.example", born=-600).user("ann", "ann@mail.example"), takeover()
first.rows["user_events"].append(("x-1", "u-ann", "account:login:success", at(-5000), "{}"))
first.rows["releases"].append(("r-9", "1.0", at(-90000), "p-one", "u-ann"))
last.rows["releases"].append(("r-8", "1.1", at(-80000), "p-one", None))
folder, report = with_log("gone", log(24, 30, 8), [(first, -60), (last, 90000)])
section = report.split("## What this report cannot tell")[1].split("Lessons")[0]
t("rows that went with the account are counted by table", re.search(r"What \S+ rows of `ann` held\.\*\* The first dump has them and the last one has not: .*user\\?_events \(2\), user\\?_emails \(1\)\. They went with the account", section) is not None)
print(section) if "went with the account" not in section else None
t("and those that did not, by themselves", re.search(r"What one row held and no dump holds any more\.\*\* .*: releases \(1\)\.\[", section) is not None)
folder, report = with_log("nothing gone", log(24, 30, 8), [(takeover(), 80000), (takeover(), 90000)])
t("where nothing is gone nothing is said", "The first dump has them" not in report)
sys.exit(1 if bad else 0)
