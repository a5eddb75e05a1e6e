#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Logs that real daemons wrote a minute ago: OpenSMTPD, Sendmail, Dovecot and Postfix. Only one package of a machine may provide a mail daemon, so these
are not installed: their packages are unpacked into a temporary folder and laid over the machine's folders in a mount namespace of this test, in
a network namespace that has nothing but loopback. Mail is sent and sign-ins are tried there by Python's own clients; what the clients were
answered is the truth that the imported events are held against.
Usage: mta_other.py HINDCAST [opensmtpd|sendmail|dovecot|postfix]; "ok NAME" or "not ok NAME", "skipped ..." where that cannot be done."""
import base64
import glob
import imaplib
import json
import os
import poplib
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import threading
import time

HOST = "mail1"
OUTER = "192.0.2.25"  # of the namespace; where mail goes that leaves the host
PACKAGES = {
    "opensmtpd": ["opensmtpd"],
    "sendmail": ["sendmail-bin", "sendmail-base", "sendmail-cf", "sasl2-bin", "m4"],
    "dovecot": ["dovecot-core", "dovecot-imapd", "dovecot-pop3d", "dovecot-lmtpd"],
    "postfix": ["postfix", "sasl2-bin", "libsasl2-2", "libsasl2-modules", "libsasl2-modules-db"],
}
PROGRAM = {"postfix": "/usr/sbin/postfix", "opensmtpd": "/usr/sbin/smtpd", "sendmail": "/usr/libexec/sendmail/sendmail", "dovecot": "/usr/sbin/dovecot"}
PASSWORD = "right horse"
LMTP = """#!/bin/sh
cr=$(printf '\\r')
say() { printf '%s\\r\\n' "$1"; }
say "220 mail1 LMTP"
while read -r verb rest; do
    case $verb in
    LHLO*) say "250 mail1" ;;
    DATA*)
        say "354 go on"
        while read -r line && [ "$line" != ".$cr" ]; do :; done
        say "250 2.0.0 taken"
        ;;
    QUIT*) say "221 bye" && exit ;;
    *) say "250 2.0.0 ok" ;;
    esac
done
"""


# ---- inside of the namespaces

class Syslog(threading.Thread):
    """/dev/log: what comes is written as the classic file, with this host's name."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("/dev/log")
        os.chmod("/dev/log", 0o666)
        self.file = open(path, "wb", buffering=0)

    def run(self):
        while True:
            line = self.socket.recv(65536).rstrip(b"\0\n")
            line = line[line.index(b">") + 1:]
            self.file.write(line[:16] + HOST.encode() + b" " + line[16:] + b"\n")


class Far(threading.Thread):
    """The far side of what is sent: takes a recipient, puts it off or refuses it, by its name."""

    def __init__(self, address, port):
        super().__init__(daemon=True)
        self.server = socket.create_server((address, port))

    def run(self):
        while True:
            peer, _ = self.server.accept()
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer):
        file = peer.makefile("rwb")

        def say(text):
            file.write(text.encode() + b"\r\n")
            file.flush()

        say("220 far.example ESMTP")
        for line in file:
            verb = line.strip().upper()
            if verb.startswith(b"RCPT"):
                say("451 4.3.0 come back" if b"LATER" in verb else "550 5.1.1 nobody here" if b"NOBODY" in verb else "250 2.1.5 ok")
            elif verb.startswith(b"DATA"):
                say("354 go on")
                while file.readline().rstrip(b"\r\n") != b".":
                    pass
                say("250 2.0.0 taken")
            elif verb.startswith(b"QUIT"):
                say("221 bye")
                break
            else:
                say("250 far.example" if verb.startswith((b"EHLO", b"HELO")) else "250 2.0.0 ok")
        peer.close()


