#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The logs that a real Exim writes this minute. One is started on loopback with a configuration, a spool and users of its own, as an ordinary
user; mails are sent through it that are delivered, sent on, deferred and sent later, bounced, refused, and handed in by somebody who signed
in, some of them with a stranger's imitations of log lines in every place that a stranger fills. Then its logs are imported, and each message
is compared with what was done: in files and in syslog (where Exim splits long lines), with the default fields and with all.
An Exim that is not installed is unpacked from Debian's packages into a temporary folder; nothing of the system is changed.
Usage: exim.py HINDCAST; "ok NAME" or "not ok NAME" a check, "skipped ..." where there is no Exim to be had."""
import atexit
import base64
import collections
import glob
import json
import os
import shutil
import signal
import smtplib
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

HINDCAST = os.path.abspath(sys.argv[1])
PACKAGES = ["exim4-daemon-light", "exim4-base", "libidn12"]
USER = {"user": "nobody", "group": "nogroup", "extra_groups": []}
ZONE = "America/New_York"
failed = False


def tell(name, faults):
    global failed
    for fault in faults[:12]:
        print("   ", fault)
    print(("not ok " if faults else "ok ") + name, flush=True)
    failed |= bool(faults)


def skip(why):
    print("skipped logs of a real Exim: " + why)
    sys.exit(0)


# ---- an Exim ----

def unpack(work):
    """Debian's packages, in a folder. Its program would change to a user when it starts, which is not wanted."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        skip("it is not installed, and this is no Debian")
    subprocess.run(["apt-get", "-q", "download"] + PACKAGES, cwd=work, capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    packages = glob.glob(work + "/*.deb")
    if len(packages) != len(PACKAGES):
        skip("it is not installed, and its packages cannot be had")
    for package in packages:
        subprocess.run(["dpkg", "-x", package, work + "/root"], check=True)
    program = work + "/root/usr/sbin/exim4"
    os.chmod(program, 0o755)
    return program, ":".join(glob.glob(work + "/root/usr/lib/*"))


def private_system(work):
    """In a name space of its own: a user that the program wants to exist, and a /dev/log that nobody else hears."""
    if os.environ.get("HC_EXIM_INSIDE"):
        return
    for name, line in (("passwd", "Debian-exim:x:65530:65530::/nonexistent:/usr/sbin/nologin"), ("group", "Debian-exim:x:65530:")):
        text = open("/etc/" + name).read()
        if "Debian-exim:" not in text:
            text += line + "\n"
        open(os.path.join(work, name), "w").write(text)
    script = """mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/group" /etc/group && mkdir "$1/dev" && mount -t tmpfs none "$1/dev" &&
        for n in null zero random urandom; do : >"$1/dev/$n" && mount --bind /dev/$n "$1/dev/$n" || exit 99; done &&
        ln -s "$1/log" "$1/dev/log" && mount --rbind "$1/dev" /dev || exit 99
        shift; exec "$@\""""
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", work, sys.executable] + sys.argv, env={**os.environ, "HC_EXIM_INSIDE": work},
                          check=False)
    shutil.rmtree(work, ignore_errors=True)
    if done.returncode == 99:
        skip("no name space of its own can be made here")
    sys.exit(done.returncode)


CONFIGURATION = """
exim_path = %(program)s
exim_user = nobody
exim_group = nogroup
primary_hostname = relay.here.example
spool_directory = %(spool)s
log_file_path = %(log)s
pid_file_path = %(spool)s/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = %(port)d
domainlist local_domains = here.example
deliver_drop_privilege = true
keep_environment = LD_LIBRARY_PATH
auth_advertise_hosts = *
host_lookup =
rfc1413_hosts =
helo_accept_junk_hosts = %(junk)s
smtp_accept_max_nonmail = 50
message_size_limit = 5M
timezone = %(zone)s
trusted_users = nobody
prod_requires_admin = false
admin_groups = nogroup
delay_warning =
%(more)s
acl_smtp_rcpt = rcpt
acl_smtp_data = data

begin acl
rcpt:
  deny message = no such user here
       local_parts = banned
  defer local_parts = later
  discard local_parts = nowhere
  accept
data:
  deny message = refused for its content
       condition = ${if def:h_X-Refuse:}
  accept

begin routers
all:
  driver = redirect
  domains = +local_domains
  local_parts = all
  data = ana@here.example, bo@there.example
local:
  driver = accept
  domains = +local_domains
  local_parts = ana : bo : nobody : postmaster
  transport = file
unknown:
  driver = redirect
  domains = +local_domains
  allow_fail
  data = :fail: nobody of that name
remote:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = smtp

begin transports
file:
  driver = appendfile
  file = %(spool)s/mailbox
  user = nobody
smtp:
  driver = smtp
  port = %(far)d
  allow_localhost
  hosts_try_fastopen =

begin retry
* * F,1h,1s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{ana}}{eq{$auth3}{right}}}}
  server_set_id = $auth2
"""


