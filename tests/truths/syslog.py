# SPDX-License-Identifier: Apache-2.0
"""
Syslog in many forms. plaso says how many events a file holds and what its first one says. lnav says what is odd about its files: what follows from that
is computed here by Python's datetime and zoneinfo from the times as they are written.
"""
import datetime
import json
import os
import re
import zoneinfo

from _set import Set

NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
UTC = datetime.timezone.utc


def shown(when):
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parts(case):
    """(file, record) -> program, host and number of the line."""
    found = {}
    for source, record, program, fields in case.query(
            "SELECT s.path, e.record, n.name, json_object('host', json_extract(e.fields, '$.host'), 'pid', json_extract(e.fields, '$.pid')) "
            "FROM event AS e JOIN source AS s ON s.id = e.source JOIN entity AS n ON n.id = e.type"):
        found[source.removeprefix("evidence/"), record] = dict(json.loads(fields), reporter=program)
    return found


def plaso(case):
    counts = {s["source"].removeprefix("evidence/"): s for s in case.sources()}
    said = parts(case)
    for row in case.rows():
        name, extra = row["file"], row["extra"]
        if "origin_event_count" in extra:
            case.check("events", name, extra["origin_event_count"], counts[name]["events"])
            continue
        event = case.by_record()[name, 1][0]
        if row["time_utc"]:
            case.check("time", name, datetime.datetime.fromisoformat(row["time_utc"].replace("Z", "+00:00")),
                       datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")))
        if "month_day_time" in extra:
            case.check("time in the year", name, extra["month_day_time"], event["time"][5:19])
        if "body" in extra:
            case.check("text", name, extra["body"], event["text"])
        for key in ("host", "reporter"):
            if key in extra:
                case.check(key, name, extra[key], said[name, 1][key])
        if "pid" in extra:
            case.check("pid", name, str(extra["pid"]), said[name, 1]["pid"])
    case.check("rejected", "syslog", 1, counts["syslog"]["rejected"]) # "16 events + 1 warning (one broken line)"
    copies = [s for s in case.sources() if re.search(r"^evidence/syslog\.(gz|bz2|xz|tgz!syslog|zip!syslog)$", s["source"])]
    # Another, shorter version of it, five times: 15 lines, of which one goes on and two are broken.
    case.check("copies", "syslog", [(12, 1, 2)] * 5, [(s["events"], s["joined"], s["rejected"]) for s in copies])


def lines(case, name):
    with open(os.path.join(case.public, name), encoding="utf-8", errors="replace") as f:
        return f.read().splitlines()


def lnav(case):
    found = case.by_record()

    def time(name, record):
        return found[name, record][0]["time"]

    # The hour of the fall-back stands twice, told by the one line that falls back.
    name, last, fold = "logfile_dst.0", "", 0
    for n, line in enumerate(lines(case, name), 1):
        stamp = datetime.datetime.strptime("2013 " + line[:15], "%Y %b %d %H:%M:%S")
        fold = fold or int(line[:15] < last)
        last = line[:15]
        case.check("repeated hour", f"{name}:{n}", shown(stamp.replace(tzinfo=NEW_YORK, fold=fold)), time(name, n))
    # Offsets of several zones in one file.
    for n, line in enumerate(lines(case, "logfile_with_zones.0"), 1):
        case.check("offset", f"logfile_with_zones.0:{n}", shown(datetime.datetime.fromisoformat(line.split(" ")[0].replace("Z", "+00:00"))), time("logfile_with_zones.0", n))
    # A zone that does not exist gives no time.
    for n in (1, 2):
        case.check("no such zone", f"logfile_invalid_tz.0:{n}", None, time("logfile_invalid_tz.0", n))
    case.check("French month", "logfile_syslog_fr.0:1", "2013-08-19T15:08:37.000000Z", time("logfile_syslog_fr.0", 1))
    # November and then February: a year has passed.
    case.check("year", "logfile_rollover.1:5", shown(datetime.datetime(2014, 2, 3, 9, 23, 38, tzinfo=NEW_YORK)), time("logfile_rollover.1", 5))
    # Lines out of order by hours stay on their day.
    for n, line in enumerate(lines(case, "logfile_syslog_with_mixed_times.0"), 1):
        stamp = datetime.datetime.strptime("2013 " + line[:15], "%Y %b %d %H:%M:%S")
        case.check("out of order", f"logfile_syslog_with_mixed_times.0:{n}", shown(stamp.replace(tzinfo=NEW_YORK)), time("logfile_syslog_with_mixed_times.0", n))
    # The journal counts microseconds since 1970.
    for n in (1, 2):
        case.check("journal", f"logfile_journald.json:{n}", "2018-08-21T14:04:21.221373Z", time("logfile_journald.json", n))
    # Every line that is not told to be something else is an event or a part of one.
    for source in case.sources():
        if source["format"] in ("syslog", "journal"):
            want = 2 if source["source"].endswith("_with_header.0") else 0 # its two lines of header
            case.check("rejected", source["source"], want, source["rejected"])


SETS = [
    Set("syslog/plaso", ["syslog*"], plaso, sources=[("*", {"zone": "UTC", "year": 2012})]),
    Set("syslog/lnav", ["logfile_*"], lnav, sources=[("*", {"zone": "America/New_York", "year": 2013})]),
]
