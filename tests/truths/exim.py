# SPDX-License-Identifier: Apache-2.0
"""
Logs of Exim. The arrivals ("<=") are no events of ours: what was read of them is seen in the events of their message. So the files are imported
a second time, with a delivery put behind each arrival whose message has none, and the sender, client and Message-ID of that are compared.
"""
import os
import re
import tempfile

import _set

ACTIONS = {"=>": {"mail-sent", "mail-received", "audit-other"}, "->": {"mail-sent", "mail-received", "audit-other"}, ">>": {"mail-sent", "mail-received"},
           "*>": {"audit-other"}, "**": {"mail-bounced"}, "==": {"mail-deferred"}}
PROBE = "probe@hindcast.example"


def events_of(case):
    """(file, line) -> events with their fields; a copy of a file has those of the first."""
    fields = {}
    for source, line, name, value in case.query("SELECT s.path, e.line, a.name, a.value FROM attribute AS a JOIN event AS e ON e.id = a.event "
                                                "JOIN source AS s ON s.id = e.source"):
        fields.setdefault((source.removeprefix("evidence/"), line), {})[name] = value
    found = {}
    for e in case.events():
        key = (e["file"], e["line"])
        found.setdefault(key, []).append(dict(e, fields=fields.get(key, {})))
    copies = {path.removeprefix("evidence/"): why.removeprefix("same bytes as evidence/") for path, why in
              case.query("SELECT path, why FROM source WHERE status = 'copy'")}
    return found, copies


def transactions(case):
    return {(source.removeprefix("evidence/"), line): name for source, line, name in
            case.query("SELECT s.path, e.line, n.name FROM event AS e JOIN source AS s ON s.id = e.source JOIN entity AS n ON n.id = e.txn")}


def fold(text):
    return text.casefold() if text else text


def first_word(text):
    """Which is all that the truth has of a command, a sentence or a local part in quotes: it was cut at the first space."""
    return text.split(" ")[0] if text else text


def with_probes(case, files):
    """The same files, with a delivery behind every arrival: (file, line of the arrival) -> its event."""
    with tempfile.TemporaryDirectory(prefix="hindcast-truth-") as folder:
        places = {}
        for name, lines in files.items():
            os.makedirs(os.path.dirname(os.path.join(folder, "evidence", name)) or folder, exist_ok=True)
            with open(os.path.join(folder, "evidence", name), "wb") as out:
                n = 0
                for number, line in enumerate(lines, 1):
                    out.write(line + b"\n")
                    n += 1
                    arrival = re.match(rb"((?:\S+ ){2}(?:\[\d+\] )?[0-9A-Za-z]{6}-[0-9A-Za-z]+-[0-9A-Za-z]+ )<= ", line)
                    if arrival:
                        out.write(arrival.group(1) + b"=> " + PROBE.encode() + b" R=r T=t\n")
                        n += 1
                        places[name, n] = (name, number)
        probes = _set.Case(case.truth, folder, case.hindcast, os.path.dirname(case.public))
        names = [os.path.join(folder, "evidence", name) for name in files]
        done = probes.run("import", "-q", "-C", folder, "--format", "exim", "--zone", "UTC", *names)
        if done.returncode not in (0, 3):
            raise SystemExit(done.stderr)
        found, _ = events_of(probes)
        txns = transactions(probes)
        return {places[key]: (e, txns.get(key)) for key, events in found.items() for e in events if e["target"] == PROBE}


def check_arrival(case, where, row, event):
    e, txn = event or (None, None)
    case.check("arrival", where, True, e is not None)
    if e is None:
        return
    sender = None if row["actor"] == "<>" else row["actor"]
    got = fold(e["fields"].get("from", e["actor"]))
    case.check("sender", where, fold(sender), first_word(got) if sender and sender.startswith('"') and "@" not in sender else got)
    case.check("client", where, row["source_ip"], e["address"])
    case.check("Message-ID", where, row["extra"].get("msgid"), e["message_id"])
    case.check("Exim's id", where, row["extra"]["exim_id"], txn)


def check_delivery(case, where, row, events, txn):
    case.check("flag", where, True, len(events) == 1 and events[0]["action"] in ACTIONS[row["action"]])
    if len(events) != 1:
        return
    e, want = events[0], row["target"].rstrip(":") if row["action"] == "**" else row["target"]
    got = {fold(x) for x in (e["target"], e["fields"].get("delivered-to")) if x}
    case.check("recipient", where, fold(want), fold(want) if fold(want) in got | {first_word(x) for x in got} else sorted(got))
    case.check("Exim's id", where, row["extra"]["exim_id"], txn)
    if "remote_ip" in row["extra"]:
        case.check("other host", where, True, "[" + row["extra"]["remote_ip"] + "]" in e["fields"].get("relay", ""))


