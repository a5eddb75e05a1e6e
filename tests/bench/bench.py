#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast Hindcast is, beside programs that do a part of the same work.

Usage: bench.py HINDCAST GENERATE SRCDIR WORKDIR

Each figure is a ratio, ours / theirs, of two commands that run in turn (ours, theirs, ours, theirs, ...) on the same file: the median over
the pairs. Machines are noisy, so nothing else is compared. What is not installed, or not understood yet, is "not measured". The goals, and
the floors below which something is broken (exit status 1), are in tests/bench/goals.

BENCH_SCALE (0.05) is the size of the input, 1 being a dump of 2 GB; BENCH_PAIRS (5) how often; BENCH_ONLY a text that the names have to hold.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

hindcast, generate, source, work = (os.path.abspath(p) for p in sys.argv[1:5])
scale = float(os.environ.get("BENCH_SCALE", "0.05"))
pairs = int(os.environ.get("BENCH_PAIRS", "5"))
only = os.environ.get("BENCH_ONLY", "")
results = {}  # name -> figure, or why there is none


def path(*names):
    return os.path.join(work, *names)


def quiet(command, **more):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more).returncode == 0


def run(command, directory=None):
    """Seconds, peak MiB and CPU seconds of a command and what it started (MiB from those of this interpreter on); None where it failed."""
    start = time.monotonic()
    with open(path("errors"), "wb") as errors:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, cwd=directory or work, shell=isinstance(command, str))
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    seconds = time.monotonic() - start
    return (seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime) if status == 0 else None


