#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""solveit.py HINDCAST: one test for each weakness of timelines that the SOLVE-IT knowledge base of digital forensics lists, by its id."""
import json
import os
import subprocess
import sys
import tempfile
import zipfile

hindcast = os.path.abspath(sys.argv[1])
passed = failed = 0


class Case:
    def __init__(self, files, sources=None, options=(), status=(0,)):
        self.folder = tempfile.TemporaryDirectory(prefix="hindcast-solveit-")
        self.path = self.folder.name
        os.mkdir(self.path + "/evidence")
        for name, data in files.items():
            with open(f"{self.path}/evidence/{name}", "wb") as f:
                f.write(data if isinstance(data, bytes) else data.encode())
        text = "title: t\n" + ("sources:\n" if sources else "")
        for name, keys in (sources or {}).items():
            text += f"  - path: evidence/{name}\n" + "".join(f"    {k}: {v}\n" for k, v in keys.items())
        with open(self.path + "/case.yaml", "w", encoding="utf-8") as f:
            f.write(text)
        done = self.run("import", "-q", "-C", self.path, *options, *(f"{self.path}/evidence/{n}" for n in sorted(files)))
        assert done.returncode in status, done

    def run(self, *args):
        return subprocess.run([hindcast, *args], capture_output=True, text=True, check=False)

    def lines(self, command, *more):
        return [json.loads(x) for x in self.run(command, "-C", self.path, "-f", "jsonl", *more).stdout.splitlines()]

    def events(self, *more):
        return self.lines("events", *more)


def log(*stamps, who="eve"):
    """Sign-ins, one for each time as a log writes it."""
    return "".join(f"{s} mx sshd[{i + 1}]: Accepted password for {who}{i} from 192.0.2.7 port 22 ssh2\n" for i, s in enumerate(stamps))


def by_line(events):
    return sorted(events, key=lambda e: (e["source"], e["line"]))


NEW_YORK = {"zone": "America/New_York", "year": 2023}


def dfw_1146():
    """Order, which is no timestamp, tells the two passes of a repeated hour apart, and this is said."""
    e = by_line(Case({"a.log": log("Nov  5 01:05:00", "Nov  5 01:55:00", "Nov  5 01:06:00", "Nov  5 01:40:00")}, {"a.log": NEW_YORK}).events())
    return [x["time"][11:16] for x in e] == ["05:05", "05:55", "06:06", "06:40"] and all(x["until"][:19] == x["time"][:19] and x["fields"]["time-note"] for x in e)


def dfw_1147():
    """One instant, written with an offset, as local time and in UTC, is one instant."""
    stamps = ["2023-11-22T03:49:32-05:00", "2023-11-22T08:49:32Z", "2023-11-22T09:49:32+01:00"]
    e = Case({"a.log": log(*stamps), "b.log": log("Nov 22 03:49:32")}, {"b.log": NEW_YORK}).events()
    return [x["time"] for x in e] == ["2023-11-22T08:49:32.000000Z"] * 4


def dfw_1149():
    """A clock that was not set, or that had lost its source at the time, is no certain time."""
    e = by_line(Case({"a.log": log("*Nov 22 03:49:32.123", ".Nov 22 03:49:33.123", "Nov 22 03:49:34.123")}, {"a.log": NEW_YORK}).events())
    return e[0]["time"] is None and "assumed" in e[1]["basis"] and "assumed" not in e[2]["basis"]


