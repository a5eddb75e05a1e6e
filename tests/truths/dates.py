# SPDX-License-Identifier: Apache-2.0
"""Dates that other programs are tested with: what is read is right, what is refused is told. Read by the program's own readers (tests/times)."""
import datetime
import os
import re
import subprocess

from _set import Set

UTC = datetime.timezone.utc


def ask(case, rows):
    program = os.path.join(os.path.dirname(case.hindcast), "tests", "times")
    text = "".join(f"{form}\t{zone}\t" + t.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t") + "\n" for form, zone, t in rows)
    return subprocess.run([program], input=text, capture_output=True, text=True, check=True).stdout.splitlines()


def instant(answer):
    """The instant that is said for certain; the word "refused", or "unsure" with both ends."""
    if answer == "refused":
        return answer
    first, last, _, basis = answer.split()
    if "assumed" in basis:
        ends = (datetime.datetime.fromtimestamp(int(us) // 10**6, UTC) for us in (first, last))
        return "unsure: " + " .. ".join(f"{t:%Y-%m-%dT%H:%M:%SZ}" for t in ends)
    return f"{datetime.datetime.fromtimestamp(int(first) // 10**6, UTC):%Y-%m-%dT%H:%M:%SZ}"


def mail(case):
    rows = [r for r in case.rows() if r["file"] == "date.json"]
    for row, answer in zip(rows, ask(case, [("rfc5322", "", r["extra"]["header"]) for r in rows])):
        case.check("time", int(row["record"]), row["time_utc"] or "refused", instant(answer))


def git(case):
    """ISO and RFC forms only; of the others what is read has to be right. git has no time before 1970 or after 2099, and no day without a clock time."""
    rows = list(case.rows())
    zones = {"EST5": "-05:00"}
    forms = [("rfc5322" if re.match(r"[A-Z]", r["extra"]["input"]) else "iso", zones.get(r["extra"]["TZ"], "UTC"), r["extra"]["input"]) for r in rows]
    for row, form, answer in zip(rows, forms, ask(case, forms)):
        got, want, where = instant(answer), row["time_utc"], int(row["record"])
        whole = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)([T ]\d\d(:?\d\d)*([.,]\d+)?)?( ?(Z|[+-]\d\d(:?\d\d)?))?|[A-Z][a-z]+, .*", form[2])
        if want == "bad" and whole and got != "refused":
            case.check("times that git does not have", where, True, not "1970-01-01T00:00:00Z" <= got < "2100" or len(form[2]) == 10)
        elif whole:
            case.check("ISO and RFC forms", where, want.replace("bad", "refused"), got)
        else:
            case.check("other forms are right or refused", where, True, got in ("refused", want))


SETS = [
    Set("dates/git-t0006", ["dates.txt"], git, known={("times that git does not have", 40): "git goes by the year that is written; this is 1970 in UTC"}),
    Set("dates/stalwart", ["date.json"], mail, known={
        ("time", 11): "a number for the month is of no standard",
        ("time", 13): "numbers without names are of no standard",
        ("time", 29): "a whole Received field, which the reader of fields cuts before",
        ("time", 31): "EST5EDT says two offsets",
        ("time", 32): "a military letter says two offsets: RFC 5322 takes it for unknown; both are covered",
        ("time", 33): "the name of no zone",
    }),
]