def median(values):
    return sorted(values)[(len(values) - 1) // 2]


def missing(name, why):
    results[name] = why
    print(f"{name:24} not measured: {why}", flush=True)


def wanted(name):
    return only in name


class Ours:
    """An import into a case of its own, which is new each time. A file of which there is something to be said lies in it."""
    SAID = {"mail.log": ("zone: UTC", "year: 2023")}

    def __init__(self, file, *options):
        self.file, self.options, self.said = file, options, self.SAID.get(file)

    def __call__(self):
        shutil.rmtree(path("case"), ignore_errors=True)
        os.makedirs(path("case", "evidence"))
        file = path(self.file)
        if os.path.isdir(file):  # what belongs together is found inside of the case only
            shutil.copytree(file, path("case", "evidence", self.file), copy_function=os.link)
            file = path("case", "evidence", self.file, "toc.dat")
        elif self.said:
            os.link(file, path("case", "evidence", self.file))
            file = path("case", "evidence", self.file)
            with open(path("case", "case.yaml"), "w") as f:
                f.write(f"sources:\n  - path: evidence/{self.file}\n" + "".join(f"    {line}\n" for line in self.said))
        return run([hindcast, "import", "-q", "-C", path("case"), *self.options, file])


def pair(name, ours, theirs):
    """`theirs`: a function as `ours` is one, or a command."""
    if not wanted(name):
        return
    peer = theirs if callable(theirs) else lambda: run(theirs)
    times = []
    for _ in range(pairs):
        a, b = ours(), peer()
        if not a or not b:
            with open(path("errors"), errors="replace") as f:
                missing(name, ("our" if not a else "their") + " command failed: " + f.read(200).strip().replace("\n", " "))
            results[name] = "failed" if not a else results[name]
            return
        times.append((a, b))
    results[name] = median([a[0] / b[0] for a, b in times])
    a, b = (median([t[i][0] for t in times]) for i in (0, 1))
    m, k = (max(t[i][1] for t in times) for i in (0, 1))
    cpu = median([t[0][2] for t in times])
    print(f"{name:24} {results[name]:8.3f}   ours {a:7.2f} s (CPU {cpu:6.2f}) {m:6.0f} MiB   theirs {b:7.2f} s {k:6.0f} MiB", flush=True)


def have(*programs):
    return next((p for p in programs if not shutil.which(p)), None)


def with_program(name, program, ours, command):
    if not wanted(name):
        return
    if have(program):
        missing(name, f"there is no {program}")
    else:
        pair(name, ours, command)


def value(name, figure, unit):
    if wanted(name):
        results[name] = figure
        print(f"{name:24} {figure:8.3f} {unit}", flush=True)


# The input

def make_input():
    os.makedirs(work, exist_ok=True)
    stamp = f"{scale} {os.stat(generate).st_mtime_ns}"
    if os.path.exists(path("made")) and open(path("made")).read() == stamp:
        return
    for kind, file in (("dump", "dump.sql"), ("events", "user_events.csv"), ("mail", "mail.log"), ("audit", "audit.ndjson"), ("names", "names")):
        with open(path(file), "wb") as out:
            subprocess.run([generate, kind, str(scale)], stdout=out, check=True)
    for program, end in (("gzip", ".gz"), ("zstd", ".zst")):
        if not have(program):
            with open(path("dump.sql" + end), "wb") as out:
                subprocess.run([program, "-c", path("dump.sql")], stdout=out, stderr=subprocess.DEVNULL, check=True)
    open(path("made"), "w").write(stamp)


def warm(*files):
    for file in files:
        quiet(["cat", path(file)])


# PostgreSQL: a server of our own, reached by a socket in its folder and by nothing else

class Server:
    def __init__(self):
        versions = "/usr/lib/postgresql"
        folders = [f"{versions}/{v}/bin" for v in sorted(os.listdir(versions), key=float, reverse=True)] if os.path.isdir(versions) else []
        folders += [os.path.dirname(shutil.which("initdb") or "")]
        self.bin = next((f for f in folders if all(os.path.exists(f"{f}/{p}") for p in ("initdb", "psql", "pg_dump"))), None)
        self.folder = None
        # the server refuses to be root; a folder of root's is not to be entered by others
        self.user = {} if os.getuid() else {"user": "nobody", "group": "nogroup", "extra_groups": []}

    def start(self):
        if not self.bin:
            return False
        self.folder = subprocess.run(["mktemp", "-d", "/tmp/hindcast-bench.XXXXXX"], capture_output=True, text=True, check=True).stdout.strip()
        if self.user:
            shutil.chown(self.folder, "nobody", "nogroup")
        data = self.folder + "/data"
        settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=512MB", "maintenance_work_mem=256MB",
                    "max_wal_size=8GB", "listen_addresses=", "unix_socket_directories=" + self.folder]
        made = quiet([self.bin + "/initdb", "-D", data, "-A", "trust", "-U", "bench", "-E", "UTF8", "--no-locale", "-N"], cwd=self.folder, **self.user)
        options = " ".join("-c '" + s + "'" for s in settings)
        if made and quiet([self.bin + "/pg_ctl", "-D", data, "-w", "-l", self.folder + "/log", "-o", options, "start"], cwd=self.folder, **self.user):
            return True
        self.stop()
        return False

    def stop(self):
        if self.folder:
            quiet([self.bin + "/pg_ctl", "-D", self.folder + "/data", "-m", "immediate", "stop"], cwd=self.folder, **self.user)
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def command(self, program, *args):
        return [self.bin + "/" + program, "-h", self.folder, "-U", "bench", *args]

    def empty(self):
        return quiet(self.command("psql", "-q", "-d", "postgres", "-c", "DROP DATABASE IF EXISTS load")) and \
            quiet(self.command("createdb", "-T", "template0", "load"))

    def load(self):
        return run(self.command("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", "load", "-f", path("dump.sql"))) if self.empty() else None

    def restore(self, archive):
        return lambda: run(self.command("pg_restore", "-j2", "-d", "load", path(archive))) if self.empty() else None


def takes(file):
    """Whether an importer reads the file: what cannot be read yet has its slot all the same."""
    file = path(file, "toc.dat") if os.path.isdir(path(file)) else path(file)
    out = subprocess.run([hindcast, "formats", file], capture_output=True, text=True)
    return out.returncode == 0 and re.search(r": (pg_dump|csv|json|syslog)\b", out.stdout) is not None


def has_option(option):
    return option in subprocess.run([hindcast, "import", "--help"], capture_output=True, text=True).stdout


def archives(server):
    """-Fc and -Fd of what psql has loaded."""
    made = server.load() is not None
    for kind, file in (("c", "dump.pgdump"), ("d", "dump.dir")):
        shutil.rmtree(path(file), ignore_errors=True)
        made = made and quiet(server.command("pg_dump", "-F" + kind, "-f", path(file), "load"))
    return made