def dfw_1165():
    """What an archive holds keeps its times as they are written; the times of the archive's own entries date nothing."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(folder + "/x.zip", "w") as z:
            z.writestr(zipfile.ZipInfo("a.log", (1999, 1, 1, 0, 0, 0)), log("2023-11-22T03:49:32.12-05:00"))
        data = open(folder + "/x.zip", "rb").read()
    case = Case({"x.zip": data})
    e = case.events()
    return [(x["raw_time"], x["time"][:4]) for x in e] == [("2023-11-22T03:49:32.12-05:00", "2023")] and case.run("verify", "-C", case.path).returncode == 0


def dfw_1233():
    """How exactly a time is written is shown with it."""
    e = by_line(Case({"a.log": log("2023-11-22T03:49:32Z", "2023-11-22T03:49:32.5Z", "2023-11-22T03:49:32.123456Z")}).events())
    return [(x["precision"], x["until"][20:26]) for x in e] == [("s", "999999"), ("ms", "500999"), ("us", "123456")]


def dfw_1234():
    """A zone that is set is applied and named; one that nobody set is said to be assumed."""
    told, untold = (by_line(Case({"a.log": log("Nov 22 03:49:32")}, {"a.log": keys}).events())[0] for keys in (NEW_YORK, {"year": 2023}))
    return told["time"][11:19] == "08:49:32" and "source-zone" in told["basis"] and "assumed" not in told["basis"] and "assumed" in untold["basis"]


def dfw_1264():
    """In one source, what is written in UTC is not moved, and local time is."""
    e = by_line(Case({"a.log": log("2023-11-22T08:49:32Z", "2023-11-22T03:49:33")}, {"a.log": NEW_YORK}).events())
    return [(x["time"][11:19], x["basis"].split("+")[0]) for x in e] == [("08:49:32", "offset"), ("08:49:33", "source-zone")]


def dfw_1265():
    """The rule of the zone is that of the day: the United States moved the change in 2007, Moscow stayed ahead from 2011 to 2014."""
    west = by_line(Case({"a.log": log("2006-03-20T12:00:00", "2007-03-20T12:00:00")}, {"a.log": {"zone": "America/New_York"}}).events())
    east = by_line(Case({"a.log": log("2010-01-15T12:00:00", "2012-01-15T12:00:00", "2015-01-15T12:00:00")}, {"a.log": {"zone": "Europe/Moscow"}}).events())
    return [x["time"][11:13] for x in west] == ["17", "16"] and [x["time"][11:13] for x in east] == ["09", "08", "09"]


def dfw_1267():
    """A clock that was wrong by different amounts is set by source, each its own."""
    e = by_line(Case({"a.log": log("2023-11-22T03:49:32Z"), "b.log": log("2023-11-23T03:49:32Z")}, {"a.log": {"clock": "+47s"}, "b.log": {"clock": "-3s"}}).events())
    return [x["time"][11:19] for x in e] == ["03:48:45", "03:49:35"]


def dfw_1268():
    """A time that the clocks skipped is no time; one that they showed twice is both, where nothing decides."""
    gap, fold = (by_line(Case({"a.log": log(s)}, {"a.log": NEW_YORK}).events())[0] for s in ("Mar 12 02:30:00", "Nov  5 01:30:00"))
    return gap["time"] is None and "never was" in gap["fields"]["time-note"] and (fold["time"][11:19], fold["until"][11:19]) == ("05:30:00", "06:30:00")


def dfw_1269():
    """A known error of a clock is taken off every entry of its source, and each says so; what was written stays."""
    stamps = [f"2023-11-22T03:{m:02}:00Z" for m in range(60)]
    e = by_line(Case({"a.log": log(*stamps)}, {"a.log": {"clock": "+1m"}}).events())
    return len(e) == 60 and all(x["raw_time"] == s and "clock-corrected" in x["basis"] and int(x["time"][14:16]) == (m - 1) % 60
                                for m, (s, x) in enumerate(zip(stamps, e)))


def dfw_1299():
    """What was imported by a scope says which, and counts what it left out."""
    case = Case({"a.log": log("2023-11-22T03:49:32Z", "2023-11-22T03:49:33Z")}, options=("--scope", "eve1"), status=(0, 3))
    s = case.lines("sources")[0]
    return len(case.events()) < 2 and "eve1" in (s["scope"] or "") and s["ignored"] == 1


def dfw_1308():
    """As many entries leave the sort as records came in, also a thousand of one instant, undated ones and those out of order."""
    stamps = ["2023-11-22T03:49:32Z"] * 1000 + ["2023-11-22T03:49:31Z", "*Nov 22 03:49:32.123", "1999-01-01T00:00:00Z"]
    case = Case({"a.log": log(*stamps)}, status=(0, 3))
    times = [x["time"] for x in case.events()]
    dated = [t for t in times if t]
    return len(times) == 1003 and len(dated) == 1002 and dated == sorted(dated)


def dfw_1309():
    """What has no time is listed with the rest, and counted for its source."""
    case = Case({"a.log": log("Nov 22 03:49:32", "Nov 22 03:49:33")})
    shown = case.run("events", "-C", case.path).stdout
    return len(case.events()) == 2 and shown.count("nobody says the year") == 2 and case.lines("sources")[0]["undated"] == 2


def dfw_1311():
    """A time to the second covers what lies inside it: both ends are shown, so that no order is claimed."""
    e = Case({"a.log": log("2023-11-22T03:49:32Z"), "b.log": log("2023-11-22T03:49:32.5Z")}).events()
    coarse, fine = by_line(e)
    return coarse["time"] <= fine["time"] and fine["until"] <= coarse["until"] and (coarse["precision"], fine["precision"]) == ("s", "ms")


def dfw_1312():
    """The order is that of the corrected clocks."""
    e = Case({"a.log": log("2023-11-22T03:49:40Z", who="fast"), "b.log": log("2023-11-22T03:49:32Z", who="true")}, {"a.log": {"clock": "+20s"}}).events()
    return [x["actor"] for x in e] == ["fast0", "true0"]


def dfw_1313():
    """A zone that stands in the time is not applied again by the zone of its source."""
    e = by_line(Case({"a.log": log("2023-11-22T03:49:32-05:00", "Nov 22 03:49:32")}, {"a.log": NEW_YORK}).events())
    return [x["time"][11:19] for x in e] == ["08:49:32"] * 2


def dfw_1314():
    """A correction is one source's: no other is moved by it."""
    e = by_line(Case({"a.log": log("2023-11-22T03:49:32Z"), "b.log": log("2023-11-22T03:49:33Z")}, {"a.log": {"clock": "+1h"}}).events())
    return [(x["time"][11:19], "clock-corrected" in x["basis"]) for x in e] == [("02:49:32", True), ("03:49:33", False)]


for name, test in sorted((n, t) for n, t in globals().items() if n.startswith("dfw_")):
    try:
        good, why = bool(test()), ""
    except (AssertionError, IndexError, KeyError, TypeError, ValueError) as e:
        good, why = False, f" ({e!r})"
    passed += good
    failed += not good
    print(("ok " if good else "not ok ") + f"{name.upper().replace('_', '-')}: {test.__doc__}{why}")
print(f"solveit: {passed} passed, {failed} failed")
sys.exit(failed > 0)