def suite(case):
    rows = list(case.rows())
    files = {}
    for name in sorted({r["file"] for r in rows}):
        with open(os.path.join(case.public, name), "rb") as f:
            files[name] = f.read().split(b"\n")[:-1]
    probes = with_probes(case, files)
    found, copies = events_of(case)
    txns = transactions(case)
    rejects = {(p.removeprefix("evidence/"), line) for p, line in case.query("SELECT s.path, r.line FROM reject AS r JOIN source AS s ON s.id = r.source")}
    for row in rows:
        line = int(row["record"])
        where, key = "%s:%d" % (row["file"], line), (copies.get(row["file"], row["file"]), line)
        if row["action"] == "<=":
            check_arrival(case, where, row, probes.get(key) or probes.get((row["file"], line)))
        elif row["action"] == "Completed":
            case.check("completed", where, False, key in rejects or key in found)
        else:
            check_delivery(case, where, row, found.get(key, []), txns.get(key))
    for path, records, accounted in case.query("SELECT path, records, events + states + ignored + joined + duplicates + rejected FROM source WHERE status = 'read'"):
        case.check("records accounted for", path, records, accounted)
    for key in sorted(rejects):
        case.check("lines read", "%s:%d" % key, "read", "rejected")
    for path, status in case.query("SELECT path, status FROM source"):
        case.check("files read", path, True, status in ("read", "copy"))


def crowdsec(case):
    found = {}
    for e in case.events():
        found.setdefault((e["file"], e["line"]), []).append(e)
    for row in case.rows():
        where = "%s:%s" % (row["file"], row["record"])
        events = found.get((row["file"], int(row["record"])), [])
        case.check("event", where, 1, len(events))
        if len(events) != 1:
            continue
        e = events[0]
        # their actor is who was to be reached: the name that signed in, or the recipient
        case.check("target", where, row["actor"], e["target"])
        case.check("client", where, row["source_ip"], e["address"])
        if row["time_utc"]:
            case.check("time", where, row["time_utc"].rstrip("Z").ljust(23, "0")[:19], e["time"][:19])


def logstash(case):
    """The lines stand in the test that expects the fields, of which truth.tsv has those that are stated."""
    with open(os.path.join(case.public, "exim_spec_expected.rb.txt"), encoding="utf-8") as f:
        texts = re.findall(r"let\(:message\) do(.*?)\n    end", f.read(), re.S)
    lines = ["".join(a or b for a, b in re.findall(r'"((?:\\.|[^"\\])*)"|\'((?:\\.|[^\'\\])*)\'', t)).replace("\\'", "'") for t in texts]
    probes = with_probes(case, {"exim.log": [line.encode() for line in lines]})
    for row in case.rows():
        number = int(row["record"])
        e, txn = probes.get(("exim.log", number), (None, None))
        if e is None:
            continue
        where = "exim.log:%d" % number
        case.check("sender", where, row["actor"], e["actor"]) if row["actor"] else None
        case.check("client", where, row["source_ip"], e["address"])
        case.check("Message-ID", where, row["extra"]["msgid"], e["message_id"]) if row["extra"]["msgid"] else None
        case.check("Exim's id", where, row["extra"]["exim_id"], txn) if row["extra"]["exim_id"] else None
        case.check("subject", where, row["extra"]["subject"], e["fields"].get("subject")) if row["extra"]["subject"] else None


UNQUOTED = "logged without the quotes of its local part; ours is the address as it was, which stands behind it"

SETS = [
    _set.Set("exim/exim-suite-4.91", ["log/*", "rejectlog/*", "paniclog/*"], suite, options=["--format", "exim", "--zone", "UTC"],
             known={("recipient", "log/0256:11"): UNQUOTED, ("recipient", "log/0256:12"): UNQUOTED, ("recipient", "log/5204:2"): UNQUOTED,
                    ("lines read", re.compile(r"log/(0460|0492|5400):1")): "a note of the suite about the file, before its first entry"}),
    _set.Set("exim/crowdsec", ["*.log"], crowdsec, sources=[("*", {"zone": "UTC", "year": 2022})]),
    _set.Set("exim/logstash-spec", ["exim.log"], logstash, sources=[("*", {"zone": "UTC"})],
             known={(field, "exim.log:5"): "T= has backslashes before its quotes, as no Exim writes: the line is doubtful" for field in ("client", "subject")}),
]