def postgres():
    names = ("dump-psql", "dump-pg_restore", "archive-pg_restore", "directory-pg_restore")
    if not any(wanted(n) for n in names):
        return
    server = Server()
    if not server.start():
        for name in filter(wanted, names):
            missing(name, "there is no PostgreSQL server to start")
        return
    try:
        pair("dump-psql", Ours("dump.sql"), server.load)
        if not archives(server):
            for name in filter(wanted, names[1:]):
                missing(name, "no archive could be made")
            return
        pair("dump-pg_restore", Ours("dump.sql"), server.restore("dump.dir"))
        for name, file in (("archive-pg_restore", "dump.pgdump"), ("directory-pg_restore", "dump.dir")):
            if takes(file):
                pair(name, Ours(file), server.restore(file))
            elif wanted(name):
                missing(name, "no importer takes it yet")
    finally:
        server.stop()


# The others

def csv_peers():
    columns = "id, source_id, tag, time, ip_address_id, additional"
    index = "".join(f"CREATE INDEX i{i} ON e({c});" for i, c in enumerate(("tag", "source_id", "ip_address_id")))
    with open(path("import.sql"), "w") as f:
        f.write(f"PRAGMA journal_mode=OFF;\nPRAGMA synchronous=OFF;\nCREATE TABLE e({columns});\n.mode csv\n.import --skip 1 user_events.csv e\n{index}\n")
    ours = Ours("user_events.csv", "--format", "csv", "--profile", "warehouse")
    with_program("csv-sqlite3", "sqlite3", ours, "rm -f peer.db && sqlite3 peer.db <import.sql")
    with open(path("duck.sql"), "w") as f:
        f.write(f"CREATE TABLE e AS SELECT * FROM read_csv('user_events.csv', header=true);\n{index}\n")
    with_program("csv-duckdb", "duckdb", ours, "rm -f peer.duck && duckdb peer.duck <duck.sql")


def json_peers():
    keys = ("_document_id", "action", "actor", "actor_ip", "user", "repo", "org", "team", "user_agent", "created_at", "request_id", "token_id")
    ours = Ours("audit.ndjson")
    fields = "".join(f'."{k}",' for k in keys).rstrip(",")
    with_program("audit-jq", "jq", ours, f"jq -c '[{fields}]' audit.ndjson")
    with open(path("duck.json.sql"), "w") as f:
        f.write("CREATE TABLE e AS SELECT " + ", ".join(f'"{k}"' for k in keys) + " FROM read_json('audit.ndjson', format='newline_delimited');\n")
    with_program("audit-duckdb", "duckdb", ours, "rm -f peer.duck && duckdb peer.duck <duck.json.sql")
    columns = ", ".join(f"l ->> '{k}'" for k in keys)
    with open(path("json.sql"), "w") as f:
        f.write("PRAGMA journal_mode=OFF;\nPRAGMA synchronous=OFF;\nCREATE TABLE r(l TEXT);\n.mode ascii\n.separator \"\\001\" \"\\n\"\n"
                f".import audit.ndjson r\nCREATE TABLE e AS SELECT {columns} FROM r;\n")
    with_program("audit-sqlite3", "sqlite3", ours, "rm -f peer.db && sqlite3 peer.db <json.sql")


def mail_peers():
    ours = Ours("mail.log")
    with_program("mail-lnav", "lnav", ours, "lnav -n -c ';SELECT count(*) FROM syslog_log' mail.log")
    with_program("mail-pflogsumm", "pflogsumm", ours, "pflogsumm mail.log")
    parts = {"time": "^(\\w+ +\\d+ [0-9:]+)", "host": "^\\w+ +\\d+ [0-9:]+ (\\S+)", "program": "^\\w+ +\\d+ [0-9:]+ \\S+ ([^\\[:]+)", "queue": "\\]: ([0-9A-Za-z]+): ",
             "sender": " from=<([^>]*)>", "recipient": " to=<([^>]*)>", "status": " status=(\\w+)"}
    with open(path("duck.mail.sql"), "w") as f:
        f.write("CREATE TABLE e AS SELECT " + ", ".join(f"regexp_extract(l, '{p}', 1) AS {n}" for n, p in parts.items()) +
                " FROM read_csv('mail.log', header=false, columns={'l': 'VARCHAR'}, delim='\x01', quote='', escape='');\n")
    with_program("mail-duckdb", "duckdb", ours, "rm -f peer.duck && duckdb peer.duck <duck.mail.sql")