class Far(threading.Thread):
    """The other host: what it answers depends on the recipient."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.late = True
        self.start()

    def run(self):
        while True:
            peer, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        lines = peer.makefile("rwb")

        def say(text):
            lines.write(text.encode() + b"\r\n")
            lines.flush()
        say("220 far.example")
        for line in lines:
            word = line[:4].upper()
            if word == b"EHLO":
                say("250 far.example")
            elif word == b"RCPT" and b"gone" in line:
                say('550 5.1.1 <gone@there.example> "no such" R=router T=x <= here')
            elif word == b"RCPT" and b"late" in line and self.late:
                say("450 4.2.0 come back later")
            elif word == b"DATA":
                say("354 go on")
                while lines.readline() not in (b".\r\n", b""):
                    pass
                say('250 2.0.0 "taken" \\ as => root@far H=[6.6.6.6]')
            elif word == b"QUIT":
                say("221 bye")
                break
            else:
                say("250 ok")
        peer.close()


class Syslog(threading.Thread):
    """/dev/log, written down as a syslog daemon does."""

    def __init__(self, path, to):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        os.chmod(path, 0o777)
        self.to = to
        self.start()

    def run(self):
        with open(self.to, "ab", buffering=0) as out:
            while True:
                text = self.socket.recv(65536).rstrip(b"\0\n")
                text = text[text.index(b">") + 1:]  # "<22>Nov 28 05:23:31 exim[77]: ..."
                out.write(text[:16] + b"relay " + text[16:] + b"\n")


class Exim:
    def __init__(self, program, library, work, far, name, log, more, junk=""):
        self.spool = os.path.join(work, name)
        os.mkdir(self.spool)
        os.chown(self.spool, *[int(x) for x in subprocess.check_output(["sh", "-c", "id -u nobody; getent group nogroup | cut -d: -f3"]).split()])
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.file = os.path.join(work, name + ".conf")
        with open(self.file, "w") as f:
            f.write(CONFIGURATION % {"spool": self.spool, "log": log or self.spool + "/%slog", "port": self.port, "far": far.port, "more": more,
                                     "zone": ZONE, "junk": junk, "program": program})
        self.program, self.env = program, {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": library}
        self.daemon = subprocess.Popen([program, "-C", self.file, "-bdf"], env=self.env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **USER)
        atexit.register(self.stop)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.1)
        self.daemon.kill()
        skip("it does not start: %s" % self.daemon.stderr.read().decode(errors="replace")[-500:])

    def stop(self):
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.wait()

    def run(self, *arguments, data=b"", ok=True):
        done = subprocess.run([self.program, "-C", self.file] + list(arguments), input=data, env=self.env, capture_output=True, check=False, **USER)
        if ok and done.returncode:
            raise SystemExit("exim %s: %s" % (arguments, done.stderr.decode(errors="replace")))
        return done.stdout.decode(errors="replace")

    def queue(self):
        """Message id and the rest of its line in the queue."""
        return [line.split()[2] for line in self.run("-bp").splitlines() if "<" in line and len(line.split()) > 2]

    def settle(self, left):
        for _ in range(200):
            if len(self.queue()) <= left:
                return
            time.sleep(0.1)
        raise SystemExit("messages stay in the queue:\n" + self.run("-bp") + "".join(open(f, errors="replace").read() for f in glob.glob(self.spool + "/*nlog")))


# ---- what is sent, and what the log has to say of it ----

class Mail:
    def __init__(self, port, login=None, helo="client.example"):
        self.smtp = smtplib.SMTP("127.0.0.1", port, local_hostname=helo)
        self.smtp.ehlo(helo)
        if login:
            self.smtp.docmd("AUTH PLAIN", base64.b64encode(b"\0" + login.encode()).decode())

    def send(self, sender, recipients, number, headers="", subject="a mail"):
        self.smtp.docmd("MAIL FROM:<%s>" % sender)
        codes = [self.smtp.docmd("RCPT TO:<%s>" % r)[0] for r in recipients]
        if any(c < 300 for c in codes):
            self.smtp.docmd("DATA")
            self.smtp.send("Message-ID: <%s@made.example>\r\nSubject: %s\r\n%s\r\ntext\r\n.\r\n" % (number, subject, headers))
            codes.append(self.smtp.getreply()[0])
        else:
            self.smtp.docmd("RSET")
        return codes

    def close(self):
        self.smtp.quit()


LONG = "x" * 900
HOSTILE_SUBJECT = '=> root@here.example H=[6.6.6.6] "q\\" A=plain:root 2023-11-22 09:33:06 1r5abc-0001Xy-2k <= b@c'
HOSTILE_SENDER = '"a b <= x T=smtp H=(h) [6.6.6.6]"@s.example'


def play(exim, far, junk):
    """Sends it all; returns what each message has to have: (action, target, actor) by Message-ID, and what has none."""
    want = collections.defaultdict(list)
    far.late = True

    m = Mail(exim.port)
    m.send("sam@s.example", ["ana@here.example"], "local")
    want["local"] = [("mail-received", "ana@here.example", "sam@s.example")]
    m.send("sam@s.example", ["ana@here.example", "bo@here.example"], "two")
    want["two"] = [("mail-received", "ana@here.example", "sam@s.example"), ("mail-received", "bo@here.example", "sam@s.example")]
    m.send("sam@s.example", ["all@here.example"], "list")
    want["list"] = [("mail-received", "all@here.example", "sam@s.example"), ("mail-sent", "bo@there.example", "sam@s.example")]
    m.send("sam@s.example", ["who@here.example"], "unknown")
    want["unknown"] = [("mail-bounced", "who@here.example", "sam@s.example")]
    m.send("sam@s.example", ["late@there.example"], "late")
    want["late"] = [("mail-deferred", "late@there.example", "sam@s.example")]
    m.send(HOSTILE_SENDER, ["ana@here.example"], "hostile", subject=HOSTILE_SUBJECT)
    want["hostile"] = [("mail-received", "ana@here.example", HOSTILE_SENDER)]
    m.send("sam@s.example", ['"x T=smtp H=far [6.6.6.6] <= y"@there.example'], "quoted")
    want["quoted"] = [("mail-sent", '"x T=smtp H=far [6.6.6.6] <= y"@there.example', "sam@s.example")]
    many = ["r%02d.%s@there.example" % (i, "y" * 40) for i in range(30)]  # with all fields a line of this is longer than syslog's
    m.send("sam@s.example", many, "many")
    want["many"] = [("mail-sent", r, "sam@s.example") for r in many]
    m.send("sam@s.example", ["banned@here.example"], "banned")
    m.send("sam@s.example", ["later@here.example"], "later")
    m.send("sam@s.example", ["ana@here.example"], "refused", headers="X-Refuse: yes\r\nX-Long: %s\r\n" % LONG)
    m.close()
    m = Mail(exim.port, login="ana\0right")
    m.send("ana@here.example", ["gone@there.example", "bo@there.example"], "signed")
    want["signed"] = [("login-success", "ana", "ana"), ("mail-sent", "bo@there.example", "ana"), ("mail-bounced", "gone@there.example", "ana")]
    m.close()
    for user in ("root\0wrong", "x (set_id=ana): 535 [6.6.6.6]\0wrong"):
        Mail(exim.port, login=user).close()
    if junk:
        m = Mail(exim.port, helo="h) [6.6.6.6] P=esmtpa A=plain:root S=1 id=fake (x")
        m.send("eve@s.example", ["ana@here.example"], "junk")
        want[""] = [("mail-received", "ana@here.example", "eve@s.example")]  # its line is doubtful: nothing but the sender is believed
        m.close()
    exim.settle(1)
    time.sleep(1.2)
    exim.run("-qff")
    want["late"].append(("mail-deferred", "late@there.example", "sam@s.example"))
    far.late = False
    time.sleep(1.2)
    exim.run("-qff")
    want["late"].append(("mail-sent", "late@there.example", "sam@s.example"))
    exim.settle(0)
    # handed in on the host itself, put off, and taken out of the queue by somebody
    exim.run("-odq", "-f", "bo@here.example", "ana@here.example", data=b"Message-ID: <held@made.example>\nSubject: held\n\ntext\n")
    held = exim.queue()[0]
    exim.run("-Mf", held)
    exim.run("-Mrm", held)
    want["held"] = [("admin-action", None, "nobody"), ("admin-action", None, "nobody")]
    return want


# ---- what Hindcast says ----

def events(case):
    out = subprocess.run([HINDCAST, "events", "-C", case, "-f", "jsonl"], capture_output=True, check=True).stdout
    return [json.loads(line) for line in out.decode().splitlines()]


def compare(name, logs, exim, want, began, ended, zone, work):
    case = os.path.join(work, "case-" + name)
    os.makedirs(case + "/evidence")
    for log in logs:
        shutil.copy(log, case + "/evidence")
    command = [HINDCAST, "import", "-q", "-C", case, "--zone", zone, "--year", time.strftime("%Y")] + sorted(glob.glob(case + "/evidence/*"))
    done = subprocess.run(command, capture_output=True, check=False)
    faults = [] if done.returncode == 0 else ["import: %d %s" % (done.returncode, done.stderr.decode())]
    all_events = events(case)
    by_id = collections.defaultdict(list)
    for e in all_events:
        by_id[(e["message_id"] or "").removesuffix("@made.example")].append(e)
    for number, wanted in want.items():
        got = [e for e in by_id[number] if e["action"] not in ("audit-other", "mail-rejected", "login-failure") and (number or e["actor"])]
        acts = collections.Counter((e["action"], e["target"], e["actor"]) for e in got)
        if acts != collections.Counter(wanted):
            faults.append("%s: %s, wanted %s" % (number, sorted(acts.items(), key=str), wanted))
        for e in got:
            if e["address"] not in ("127.0.0.1", None) or (e["address"] is None and number not in ("held", "")):
                faults.append("%s: address %s" % (number, e["address"]))
    for e in all_events:
        if e["address"] not in (None, "127.0.0.1"):
            faults.append("an address that a stranger made up: %s" % e)
        if not e["time"] or e["until"] < began or e["time"] > ended:
            faults.append("time: %s..%s is not in %s..%s" % (e["time"], e["until"], began, ended))
    count = collections.Counter(e["action"] for e in all_events)
    rejects = sorted((e["target"] or "-", e["actor"] or "-") for e in all_events if e["action"] == "mail-rejected")
    wanted = sorted([("banned@here.example", "sam@s.example"), ("later@here.example", "sam@s.example"), (rejects[0][0] if rejects else "?", "sam@s.example")])
    if rejects != wanted:
        faults.append("rejected: %s" % rejects)
    failures = sorted(e["target"] for e in all_events if e["action"] == "login-failure")
    if failures != ["root", "x (set_id=ana): 535 [6.6.6.6]"]:
        faults.append("sign-ins that failed: %s" % failures)
    if count["login-success"] != 1:
        faults.append("%d sign-ins" % count["login-success"])
    if count["mail-bounced"] != 4:  # two recipients, and the notice about each
        faults.append("%d bounces" % count["mail-bounced"])
    db = sqlite3.connect(case + "/hindcast.db")
    deferrals = [json.loads(f[0])["deferrals"] for f in db.execute("SELECT fields FROM event WHERE fields LIKE '%\"deferrals\"%' ORDER BY id")]
    if deferrals != ["1", "2"]:
        faults.append("deferrals: %s" % deferrals)
    for path, status, records, sum_of in db.execute("SELECT path, status, records, events + states + ignored + joined + duplicates + rejected FROM source"):
        if status != "read" or records != sum_of:
            faults.append("%s: %s, %s records of %s" % (path, status, sum_of, records))
    for path, line, why in db.execute("SELECT s.path, r.line, r.why FROM reject AS r JOIN source AS s ON s.id = r.source"):
        faults.append("rejected %s:%d: %s" % (path, line, why))
    tell("Exim %s: %d events of %d messages are what was done" % (name, len(all_events), len(want)), faults)
    if faults:
        for log in logs:
            print("".join("    | " + line for line in open(log, errors="replace")), end="")


def main():
    work = os.environ.get("HC_EXIM_INSIDE") or tempfile.mkdtemp(prefix="hindcast-exim.")
    os.chmod(work, 0o755)
    if os.getuid() != 0:
        shutil.rmtree(work)
        skip("it takes root to give it a system of its own")
    private_system(work)
    program, library = shutil.which("exim4", path=os.environ["PATH"] + ":/usr/sbin"), ""
    if not program:
        program, library = unpack(work)
    far = Far()
    syslog = os.path.join(work, "mail.log")
    os.umask(0o022)
    Syslog(os.path.join(work, "log"), syslog)
    runs = [("with the default fields", "", "", "", ZONE),
            ("with all fields, and clients that say what they like", "", "log_selector = +all\nlog_timezone = true\n", "*", "Asia/Tokyo"),
            ("in syslog", "syslog", "log_selector = +all\n", "", ZONE)]
    for name, log, more, junk, zone in runs:
        began = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        exim = Exim(program, library, work, far, name.replace(" ", "-").replace(",", ""), log, more, junk)
        want = play(exim, far, junk)
        exim.stop()
        ended = time.strftime("%Y-%m-%dT%H:%M:%S~", time.gmtime())
        logs = [syslog] if log else sorted(p for p in glob.glob(exim.spool + "/*log") if os.path.isfile(p))
        compare(name, logs, exim, want, began, ended, zone, work)
    sys.exit(failed)


main()