def lay_over(root):
    """The packages over the machine's folders; /dev is a new one, for /dev/log."""
    over = root + ".over"
    os.mkdir(over)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", over], check=True)
    for name in ("usr", "etc", "var"):
        for part in ("u", "w"):
            os.makedirs("%s/%s/%s" % (over, name, part))
        options = "lowerdir=%s/%s:/%s,upperdir=%s/%s/u,workdir=%s/%s/w" % (root, name, name, over, name, over, name)
        if os.path.isdir("%s/%s" % (root, name)) or name != "usr":
            os.makedirs("%s/%s" % (root, name), exist_ok=True)
            subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, "/" + name], check=True)
    kept = over + "/dev"
    os.mkdir(kept)
    for name in ("null", "zero", "random", "urandom", "tty"):
        open(kept + "/" + name, "w").close()
        subprocess.run(["mount", "--bind", "/dev/" + name, kept + "/" + name], check=True)
    os.mkdir(kept + "/shm", 0o1777)
    os.symlink("/proc/self/fd", kept + "/fd")
    subprocess.run(["mount", "--rbind", kept, "/dev"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "address", "add", OUTER + "/32", "dev", "lo"], check=True)
    socket.sethostname(HOST)


def add_users(*names):
    with open("/etc/passwd", "a") as passwd, open("/etc/group", "a") as group:
        for i, name in enumerate(names):
            passwd.write("%s:x:%d:%d::/var/home/%s:/bin/sh\n" % (name, 42000 + i, 42000 + i, name))
            group.write("%s:x:%d:\n" % (name, 42000 + i))
            os.makedirs("/var/home/" + name, exist_ok=True)
            os.chown("/var/home/" + name, 42000 + i, 42000 + i)


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("nobody listens at %d" % port)


class Truth:
    """What was done and answered: (action, actor, target, message id)."""

    def __init__(self):
        self.events = []

    def add(self, action, actor, target, message=None):
        self.events.append([action, actor, target, message])

    def sign_in(self, name, good):
        self.add("login-success" if good else "login-failure", name if good else None, name)


def letter(smtp, truth, sender, recipients, message, done):
    """One message to several recipients; `done` says what becomes of each of those that were taken."""
    text = "From: %s\r\nTo: x\r\nSubject: s\r\nMessage-ID: <%s>\r\n\r\nbody\r\n" % (sender, message)
    try:
        refused = smtp.sendmail(sender, recipients, text)
    except smtplib.SMTPRecipientsRefused as all_of_them:
        refused = all_of_them.recipients
    for to in recipients:
        if to in refused:
            truth.add("mail-rejected", None, to)  # the line of a refused recipient does not say of whom
        else:
            truth.add(done[to], sender, to, message)


def incoming(truth, port):
    smtp = smtplib.SMTP("127.0.0.1", port, local_hostname="client.example")
    letter(smtp, truth, "bo@y.example", ["ana@mail1.example"], "m1@y.example", {"ana@mail1.example": "mail-received"})
    letter(smtp, truth, "bo@y.example", ["ghost@mail1.example"], "m2@y.example", {})
    smtp.quit()
    smtp = smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", source_address=(OUTER, 0))
    letter(smtp, truth, "bo@y.example", ["q@z.example"], "m3@y.example", {})
    smtp.quit()


def outgoing(truth, smtp, actor=None):
    letter(smtp, truth, "ana@mail1.example", ["ok@far.example", "later@far.example", "nobody@far.example"], "m4@mail1.example",
           {"ok@far.example": "mail-sent", "later@far.example": "mail-deferred", "nobody@far.example": "mail-bounced"})
    smtp.quit()
    for event in truth.events[-3:]:
        event[1] = actor or event[1]


def opensmtpd(truth):
    """Sign-ins need TLS, which OpenSMTPD 6.8 cannot serve with OpenSSL 3 (no key is signed with); they are not tried here."""
    add_users("opensmtpd", "opensmtpq", "ana")
    os.makedirs("/var/lib/opensmtpd/empty", exist_ok=True)
    for folder in ("/var/spool/smtpd", "/var/mail"):
        os.makedirs(folder, exist_ok=True)
    os.chmod("/var/mail", 0o1777)
    os.chmod("/var/spool/smtpd", 0o711)
    with open("/etc/smtpd.conf", "w") as file:
        file.write("""listen on 127.0.0.1 port 2525 hostname mail1.example
action "local" mbox
action "out" relay host smtp://%s:2526
match from any for domain "mail1.example" action "local"
match from src 127.0.0.1 for any action "out"
""" % OUTER)
    Far(OUTER, 2526).start()
    subprocess.Popen([PROGRAM["opensmtpd"], "-F"], stdin=subprocess.DEVNULL)
    wait_for(2525)
    incoming(truth, 2525)
    outgoing(truth, smtplib.SMTP("127.0.0.1", 2525, local_hostname="client.example"))
    for event in truth.events:
        event[3] = None  # OpenSMTPD does not log it


