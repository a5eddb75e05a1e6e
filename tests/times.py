#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""times.py TIMES [--all]: the time engine against the zones of Python and of GLib, 1900 to 2100, and its readers against instants computed by Python.
--all: every zone of the system, every transition, and a PostgreSQL server of its own where one is installed."""
import datetime
import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile
import zoneinfo

times, everything = os.path.abspath(sys.argv[1]), "--all" in sys.argv
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
FROM, TO = -2208988800, 4102444800  # 1900, 2100
TRICKY = ["Europe/Dublin", "Australia/Lord_Howe", "Pacific/Apia", "America/New_York", "Africa/Casablanca", "Africa/El_Aaiun", "Asia/Gaza", "America/Nuuk",
          "Antarctica/Troll", "Africa/Monrovia", "Europe/Amsterdam", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Kwajalein", "America/Caracas", "Asia/Manila",
          "EST5EDT", "Europe/London", "Asia/Tehran", "Africa/Cairo", "America/Anchorage", "Asia/Pyongyang", "Pacific/Chatham", "Europe/Lisbon"]
passed = failed = skipped = 0
GLIB_KNOWN_FROM = 2145916800  # 2038


def say(good, text):
    global passed, failed
    passed += bool(good)
    failed += not good
    print(("ok " if good else "not ok ") + text)


def ask(rows):
    """Answers to (form, zone, text) rows, in order."""
    text = "".join(f"{f}\t{z}\t{t}\n" for f, z, t in rows)
    out = subprocess.run([times], input=text, capture_output=True, text=True, check=True, env={"TZ": "Asia/Kathmandu", "LC_ALL": "C"}).stdout.splitlines()
    assert len(out) == len(rows), "an answer for each question"
    return out


def zones():
    names = sorted(n for n in zoneinfo.available_timezones() if n not in ("localtime", "posixrules", "Factory") and not n.startswith(("posix/", "right/")))
    return names if everything else [n for n in names if n in TRICKY]


def transitions(names):
    """zone -> the instants at which it changes, by its own answers."""
    found = {n: [] for n in names}
    at = dict.fromkeys(names, FROM - 1)
    while at:
        order = list(at)
        for name, answer in zip(order, ask([("@next", n, at[n]) for n in order])):
            if int(answer) >= TO:
                del at[name]
            else:
                at[name] = int(answer)
                found[name].append(int(answer))
    return found


def east(zone, s):
    return int((EPOCH + datetime.timedelta(seconds=s)).astimezone(zone).utcoffset().total_seconds())


def readings(zone, local):
    """All instants that show this local second."""
    naive = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=local)
    found = set()
    for fold in (0, 1):
        s = local - int(naive.replace(tzinfo=zone, fold=fold).utcoffset().total_seconds())
        if s + east(zone, s) == local:
            found.add(s)
    return " ".join(map(str, sorted(found)))


def zones_of_python(names, changes):
    wrong, n, gaps, folds = [], 0, 0, 0
    for name in names:
        zone = zoneinfo.ZoneInfo(name)
        instants = list(range(FROM, TO, 86400 * (14 if everything else 30))) + [t + d for t in changes[name] for d in (-1, 0, 1)]
        locals_ = [t + east(zone, t + d) + e for t in changes[name] for d in (-1, 0) for e in (-1801, -1, 0, 1, 1800)]
        rows = [("@east", name, s) for s in instants] + [("@local", name, s) for s in locals_]
        want = [str(east(zone, s)) for s in instants] + [readings(zone, s) for s in locals_]
        for row, w, got in zip(rows, want, ask(rows)):
            n += 1
            gaps += row[0] == "@local" and not w
            folds += row[0] == "@local" and " " in w
            if w != got:
                wrong.append((row, w, got))
    say(not wrong, f"times: zones: {n} answers for {len(names)} zones ({gaps} times that never were, {folds} that were twice) are Python's" + f" {wrong[:5]}" * bool(wrong))
    say(gaps > 100 and folds > 100, "times: zones: both kinds were asked for")


def zones_of_glib(names, changes):
    rows = [(name, s) for name in names for t in changes[name] for s in (t - 1, t, t + 1)]
    ours, theirs = ask([("@east", *r) for r in rows]), ask([("@glib", *r) for r in rows])
    differ = [(r, a, b) for r, a, b in zip(rows, ours, theirs) if a != b]
    known = [d for d in differ if glib_reason(d[0])]
    new = [d for d in differ if not glib_reason(d[0])]
    say(not new, f"times: zones: {len(rows) - len(differ)} of {len(rows)} answers around transitions are GLib's, {len(known)} differ for a reason" + f" {new[:8]}" * bool(new))


REPORT=True
def glib_reason(row):
    name, s = row
    if name in ("Europe/Dublin", "Eire") and s >= GLIB_KNOWN_FROM:
        return "GLib 2.74 adds an hour where the footer's rule takes it off (winter time is the saving time there)"
    return None


def zones_of_postgres(names, changes):
    global skipped
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not found:
        skipped += 1
        print("skipped zones of PostgreSQL: it is not there")
        return
    where = os.path.dirname(found[-1])
    short = {"CET", "EET", "EST", "GMT", "HST", "MET", "MST", "UCT", "UTC", "WET", "Zulu"}  # there these are abbreviations first: one offset, always
    rows = [(name, s) for name in names if name not in short for t in changes[name] for s in (t - 1, t, t + 1)]
    with tempfile.TemporaryDirectory(prefix="hindcast-times.", dir="/tmp") as work:
        user = []
        if os.getuid() == 0:
            shutil.chown(work, "postgres")
            user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        script = "CREATE TEMP TABLE asked (n serial, zone text, s bigint);\nCOPY asked (zone, s) FROM stdin;\n" + "".join(f"{n}\t{s}\n" for n, s in rows) + "\\.\n" + \
            "COPY (SELECT extract(epoch FROM to_timestamp(s) AT TIME ZONE zone)::bigint - s FROM asked ORDER BY n) TO stdout;\n"
        env = dict(os.environ, LC_ALL="C.UTF-8", PGHOST=work, PGUSER="tester")

        def call(name, *args, **more):
            return subprocess.run(user + [os.path.join(where, name), *args], env=env, cwd=work, check=True, stdout=subprocess.PIPE, text=True, **more).stdout
        call("initdb", "-D", work + "/data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        call("pg_ctl", "-D", work + "/data", "-l", work + "/log", "-w", "-o", f"-k {work} -c listen_addresses= -c fsync=off", "start")
        try:
            theirs = call("psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", "postgres", input=script).split()
        finally:
            call("pg_ctl", "-D", work + "/data", "-m", "immediate", "-w", "stop")
    ours = ask([("@east", *r) for r in rows])
    differ = [d for d in zip(rows, ours, theirs) if d[1] != d[2]]
    say(not differ and len(ours) == len(theirs), f"times: zones: {len(rows) - len(differ)} of {len(rows)} answers around transitions are PostgreSQL's" + f" {differ[:8]}" * bool(differ))


def order_and_round_trip(names):
    """Local time and back gives the instant; what is later is never read as earlier within one offset."""
    dice = random.Random(4)
    bad, rows, instants = [], [], []
    for _ in range(20000):
        name, s = dice.choice(names), dice.randrange(FROM, TO)
        shown = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=s + east(zoneinfo.ZoneInfo(name), s))
        rows.append(("iso", name, shown.isoformat()))
        instants.append(s)
    for row, s, got in zip(rows, instants, ask(rows)):
        first, last = (int(x) for x in got.split()[:2]) if got != "refused" else (1, 0)
        if not first <= s * 1000000 <= last:
            bad.append((row, s, got))
    say(not bad, f"times: round trip of 20000 local times{f' {bad[:5]}' * bool(bad)}")


def us(text):
    t = datetime.datetime.fromisoformat(text)
    return (t - EPOCH) // datetime.timedelta(microseconds=1)


def label(seconds, nanoseconds=""):
    """TAI64 or TAI64N of seconds of atomic time since 1970."""
    return f"{2**62 + seconds:016x}{nanoseconds}"


S, M, H, D = 999999, 59999999, 3599999999, 86399999999
# form, zone, text, instant (ISO), how much more it covers, precision, basis; None: refused
READ = [
    ("iso", "", "2023-11-22T08:44:55Z", "2023-11-22T08:44:55+00:00", S, "s", "offset"),
    ("iso", "Asia/Tokyo", "2023-11-22 08:44:55 UTC", "2023-11-22T08:44:55+00:00", S, "s", "offset"),
    ("iso", "Asia/Tokyo", "2023-11-22 08:44:55UTC", None, 0, "", ""),
    ("iso", "Asia/Tokyo", "2023-11-22 08:44:55 utc", None, 0, "", ""),
    ("iso", "Asia/Tokyo", "2023-11-22 08:44:55 GMT", None, 0, "", ""),
    ("iso", "", "2023-11-22T08:44:55,5Z", "2023-11-22T08:44:55.5+00:00", 999, "ms", "offset"),
    ("iso", "", "20231122T084455.1234+0100", "2023-11-22T07:44:55.1234+00:00", 0, "us", "offset"),
    ("iso", "", "20231122T0844Z", "2023-11-22T08:44:00+00:00", M, "min", "offset"),
    ("iso", "", "2023-11-22T08-05:00", "2023-11-22T13:00:00+00:00", H, "h", "offset"),
    ("iso", "UTC", "2023-11-22T24:00", "2023-11-23T00:00:00+00:00", M, "min", "source-zone"),
    ("iso", "UTC", "2024-12-31T24:00:00", "2025-01-01T00:00:00+00:00", S, "s", "source-zone"),
    ("iso", "UTC", "2023-11-22T24:00:01", None, 0, "", ""),
    ("iso", "UTC", "2020-W53-7", "2021-01-03T00:00:00+00:00", D, "day", "source-zone"),
    ("iso", "UTC", "2021W527T10:00", "2022-01-02T10:00:00+00:00", M, "min", "source-zone"),
    ("iso", "UTC", "2021-W53-1", None, 0, "", ""),
    ("iso", "UTC", "1969-W01-1", "1968-12-30T00:00:00+00:00", D, "day", "source-zone"),
    ("iso", "UTC", "2024-366", "2024-12-31T00:00:00+00:00", D, "day", "source-zone"),
    ("iso", "UTC", "2023-366", None, 0, "", ""),
    ("iso", "UTC", "2023326", "2023-11-22T00:00:00+00:00", D, "day", "source-zone"),
    ("iso", "", "2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999+00:00", 1000000, "s", "offset"),
    ("iso", "America/New_York", "2016-12-31T18:59:60", "2016-12-31T23:59:59.999999+00:00", 1000000, "s", "source-zone"),
    ("iso", "", "2016-12-31T12:34:60Z", None, 0, "", ""),
    ("iso", "", "2023-11-22T08:44:55", None, 0, "", ""),
    ("iso", "UTC", "2023-11", None, 0, "", ""),
    ("iso", "UTC", "2023-11-22T08.5", None, 0, "", ""),
    ("iso", "", "1900-01-01 00:00:00+00:19:32", "1899-12-31T23:40:28+00:00", S, "s", "offset"),
    ("iso", "Africa/Monrovia", "1960-01-01 00:00:00", "1960-01-01T00:44:30+00:00", S, "s", "source-zone"),
    ("iso", "Pacific/Apia", "2011-12-30", None, 0, "", ""),
    ("iso", "Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00+00:00", D, "day", "source-zone"),
    ("iso", "America/New_York", "2023-11-05", "2023-11-05T04:00:00+00:00", D + 3600000000, "day", "source-zone"),
    ("iso", "America/New_York", "2023-03-12", "2023-03-12T05:00:00+00:00", D - 3600000000, "day", "source-zone"),
    ("iso", "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00+00:00", D - 3600000000, "day", "source-zone"),
    ("iso", "Australia/Lord_Howe", "2023-04-02 01:45:00", "2023-04-01T14:45:00+00:00", S + 1800000000, "s", "source-zone"),
    ("iso", "America/New_York", "2090-07-01 12:00:00", "2090-07-01T16:00:00+00:00", S, "s", "source-zone"),
    ("iso", "Europe/Dublin", "2050-01-15 12:00:00", "2050-01-15T12:00:00+00:00", S, "s", "source-zone"),
    ("rfc5322", "", "Wed, 22 Nov 2023 08:32:58 -0000", "2023-11-22T08:32:58+00:00", S, "s", "offset"),
    ("rfc5322", "", "22 Nov 123 08 : 32 : 58 (x (y\\\\) z)) EST (c)", "2023-11-22T13:32:58+00:00", S, "s", "offset"),
    ("rfc5322", "", "Wed,\\n 22\\n Nov\\n 99\\n 08:32\\n +0530", "1999-11-22T03:02:00+00:00", M, "min", "offset"),
    ("rfc5322", "", "22 Nov 2023 08:32:58 B", "2023-11-22T06:32:58+00:00", S + 4 * 3600000000, "s", "offset+assumed"),
    ("rfc5322", "", "22 Nov 2023 08:32:58 Z", "2023-11-22T08:32:58+00:00", S, "s", "offset"),
    ("rfc5322", "", "22 Nov 2023 08:32:58 J", None, 0, "", ""),
    ("rfc5322", "", "22 Nov 2023 08:32:58 IST", None, 0, "", ""),
    ("rfc5322", "", "22 Nov 2023 08:32:58 BST", None, 0, "", ""),
    ("rfc5322", "", "22 Nov 2023 08:32:58 EST5EDT", None, 0, "", ""),
    ("rfc5322", "", "22 Nov 2023 08:32:58", None, 0, "", ""),
    ("epoch-s", "", "-1", "1969-12-31T23:59:59+00:00", S, "s", "epoch"),
    ("epoch-s", "", "1700664252.1234", "2023-11-22T14:44:12.1234+00:00", 0, "us", "epoch"),
    ("epoch-s", "", "1700664252.12", "2023-11-22T14:44:12.12+00:00", 999, "ms", "epoch"),
    ("epoch-s", "", "-1.5", "1969-12-31T23:59:58.499001+00:00", 1998, "ms", "epoch"),
    ("epoch-us", "", "1700664252190389", "2023-11-22T14:44:12.190389+00:00", 0, "us", "epoch"),
    ("epoch-ns", "", "-1", "1969-12-31T23:59:59.999999+00:00", 0, "us", "epoch"),
    ("epoch-ns", "", "1700664252190389999", "2023-11-22T14:44:12.190389+00:00", 0, "us", "epoch"),
    ("epoch", "", "1700664252190", "2023-11-22T14:44:12.19+00:00", 999, "ms", "epoch+assumed"),
    ("epoch-years", "", "1", None, 0, "", ""),
    ("filetime", "", "116444736000000000", "1970-01-01T00:00:00+00:00", 0, "us", "epoch"),
    ("filetime", "", "133451234567890123", "2023-11-22T10:44:16.789012+00:00", 0, "us", "epoch"),
    ("filetime", "", "0", None, 0, "", ""),
    ("filetime", "", "9223372036854775807", None, 0, "", ""),
    ("dotnet", "", "/Date(1700664252190)/", "2023-11-22T14:44:12.19+00:00", 999, "ms", "epoch"),
    ("dotnet", "", "/Date(1700664252190+0100)/", "2023-11-22T14:44:12.19+00:00", 999, "ms", "epoch"),
    ("dotnet", "", "/Date(-62135596800000)/", None, 0, "", ""),
    ("dotnet", "", "/Date()/", None, 0, "", ""),
    ("cocoa", "", "722357052.5", "2023-11-22T14:44:12.5+00:00", 999, "ms", "epoch"),
    ("cocoa-ns", "", "722357052190389000", "2023-11-22T14:44:12.190389+00:00", 0, "us", "epoch"),
    ("cocoa", "", "-978307200", "1970-01-01T00:00:00+00:00", S, "s", "epoch"),
    ("tai64n", "", "@" + label(1700661628 + 10, "0b1ed934"), "2023-11-22T14:00:28.186571+00:00", 0, "us", "epoch+assumed"),
    ("tai64n-leap", "", "@" + label(1700661601 + 37, "0b1ed934"), "2023-11-22T14:00:01.186571+00:00", 0, "us", "epoch"),
    ("tai64n-leap", "", label(1483228800 + 36), "2016-12-31T23:59:59.999999+00:00", 1000000, "s", "epoch"),
    ("tai64n-leap", "", label(1483228800 + 37), "2017-01-01T00:00:00+00:00", S, "s", "epoch"),
    ("tai64n-leap", "", label(1483228799 + 36), "2016-12-31T23:59:59+00:00", S, "s", "epoch"),
    ("tai64n-leap", "", label(1814140799 + 37), "2027-06-27T23:59:59+00:00", S, "s", "epoch"),
    ("tai64n-leap", "", label(1814140800 + 37), "2027-06-28T00:00:00+00:00", S, "s", "epoch+assumed"),  # nobody knows yet
]


def readers():
    for row, got in zip(READ, ask([r[:3] for r in READ])):
        form, zone, text, instant, more, precision, basis = row
        want = "refused" if instant is None else f"{us(instant)} {us(instant) + more} {precision} {basis}"
        say(got == want, f"times: {form} {zone} {text}" + f": {want} expected, {got} found" * (got != want))


def leap_table():
    """The program's table is that of the system's tzdata, or older by leap seconds that it does not know."""
    global skipped
    path = "/usr/share/zoneinfo/leap-seconds.list"
    if not os.path.exists(path):
        skipped += 1
        print("skipped the leap seconds of tzdata: it has no list")
        return
    rows, want = [], []
    for line in open(path, encoding="ascii"):
        if line[:1].isdigit():
            ntp, ahead = (int(x) for x in line.split()[:2])
            for d in (0, 1, 86400):
                rows.append(("tai64n-leap", "", f"{2**62 + ntp - 2208988800 + ahead + d:016x}"))
                want.append((ntp - 2208988800 + d) * 1000000)
    got = [int(a.split()[0]) for a in ask(rows)]
    say(got == want, f"times: {len(rows)} instants around leap seconds are those of tzdata's list")


def fuzz():
    """Changed texts: an answer or a refusal, never a crash; what is accepted holds together, and is read back from its own form."""
    dice = random.Random(7)
    seeds = [r[:3] for r in READ]
    rows = []
    for _ in range(200000 if everything else 20000):
        form, zone, text = dice.choice(seeds)
        letters = list(text)
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(letters) + 1)
            what = dice.randrange(3)
            letters[at:at + (what != 0)] = [] if what == 1 else dice.choice("0123456789:-+.,TZW ()/ABEJS@")
        rows.append((form, zone, "".join(letters)))
    read, bad = [], []
    for row, got in zip(rows, ask(rows)):
        if got == "refused":
            continue
        first, last, precision, basis = got.split()
        if not (int(first) <= int(last) and abs(int(first)) < 10**16 and basis):
            bad.append((row, got))
        read.append((int(first), got))
    again = ask([("iso", "", (EPOCH + datetime.timedelta(microseconds=f)).isoformat(timespec="microseconds")) for f, _ in read])
    bad += [(f, got, back) for (f, got), back in zip(read, again) if back.split()[0] != str(f)]
    say(not bad and len(read) > 1000, f"times: {len(rows)} changed texts, {len(read)} of them times that are read back{f' {bad[:3]}' * bool(bad)}")


def main():
    names = zones()
    changes = transitions(names)
    readers()
    leap_table()
    zones_of_python(names, changes)
    zones_of_glib(names, changes)
    if everything:
        zones_of_postgres(names, changes)
    order_and_round_trip(names)
    fuzz()
    print(f"times: {passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0)


main()
