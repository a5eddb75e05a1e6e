# SPDX-License-Identifier: Apache-2.0
"""A set of public samples: how it is imported, and how what was imported is compared with its truth."""
import csv
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile


class Set:
    """
    path      folder below evidence/public
    files     globs in it: what is imported (copied into the evidence folder of a case, under the same names)
    sources   list of (glob inside evidence/, {zone: ..., year: ..., profile: ...}) for case.yaml; `case`: more top keys of it, as text
    compare   function(Case) that calls case.check(field, where, want, got) for each thing that the truth states
    known     {(field, where): reason}: differences that stay, each with the reason; one that no longer occurs is an error. The where of a key may be a
              compiled pattern, which has to take one difference or more
    options   further arguments of the import
    status    what the import may end with: 0, or 3 where something is to be rejected or unread
    """

    def __init__(self, path, files, compare, sources=(), case="", known=None, options=(), status=(0, 3)):
        self.path, self.files, self.compare, self.sources, self.case = path, files, compare, sources, case
        self.known, self.options, self.status = known or {}, list(options), status


class Case:
    """What an adapter's compare is given."""

    def __init__(self, truth, folder, hindcast, public):
        self.truth, self.folder, self.hindcast = truth, folder, hindcast
        self.public = os.path.join(public, truth.path)
        self.counts, self.differences = {}, []
        self._events = None

    def rows(self, name="truth.tsv"):
        """Rows of a truth table; '-' is None, `extra` is read as JSON."""
        with open(os.path.join(self.public, name), newline="", encoding="utf-8") as f:
            for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
                row = {k: (None if v == "-" else v) for k, v in row.items()}
                row["extra"] = json.loads(row["extra"]) if row.get("extra") else {}
                yield row

    def run(self, *args):
        return subprocess.run([self.hindcast, *args], capture_output=True, text=True, errors="replace")

    def events(self):
        """All events; `file` is the name below evidence/, with !member."""
        if self._events is None:
            out = self.run("events", "-C", self.folder, "-f", "jsonl").stdout
            self._events = [json.loads(line) for line in out.splitlines()]
            for e in self._events:
                e["file"] = e["source"].removeprefix("evidence/")
        return self._events

    def sources(self):
        out = self.run("sources", "-C", self.folder, "-f", "jsonl").stdout
        return [json.loads(line) for line in out.splitlines()]

    def query(self, sql):
        """Rows of the case database, read-only."""
        import sqlite3
        db = sqlite3.connect(f"file:{os.path.join(self.folder, 'hindcast.db')}?mode=ro", uri=True)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def by_record(self):
        """(file, record) -> events."""
        found = {}
        for e in self.events():
            found.setdefault((e["file"], e["record"]), []).append(e)
        return found

    def check(self, field, where, want, got):
        self.counts[field] = self.counts.get(field, 0) + 1
        if want != got:
            self.differences.append((field, where, want, got))


class Result:
    def __init__(self):
        self.lines, self.passed, self.failed = [], 0, 0

    def say(self, good, text):
        self.passed += bool(good)
        self.failed += not good
        self.lines.append(("ok " if good else "not ok ") + text)


def place(truth, public, folder):
    for pattern in truth.files:
        for path in sorted(glob.glob(os.path.join(public, truth.path, pattern), recursive=True, include_hidden=True)):
            if os.path.isdir(path):
                continue
            to = os.path.join(folder, "evidence", os.path.relpath(path, os.path.join(public, truth.path)))
            os.makedirs(os.path.dirname(to), exist_ok=True)
            shutil.copyfile(path, to)
    text = "title: truth\n" + truth.case
    if truth.sources:
        text += "sources:\n"
        for pattern, keys in truth.sources:
            text += f"  - path: evidence/{pattern}\n" + "".join(f"    {k}: {v}\n" for k, v in keys.items())
    with open(os.path.join(folder, "case.yaml"), "w", encoding="utf-8") as f:
        f.write(text)


def explained(truth, difference, used):
    for key in truth.known:
        field, where = key
        hit = where.fullmatch(difference[1]) if isinstance(where, re.Pattern) else where == difference[1]
        if field == difference[0] and hit:
            used.add(key)
            return True
    return False


def run(truth, hindcast, public):
    result = Result()
    with tempfile.TemporaryDirectory(prefix="hindcast-truth-") as folder:
        place(truth, public, folder)
        names = sorted(os.path.join(d, f) for d, _, files in os.walk(os.path.join(folder, "evidence")) for f in files)
        case = Case(truth, folder, hindcast, public)
        done = case.run("import", "-q", "-C", folder, *truth.options, *names)
        result.say(done.returncode in truth.status, f"{truth.path}: imported" + ("" if done.returncode in truth.status else f" ({done.stderr})"))
        truth.compare(case)
    used = set()
    for field in sorted(case.counts):
        wrong = [d for d in case.differences if d[0] == field]
        new = [d for d in wrong if not explained(truth, d, used)]
        n = case.counts[field]
        result.say(not new, f"{truth.path}: {field}: {n - len(wrong)} of {n}" + (f", {len(wrong) - len(new)} differ for a reason" if len(new) < len(wrong) else ""))
        result.lines += [f"    {where}: {want!r} expected, {got!r} found" for _, where, want, got in new[:20]]
    for key in truth.known:
        if key not in used:
            result.say(False, f"{truth.path}: {key[0]} of {key[1]} no longer differs")
    return result