def dovecot(truth):
    add_users("dovecot", "dovenull", "vmail")
    with open("/etc/users", "w") as file:
        file.write("ana@x.example:{PLAIN}%s\n" % PASSWORD)
    with open("/etc/dovecot/dovecot.conf", "w") as file:
        file.write('''protocols = imap pop3 lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_username_chars =
auth_failure_delay = 0
mail_location = maildir:/var/home/vmail/%u
mail_uid = vmail
mail_gid = vmail
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = /etc/users
}
userdb {
  driver = static
  args = uid=vmail gid=vmail home=/var/home/vmail
}
service lmtp {
  inet_listener lmtp {
    port = 2424
  }
}
service imap-login {
  inet_listener imap {
    port = 1143
  }
}
service pop3-login {
  inet_listener pop3 {
    port = 1110
  }
}
''')
    subprocess.run(["/usr/sbin/dovecot"], check=True, stdin=subprocess.DEVNULL)
    wait_for(1143)
    lmtp = smtplib.LMTP("127.0.0.1", 2424, local_hostname="client.example")
    for message in ("l1@y.example", "l2@y.example"):
        lmtp.sendmail("bo@y.example", ["ana@x.example"], "Message-ID: <%s>\r\n\r\nbody\r\n" % message)
        truth.add("mail-received", None, "ana@x.example", message)
    lmtp.quit()
    hostile = "root>, method=PLAIN, rip=203.0.113.9, lip=1.1.1.1, session=<x"
    for name, word in (("ana@x.example", PASSWORD), ("ana@x.example", "wrong"), ("bob@x.example", "wrong"), (hostile, "wrong")):
        imap = imaplib.IMAP4("127.0.0.1", 1143)
        try:
            imap.authenticate("PLAIN", lambda _, said=(name, word): ("\0%s\0%s" % said).encode())
            truth.sign_in(name, True)
        except imaplib.IMAP4.error:
            truth.sign_in(name.lower(), False)
        imap.logout()
    for word in (PASSWORD, "wrong"):
        pop = poplib.POP3("127.0.0.1", 1110)
        pop.user("ana@x.example")
        try:
            pop.pass_(word)
            truth.sign_in("ana@x.example", True)
        except poplib.error_proto:
            truth.sign_in("ana@x.example", False)
        pop.quit()


def sendmail(truth):
    add_users("smmta", "smmsp", "ana")
    for folder in ("/etc/mail", "/var/spool/mqueue", "/var/mail", "/usr/lib/sasl2", "/run/sendmail/mta", "/var/lib/sendmail/host_status"):
        os.makedirs(folder, exist_ok=True)
    os.chmod("/var/spool/mqueue", 0o700)
    files = {
        "/etc/mail/service.switch": "hosts files\naliases files\npasswd files\n",
        "/etc/mail/aliases": "postmaster: root\n",
        "/usr/lib/sasl2/Sendmail.conf": "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\n",
        "/etc/deliver": LMTP,
        "/etc/mail/sendmail.mc": """divert(-1)
include(`/usr/share/sendmail/cf/m4/cf.m4')
divert(0)dnl
OSTYPE(`debian')dnl
define(`confDOMAIN_NAME', `mail1.example')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confSERVICE_SWITCH_FILE', `/etc/mail/service.switch')dnl
define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl
TRUST_AUTH_MECH(`PLAIN LOGIN')dnl
define(`SMART_HOST', `relay:[%s]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h 2526')dnl
define(`LOCAL_MAILER_PATH', `/etc/deliver')dnl
define(`LOCAL_MAILER_ARGS', `deliver')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
DAEMON_OPTIONS(`Port=2525, Name=MTA, Addr=127.0.0.1')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
""" % OUTER}
    for path, text in files.items():
        with open(path, "w") as file:
            file.write(text)
    os.chmod("/etc/deliver", 0o755)
    with open("/etc/mail/sendmail.cf", "w") as file:
        subprocess.run(["m4", "-D_CF_DIR_=/usr/share/sendmail/cf/", "/etc/mail/sendmail.mc"], check=True, stdout=file, cwd="/usr/share/sendmail/cf")
    subprocess.run(["saslpasswd2", "-c", "-p", "-u", "mail1.example", "ana"], check=True, input=PASSWORD, text=True)
    program = [PROGRAM["sendmail"], "-C", "/etc/mail/sendmail.cf"]
    subprocess.run(program + ["-bi"], check=True, capture_output=True)
    Far(OUTER, 2526).start()
    subprocess.run(program + ["-L", "sm-mta", "-bd", "-q1h"], check=True, stdin=subprocess.DEVNULL)
    wait_for(2525)
    incoming(truth, 2525)
    smtp = smtplib.SMTP("127.0.0.1", 2525, local_hostname="client.example")
    smtp.ehlo()
    for name, word in (("ana", "wrong"), ("root, relay=evil [203.0.113.9]", "wrong"), ("ana", PASSWORD)):
        code, _ = smtp.docmd("AUTH", "PLAIN " + base64.b64encode(("\0%s\0%s" % (name, word)).encode()).decode())
        truth.sign_in(name, code == 235)
    outgoing(truth, smtp, "ana")