def scoped_peers():
    if not has_option("--scope"):
        for name in filter(wanted, ("scope-rg", "scope-grep", "scope-wc")):
            missing(name, "there is no --scope yet")
        return
    options = [o for line in open(path("names")) for o in ("--scope", line.strip())]
    ours = Ours("dump.sql", *options)
    with_program("scope-rg", "rg", ours, "rg -c -F -f names dump.sql >found")
    # into a file: with /dev/null it would stop at the first line that matches
    with_program("scope-grep", "grep", ours, "LC_ALL=C grep -c -F -f names dump.sql >found")
    pair("scope-wc", ours, "wc -l dump.sql")


def compressed():
    for end, program in (("gz", "gzip"), ("zst", "zstd")):
        with_program(f"dump.{end}-{program}", program, Ours("dump.sql." + end), f"{program} -dc dump.sql.{end}")


def ours_alone():
    """Memory, size and the time of one question: no ratios but limits."""
    for file, name in (("dump.sql", "dump"), ("mail.log", "mail"), ("audit.ndjson", "audit")):
        if not any(wanted(name + what) for what in ("-memory", "-size", "-question")):
            continue
        result = Ours(file)()
        if not result:
            results[name + "-memory"] = results[name + "-size"] = "failed"
            continue
        database = path("case", "hindcast.db")
        strings = int(subprocess.run(["sqlite3", database, "SELECT count(*) FROM entity"], capture_output=True, text=True).stdout or 0) if not have("sqlite3") else 0
        # 100 bytes for each name are part of the goal
        value(name + "-memory", result[1] - strings * 100 / 2**20, "MiB besides 100 bytes a name")
        value(name + "-size", os.path.getsize(database) / os.path.getsize(path(file)), "of the input")
        if name == "dump" and wanted("dump-question"):
            question(database)


def question(database):
    if have("sqlite3"):
        missing("dump-question", "there is no sqlite3")
        return
    sql = "SELECT count(*), max(id) FROM event WHERE actor = (SELECT actor FROM event WHERE actor IS NOT NULL ORDER BY id LIMIT 1 OFFSET 1000)"
    value("dump-question", median([run(["sqlite3", database, sql])[0] for _ in range(9)]) * 1000, "ms, one account's events, whole process")


def model_case():
    if not wanted("report-time") and not wanted("report-memory"):
        return
    def once():
        shutil.rmtree(path("model"), ignore_errors=True)
        shutil.copytree(os.path.join(source, "examples", "pypi-2023-11-22"), path("model"), ignore=shutil.ignore_patterns("hindcast.db*", "report"))
        return run([hindcast, "run", "-q", path("model")])
    all_of = [once() for _ in range(3)]
    if None in all_of:
        results["report-time"] = results["report-memory"] = "failed"
        return
    value("report-time", median([r[0] for r in all_of]), "s, the model case from nothing to its report")
    value("report-memory", max(r[1] for r in all_of), "MiB")


# What is to be reached

def judge():
    """The table at the end; true where nothing is below its floor."""
    good = True
    print(f"\n{'':24} {'measured':>9} {'goal':>8} {'floor':>8}")
    for line in open(os.path.join(source, "tests", "bench", "goals")):
        fields = line.split("#")[0].split()
        if not fields:
            continue
        name, goal, floor = fields[0], float(fields[1]), float(fields[2])
        got = results.get(name, "not asked for")
        if isinstance(got, str):
            word = "FAILED" if got == "failed" else "not measured"
            shown = "-"
        else:
            word = "reached" if got <= goal else "missed" if got <= floor else "BELOW THE FLOOR"
            shown = f"{got:.3f}"
        good = good and word not in ("FAILED", "BELOW THE FLOOR")
        print(f"{name:24} {shown:>9} {goal:8.3f} {floor:8.2f} {word}")
    return good


def main():
    make_input()
    warm("dump.sql", "mail.log", "audit.ndjson", "user_events.csv")
    print(f"scale {scale}, {pairs} pairs; ours / theirs\n")
    pair("dump-wc", Ours("dump.sql"), "wc -l dump.sql")
    pair("safe-writer", Ours("dump.sql", "--safe-writer"), Ours("dump.sql"))
    with_program("hashing", "openssl", lambda: run("openssl dgst -sha256 dump.sql"), lambda: Ours("dump.sql")())
    postgres()
    csv_peers()
    mail_peers()
    json_peers()
    scoped_peers()
    compressed()
    ours_alone()
    model_case()
    return 0 if judge() else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
