#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Logs that real daemons wrote a minute ago: OpenSMTPD, Sendmail and Dovecot. Only one package of a machine may provide a mail daemon, so these
are not installed: their packages are unpacked into a temporary folder and laid over the machine's folders in a mount namespace of this test, in
a network namespace that has nothing but loopback. Mail is sent and sign-ins are tried there by Python's own clients; what the clients were
answered is the truth that the imported events are held against.
Usage: mta_other.py HINDCAST [opensmtpd|sendmail|dovecot]; "ok NAME" or "not ok NAME", "skipped ..." where that cannot be done."""
import base64
import glob
import imaplib
import json
import os
import poplib
import shutil
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HOST = "mail1"
PACKAGES = {
    "opensmtpd": ["opensmtpd"],
    "sendmail": ["sendmail-bin", "sendmail-base", "sendmail-cf", "sasl2-bin", "m4"],
    "dovecot": ["dovecot-core", "dovecot-imapd", "dovecot-pop3d", "dovecot-lmtpd"],
}
PROGRAM = {"opensmtpd": "/usr/sbin/smtpd", "sendmail": "/usr/libexec/sendmail/sendmail", "dovecot": "/usr/sbin/dovecot"}
PASSWORD = "right horse"


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

    def __init__(self, port):
        super().__init__(daemon=True)
        self.server = socket.create_server(("127.0.0.1", port))

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
    socket.sethostname(HOST)


def add_users(*names):
    with open("/etc/passwd", "a") as passwd, open("/etc/group", "a") as group:
        for i, name in enumerate(names):
            passwd.write("%s:x:%d:%d::/var/home/%s:/bin/sh\n" % (name, 42000 + i, 42000 + i, name))
            group.write("%s:x:%d:\n" % (name, 42000 + i))
            os.makedirs("/var/home/" + name, exist_ok=True)
            os.chown("/var/home/" + name, 42000 + i, 42000 + i)


def certificate():
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mail1.example", "-keyout", "/etc/key.pem",
                    "-out", "/etc/cert.pem"], check=True, capture_output=True)
    os.chmod("/etc/key.pem", 0o600)


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("nobody listens at %d" % port)


def unsafe():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


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
            truth.add("mail-rejected", sender, to)
        else:
            truth.add(done[to], sender, to, message)


def smtp_scenario(truth, port, auth_port, message_ids, rejected_actor):
    smtp = smtplib.SMTP("127.0.0.1", port, local_hostname="client.example")
    letter(smtp, truth, "bo@y.example", ["ana@mail1.example"], "m1@y.example", {"ana@mail1.example": "mail-received"})
    letter(smtp, truth, "bo@y.example", ["q@z.example"], "m2@y.example", {})
    smtp.quit()
    smtp = smtplib.SMTP("127.0.0.1", auth_port, local_hostname="client.example")
    smtp.starttls(context=unsafe())
    smtp.ehlo()
    for name, word in (("ana", "wrong"), ("root, relay=evil [203.0.113.9]", "wrong"), ("ana", PASSWORD)):
        code, _ = smtp.docmd("AUTH", "PLAIN " + base64.b64encode(("\0%s\0%s" % (name, word)).encode()).decode())
        truth.sign_in(name, code == 235)
        if code == 421 or code < 0:
            raise SystemExit("the daemon hung up")
    letter(smtp, truth, "ana@mail1.example", ["ok@far.example", "later@far.example", "nobody@far.example"], "m3@mail1.example",
           {"ok@far.example": "mail-sent", "later@far.example": "mail-deferred", "nobody@far.example": "mail-bounced"})
    smtp.quit()
    for event in truth.events:
        if event[0].startswith("mail-") and not message_ids:
            event[3] = None
        if event[0] in ("mail-sent", "mail-deferred", "mail-bounced"):
            event[1] = "ana"
        if event[0] == "mail-rejected":
            event[1] = event[1] if rejected_actor else None


def opensmtpd(truth):
    add_users("opensmtpd", "opensmtpq", "ana")
    certificate()
    os.makedirs("/var/lib/opensmtpd/empty", exist_ok=True)
    for folder in ("/var/spool/smtpd", "/var/mail"):
        os.makedirs(folder, exist_ok=True)
    os.chmod("/var/mail", 0o1777)
    os.chmod("/var/spool/smtpd", 0o711)
    word = subprocess.run(["openssl", "passwd", "-6", PASSWORD], check=True, capture_output=True, text=True).stdout.strip()
    with open("/etc/credentials", "w") as file:
        file.write("ana %s\n" % word)
    with open("/etc/smtpd.conf", "w") as file:
        file.write('''pki mail1 cert "/etc/cert.pem"
pki mail1 key "/etc/key.pem"
table credentials file:/etc/credentials
listen on 127.0.0.1 port 2525 hostname mail1.example
listen on 127.0.0.1 port 2587 tls-require pki mail1 auth <credentials> hostname mail1.example
action "local" mbox
action "out" relay host smtp://127.0.0.1:2526
match from any for domain "mail1.example" action "local"
match auth from any for any action "out"
''')
    Far(2526).start()
    subprocess.Popen(["/usr/sbin/smtpd", "-F"], stdin=subprocess.DEVNULL)
    wait_for(2525)
    smtp_scenario(truth, 2525, 2587, False, True)


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
    raise SystemExit("not yet")


def inside(kind, root, out):
    lay_over(root)
    Syslog(out + "/mail.log").start()
    truth = Truth()
    {"opensmtpd": opensmtpd, "dovecot": dovecot, "sendmail": sendmail}[kind](truth)
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


def events(case):
    sql = """SELECT CASE action WHEN '' THEN '' ELSE action END, actor, target, message_id FROM timeline_source"""
    del sql
    out = subprocess.run([sys.argv[1], "events", "-C", case, "-f", "jsonl"], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


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


if sys.argv[1] == "--inside":
    inside(*sys.argv[2:])
else:
    main()