POSTFIX_MAIN = """compatibility_level = 3.6
queue_directory = /var/spool/postfix
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
data_directory = /var/lib/postfix
mail_owner = postfix
setgid_group = postdrop
myhostname = mail1.example
mydestination = mail1.example
inet_interfaces = all
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relayhost = [%s]:2526
alias_maps =
mail_spool_directory = /var/mail
biff = no
smtp_host_lookup = native
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
cyrus_sasl_config_path = /etc/postfix/sasl
smtpd_sasl_local_domain = mail1.example
smtpd_tls_security_level = none
smtp_tls_security_level = none
strict_rfc821_envelopes = no
"""
POSTFIX_MASTER = """2525 inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


def start_postfix():
    add_users("postfix", "postdrop", "ana")
    for folder in ("/etc/postfix/sasl", "/var/spool/postfix", "/var/lib/postfix", "/var/mail"):
        os.makedirs(folder, exist_ok=True)
    os.chmod("/var/mail", 0o1777)
    shutil.chown("/var/lib/postfix", "postfix", "postfix")
    for path, text in (("/etc/postfix/main.cf", POSTFIX_MAIN % OUTER), ("/etc/postfix/master.cf", POSTFIX_MASTER),
                       ("/etc/postfix/sasl/smtpd.conf", "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\n"),
                       ("/etc/ld.so.conf.d/postfix.conf", "/usr/lib/postfix\n"), ("/etc/aliases", "")):
        with open(path, "w") as file:
            file.write(text)
    subprocess.run(["ldconfig"], check=True)
    subprocess.run(["saslpasswd2", "-c", "-p", "-u", "mail1.example", "ana"], check=True, input=PASSWORD, text=True)
    os.chmod("/etc/sasldb2", 0o644)
    Far(OUTER, 2526).start()
    subprocess.run(["postfix", "start"], check=True, stdin=subprocess.DEVNULL)
    wait_for(2525)


def postfix(truth):
    """Unlike others it says in the line of a refused recipient of whom the message was."""
    start_postfix()
    incoming(truth, 2525)
    for event in truth.events:
        event[1] = event[1] or "bo@y.example"
    smtp = smtplib.SMTP("127.0.0.1", 2525, local_hostname="client.example")
    for name, word in (("ana", "wrong"), ("root, sasl_username=evil[203.0.113.9]", "wrong"), ("ana", PASSWORD)):
        smtp.ehlo()
        code, _ = smtp.docmd("AUTH", "PLAIN " + base64.b64encode(("\0%s\0%s" % (name, word)).encode()).decode())
        truth.sign_in(name + "@mail1.example", code == 235)
    outgoing(truth, smtp, "ana@mail1.example")
    # what strangers say: a sender, a recipient and a Message-ID that look like the rest of a line
    smtp = smtplib.SMTP("127.0.0.1", 2525, local_hostname="client.example")
    sender, to = '"a> to=<root@mail1.example>, status=sent, x"@s.example', '"x, relay=evil[203.0.113.9], status=bounced"@far.example'
    letter(smtp, truth, sender, [to], "m5, status=sent (x), client=evil[203.0.113.9]@s.example", {to: "mail-sent"})
    smtp.quit()
    # handed in on the host itself
    subprocess.run(["/usr/sbin/sendmail", "-f", "ana@mail1.example", "ok@far.example"], check=True, input="Message-ID: <m6@mail1.example>\n\nbody\n", text=True)
    truth.add("mail-sent", "ana@mail1.example", "ok@far.example", "m6@mail1.example")
    time.sleep(2)
    subprocess.run(["postqueue", "-f"], check=True)
    truth.add("mail-deferred", "ana@mail1.example", "later@far.example", "m4@mail1.example")
    time.sleep(2)
    subprocess.run(["postfix", "stop"], check=True, stdin=subprocess.DEVNULL)


def inside(kind, root, out):
    lay_over(root)
    Syslog(out + "/mail.log").start()
    truth = Truth()
    {"opensmtpd": opensmtpd, "dovecot": dovecot, "sendmail": sendmail, "postfix": postfix}[kind](truth)
    time.sleep(3)
    with open(out + "/truth.json", "w") as file:
        json.dump(truth.events, file)


# ---- outside

def unpack(kind, work):
    """The root of the unpacked packages, or None."""
    debs, root = work + "/deb", work + "/root"
    os.mkdir(debs)
    os.mkdir(root)
    got = subprocess.run(["apt-get", "download", "-q", *PACKAGES[kind]], cwd=debs, capture_output=True, check=False)
    files = glob.glob(debs + "/*.deb")
    if got.returncode or not files:
        return None
    for deb in files:
        if subprocess.run(["dpkg", "-x", deb, root], check=False).returncode:
            return None
    return root


def note(ok, name, more=""):
    print("%s %s" % ("ok" if ok else "not ok", name))
    if not ok and more:
        print(more)


def imported(case):
    """(action, actor, target, message id) of each event that is about mail or a sign-in."""
    out = subprocess.run([sys.argv[1], "events", "-C", case, "-f", "jsonl"], check=True, capture_output=True, text=True).stdout
    found = [json.loads(line) for line in out.splitlines()]
    return [[e["action"], e["actor"], e["target"], e["message_id"]] for e in found if e["action"].startswith(("mail-", "login-"))], found


def main():
    for kind in sys.argv[2:] or PACKAGES:
        work = tempfile.mkdtemp(prefix="hindcast-mta.")
        try:
            check(kind, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def check(kind, work):
    root = unpack(kind, work)
    if os.getuid() or not root or not shutil.which("unshare"):
        print("skipped %s: it cannot be unpacked here" % kind)
        return
    case = work + "/case"
    os.makedirs(case + "/evidence")
    out = case + "/evidence"
    done = subprocess.run(["unshare", "-m", "-n", "-u", "-p", "-f", "--kill-child", "--mount-proc", "--propagation", "private", sys.executable,
                           os.path.abspath(__file__), "--inside", kind, root, out], capture_output=True, text=True, check=False, timeout=300)
    if os.environ.get("SHOW"):
        print(done.stdout, done.stderr)
        os.system("cat %s/mail.log; cat %s/truth.json" % (out, out))
    if done.returncode:
        note(False, kind, done.stdout + done.stderr)
        return
    with open(out + "/truth.json") as file:
        truth = json.load(file)
    os.remove(out + "/truth.json")
    year = time.gmtime().tm_year
    with open(case + "/case.yaml", "w") as file:
        file.write("title: t\nsources:\n- {path: evidence/mail.log, zone: UTC, year: %d}\n" % year)
    ran = subprocess.run([sys.argv[1], "run", "-q", case], capture_output=True, text=True, check=False)
    got, found = imported(case)
    missing = [t for t in truth if t not in got or got.remove(t)]
    note(ran.returncode == 0 and not missing, "%s: %d acts of a real daemon are read" % (kind, len(truth)), "%s\nmissing %s\nleft %s" % (ran.stderr, missing, got))
    left = [e for e in got if not (kind == "sendmail" and e[0] == "mail-rejected" and not e[2])]  # the line that names a client that was refused
    left = [e for e in left if not (e[0].startswith("mail-") and not e[1])]  # notices to the sender
    note(not left, "%s: nothing else is told" % kind, left)
    note(all(e["time"] and e["time"].startswith(str(year)) for e in found), "%s: every event has its time" % kind)
    note(not any(e["address"] == "203.0.113.9" for e in found), "%s: a name that was tried is no address" % kind)


if sys.argv[1] == "--inside":
    inside(*sys.argv[2:])
else:
    main()
