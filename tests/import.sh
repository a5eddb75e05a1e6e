#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Evidence that is broken, hostile or said twice: each file is named, the status is 3, the rest is imported.
# Usage: import.sh HINDCAST SRCDIR; one line "ok NAME" or "not ok NAME" per test.
set -u
hindcast=$1
src=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/hindcast-import.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
bad=0
t() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; bad=1; fi; }
sql() { sqlite3 "$1/hindcast.db" "$2"; }
log=$src/examples/benign-week/evidence/mail/mail.log
cd "$work" || exit 2

# Every kind of file that cannot be read, beside one that can.
mkdir -p c/evidence && cp "$log" c/evidence/good.log && chmod u+w c/evidence/good.log
PYTHONDONTWRITEBYTECODE=1 python3 - c/evidence "$log" <<'P'
import gzip, io, os, random, sys, tarfile, warnings, zipfile
where, log = sys.argv[1], open(sys.argv[2], "rb").read()
def put(name, data): open(os.path.join(where, name), "wb").write(data)
def zipped(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members: z.writestr(name, data)
    return out.getvalue()
warnings.simplefilter("ignore")
put("cut.gz", gzip.compress(log + random.Random(1).randbytes(3000), mtime=0)[:-900])
put("cut.zip", zipped(("a", os.urandom(3000)))[:1500])
put("climb.zip", zipped(("../x.log", log)))
put("root.zip", zipped(("/x.log", log)))
whole = bytearray(zipped(("x.log", log)))
for at in (6, whole.rindex(b"PK\x01\x02") + 8): whole[at] |= 1  # says that it is encrypted
put("locked.zip", bytes(whole))
def tarred(*members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as t:
        for name, kind, link in members:
            m = tarfile.TarInfo(name)
            m.type, m.linkname, m.size = kind, link, len(log) if kind == tarfile.REGTYPE else 0
            t.addfile(m, io.BytesIO(log))
    return out.getvalue()
put("up.tar", tarred(("a/../../x.log", tarfile.REGTYPE, "")))
put("links.tar", tarred(("passwd.log", tarfile.SYMTYPE, "/etc/passwd"), ("hard.log", tarfile.LNKTYPE, "/etc/passwd"), ("dev.log", tarfile.CHRTYPE, ""), ("fifo.log", tarfile.FIFOTYPE, ""), ("dir", tarfile.DIRTYPE, "")))
one, other = tarred(("a.log", tarfile.REGTYPE, "")), log.replace(b"relay1", b"relay4")
end = 512 + (len(log) + 511) // 512 * 512
put("cut.tar", one[:end].replace(b"relay1", b"relay5"))  # between two members
put("broken.tar", one[:end].replace(b"relay1", b"relay6") + b"x" * 1024)
two = zipped(("x.log", log.replace(b"relay1", b"relay7")), ("y.log", log.replace(b"relay1", b"relay8")))
put("cutdir.zip", two[:two.index(b"PK\x01\x02") + 50])
packed = gzip.compress(other, mtime=0)
put("sum.gz", packed[:-8] + bytes(4) + packed[-4:])  # nothing but its checksum is wrong
packed = gzip.compress(one.replace(b"relay1", b"relay9"), mtime=0)
put("sum.tgz", packed[:-8] + bytes(4) + packed[-4:])
put("after.log.gz", gzip.compress(log.replace(b"relay1", b"relay10"), mtime=0) + b"what is this?")
put("good-and-bad.zip", zipped(("../x.log", log), ("good/z.log", log.replace(b"relay1", b"relay11"))))
put("back.zip", zipped(("..\\x.log", log)))
put("inner.zip", zipped(("\x1b[31m\u202egol.\n", b"?")))
put("none.zip", zipped())
put("empty", b"")
put("empty.gz", gzip.compress(b"", mtime=0))
put("nuls", bytes(4096))
put("twice.zip", zipped(("one.log", log), ("one.log", log.replace(b"relay1", b"relay2"))))
put("odd.json", b'{"a": 1}\n{"a": 2}\n')
put("nul.log", log.replace(b"relay1", b"relay3") + bytes(5) + b" line\n")
P
ln -s good.log c/evidence/link && ln -s nowhere c/evidence/dangling && mkfifo c/evidence/pipe
cat >want <<'W'
evidence/broken.tar!member-2: Damaged tar archive
evidence/climb.zip!member-1: its name leads out of the archive: "../x.log"
evidence/cut.gz: the compressed data ends before it is complete: the file was cut; the 5904 bytes that came out of it are kept
evidence/cut.tar!member-2: the archive ends without its end mark: if it was cut there, members are missing
evidence/cut.zip!a: no importer takes it: it is binary and of no kind that is known; if it is encrypted, decrypt it
evidence/cut.zip!member-2: the compressed data ends before it is complete: the file was cut
evidence/cutdir.zip!member-3: the archive ends without its directory: it was cut, and members may be missing
evidence/dangling: is a symbolic link; put the file itself here, links are not followed
evidence/empty.gz: the file is empty
evidence/empty: the file is empty
evidence/link: is a symbolic link; put the file itself here, links are not followed
evidence/good-and-bad.zip!member-1: its name leads out of the archive: "../x.log"
evidence/locked.zip!x.log: it is encrypted: put its decrypted contents here
evidence/none.zip: the archive holds no files
evidence/nuls: no importer takes it: there is nothing in it but NULs
evidence/odd.json: no profile says what its records mean
evidence/pipe: is not a file
evidence/root.zip!member-1: its name leads out of the archive: "/x.log"
evidence/sum.gz: the checksum of the compressed data is wrong: what comes out of it was damaged or changed; the 3780 bytes that came out of it are kept
evidence/sum.tgz!member-2: the checksum of the compressed data is wrong: what comes out of it was damaged or changed
evidence/up.tar!member-1: its name leads out of the archive: "a/../../x.log"
W
printf 'evidence/back.zip!member-1: its name leads out of the archive: "../x.log"\nevidence/inner.zip!\\u{001B}[31m\\u{202E}gol.\\u{000A}: no importer takes it: it is text of no kind that is known; --format reads it as one of those that `hindcast formats` lists\nevidence/links.tar: the archive holds no files\n' >>want
LC_ALL=C sort -o want want
"$hindcast" run -q c >/dev/null 2>err
[ $? = 3 ] && sed -n 's/^hindcast: //p' err | grep '^evidence/' | LC_ALL=C sort >got && cmp -s want got || { diff want got; false; }
t "each file that is not read is named with its reason" $?
grep -q '^hindcast: 13 records were rejected;' err && [ "$(sql c "SELECT count(*) FROM reject WHERE why = 'not a line of syslog'")" = 10 ]
t "a line of NULs is rejected, those before it are read" $?
[ "$(sql c "SELECT group_concat(path || '!' || member || ' ' || status, ', ') FROM source WHERE path IN ('evidence/good.log', 'evidence/twice.zip') AND records = (SELECT records FROM source WHERE path = 'evidence/good.log')")" = \
  'evidence/good.log! read, evidence/twice.zip!one.log read, evidence/twice.zip!one.log#2 read' ]
t "the rest is imported, two members of one name apart" $?
[ "$(sql c "SELECT count(*) FROM source WHERE status = 'read' AND records >= (SELECT records FROM source WHERE path = 'evidence/good.log') AND (path GLOB 'evidence/cut*' AND path || member GLOB '*[axy].log' OR
  path || '!' || member IN ('evidence/broken.tar!a.log', 'evidence/sum.tgz!a.log', 'evidence/good-and-bad.zip!good/z.log', 'evidence/after.log.gz!'))")" = 7 ] &&
    [ "$(sql c "SELECT source.path FROM reject JOIN source ON source.id = reject.source WHERE reject.why LIKE 'bytes that are not compressed follow%'")" = evidence/after.log.gz ]
t "of a damaged archive the members that are whole are imported; what follows a compressed file is told" $?
"$hindcast" run -q c >/dev/null 2>again
[ $? = 3 ] && cmp -s err again
t "a second run tells the same and has the same status" $?
! sqlite3 c/hindcast.db .dump | grep -qF "$work"
t "the place of the case on this machine is not in the database" $?
"$hindcast" verify -C c >/dev/null 2>err
status=$?; cat err; [ $status = 0 ]; t "what was not read does not trouble verify" $?

# Settings are those of the import: said otherwise later, that is told and verify goes by what was said then.
# copied by content: the source tree may be read-only
mkdir -p s/evidence out/a out/b && cat "$log" >s/evidence/mail.log && { cat "$log"; echo cut; } >out/a/mail.log && { cat "$log"; echo cut; echo cut; } >out/b/mail.log
"$hindcast" import -q -C s --zone America/New_York --year 2023 s/evidence/mail.log out/a/mail.log 2>/dev/null
[ $? = 3 ] && [ "$(sql s "SELECT group_concat(path || ' ' || zone || ' ' || year || ' ' || rejected, ', ') FROM source")" = \
    'evidence/mail.log America/New_York 2023 0, external/mail.log America/New_York 2023 1' ]
t "import takes zone and year, and calls a file from elsewhere external" $?
"$hindcast" verify -C s --at out/a >/dev/null
t "verify repeats an import with the settings it had" $?
"$hindcast" verify -C s >/dev/null 2>err
[ $? = 1 ] && grep -q 'external/mail.log: came from outside the case' err
t "verify asks where files from elsewhere lie" $?
"$hindcast" import -q -C s out/b/mail.log 2>err
[ $? = 3 ] && grep -q 'external/mail.log: another file of this name was imported before' err
t "another file of a name that was imported is told" $?
printf 'sources:\n  - path: evidence/*\n    zone: Europe/Berlin\n' >s/case.yaml
"$hindcast" run -q s >/dev/null 2>err
[ $? = 3 ] && grep -q 'evidence/mail.log: was imported with another zone; remove hindcast.db' err
t "a zone that is said otherwise after the import is told" $?
"$hindcast" verify -C s --at out/a >/dev/null
t "and verify still passes" $?

# Tables as whole trees, and row by row: the same content, and no fault that SQLite would find. Times in no order, a thousand and more of one
# instant, none at all or long ago, texts that need pages of their own; a second source with 11111 new rows.
mkdir -p trees/evidence rows/evidence
awk 'function stamp(n) { return sprintf("2023-11-%02d %02d:%02d:%02d.%06d", 1 + n % 28, n % 24, n % 60, (n * 7) % 60, (n * 7919) % 1000000) }
BEGIN {
    print "-- PostgreSQL database dump\nCREATE TABLE public.journals (\nCREATE TABLE public.user_events (\nCREATE TABLE public.project_events ("
    for (i = 0; i < 3000; i++) long = long "\303\244"
    print "COPY public.user_events (id, source_id, tag, \"time\", ip_address_id, additional) FROM stdin;"
    for (i = 0; i < 30000; i++) printf "e%d\tu%d\taccount:login:success\t%s\ta%d\t{\"auth_method\": \"%d\"}\n", i, i % 977, stamp(i), i % 7919, i
    print "\\.\nCOPY public.journals (id, name, version, action, submitted_date, submitted_by) FROM stdin;"
    for (i = 0; i < 9000; i++) printf "%d\tp%d\t1\t%s\t%s\tu%d\n", i, i % 999, i % 400 ? "create" : i long, i % 3 ? stamp(i * 31) : i % 2 ? "2023-11-22 00:00:00" : i % 30 ? "infinity" : "1750-01-01 00:00:00", i
    print "\\.\n-- PostgreSQL database dump complete"
}' >trees/evidence/1.sql
sed -e 's/^e1\([0-9]*\)\t/f1\1\t/' trees/evidence/1.sql >trees/evidence/2.sql
cp trees/evidence/* rows/evidence
"$hindcast" import -q -C trees trees/evidence/1.sql && "$hindcast" import -q -C trees trees/evidence/2.sql && "$hindcast" import -q --safe-writer -C rows rows/evidence/1.sql rows/evidence/2.sql
[ "$(sqlite3 trees/hindcast.db 'PRAGMA integrity_check; PRAGMA quick_check; SELECT events || " " || duplicates FROM source')" = "$(printf 'ok\nok\n39000 0\n11111 27889')" ] &&
    [ "$(sqlite3 trees/hindcast.db .dump | sort | sha256sum)" = "$(sqlite3 rows/hindcast.db .dump | sort | sha256sum)" ]
t "tables that are built as whole trees are the same as those written row by row" $?
[ "$(sqlite3 trees/hindcast.db "SELECT rootpage > 3 * (SELECT max(rootpage) FROM sqlite_schema WHERE name = 'witness_row') FROM sqlite_schema WHERE name = 'event_row'")" = 1 ]
t "and they were built so" $?
"$hindcast" verify -C trees >/dev/null
t "verify finds the same again" $?

# What nobody takes is told with what it seems to be.
mkdir -p strange/evidence && python3 - strange/evidence <<'P'
import os, sys
for name, data in {"a.log": "a log of PowerShell\n".encode("utf-16"), "b.7z": b"7z\xbc\xaf\x27\x1c" + bytes(40), "c.bin": b"\x01\x02q\x80" * 900, "d.asc": b"-----BEGIN PGP MESSAGE-----\n\n",
                   "e.sql": b"-- by hand\n" * 9 + b"CREATE TABLE x (a int);\n", "f.db-wal": b"\x37\x7f\x06\x82" + bytes(60), "g.txt": "left\n".encode("utf-16-be") * 20}.items():
    open(os.path.join(sys.argv[1], name), "wb").write(data)
P
"$hindcast" run -q strange >/dev/null 2>err
[ $? = 3 ] && printf '%s\n' a.log UTF-16 b.7z 'unpack it' c.bin 'binary and of no kind' d.asc 'it is encrypted; decrypt it' e.sql '.*--format pg_dump' f.db-wal 'journal of a SQLite database' g.txt UTF-16 |
    while read -r file && read -r words; do grep -q "^hindcast: evidence/$file: no importer takes it: .*$words" err || echo "$file: $words"; done >got && [ ! -s got ] || { cat got err; false; }
t "what nobody takes is told with what it seems to be" $?

# Two databases in one dump have tables of one name; a profile's tables may stand far behind its beginning.
mkdir -p pair/evidence far/evidence && cat >pair/evidence/d.sql <<'Q'
-- MySQL dump 10.13
USE `one`;
CREATE TABLE `journals` (`id` int, `name` text, `action` text, `submitted_date` datetime, `submitted_by` text);
INSERT INTO `journals` VALUES (1,'a','create','2023-11-22 08:44:55','ann'),(2,'a','remove project','2023-11-22 08:44:56','ann');
USE `two`;
CREATE TABLE `journals` (`id` int, `name` text, `action` text, `submitted_date` datetime, `submitted_by` text);
INSERT INTO `journals` VALUES (1,'b','create','2023-11-22 08:44:55','bob');
INSERT INTO `journals` VALUES (2,'b','create','2023-11-22 08:44:55','bob'),(3,'c','create','2023-11-22 08:44:55','bob');
-- Dump completed on 2023-11-22
Q
"$hindcast" run -q pair >/dev/null 2>err
[ $? = 3 ] && [ "$(sql pair "SELECT events || ' ' || ignored || ' ' || rejected FROM source")" = '2 3 1' ] &&
    [ "$(sql pair 'SELECT line || why FROM reject')" = '7the rows of two.journals are not read: those of one.journals have the same name; import a dump of its own for each' ]
t "tables of one name in two databases of a MySQL dump are not mixed" $?
{ awk 'BEGIN { print "--\n-- PostgreSQL database dump\n--"; for (i = 0; i < 3000; i++) print "CREATE TABLE public.other" i " (a integer, b text);" }'
  printf 'COPY public.journals (id, name, version, action, submitted_date, submitted_by) FROM stdin;\n1\ta\t\\N\tcreate\t2023-11-22 08:44:55\tann\n\\.\n--\n-- PostgreSQL database dump complete\n--\n'; } >far/evidence/d.sql
"$hindcast" run -q far >/dev/null && [ "$(sql far 'SELECT profile || events FROM source')" = warehouse1 ] && rm -r far/hindcast.db far/report && "$hindcast" init far >/dev/null && grep -q 'profile: "warehouse"' far/case.yaml
t "a profile is recognised by tables that stand far behind the beginning" $?

# CSV that is not as it should be is told in words that help.
mkdir -p sheets/evidence && python3 - sheets/evidence <<'P'
import os, sys
names, row = "id,name,action,submitted_date,submitted_by", "1,a,create,2023-11-22 08:44:55,ann"
for folder, text in {"blank": "\r\n\n" + names + "\n" + row + "\n", "hole": names + ",\n" + row + ",\n", "cr": names + "\r" + row + "\r", "wide": (names + "\n" + row + "\n").encode("utf-16-le").decode("latin-1")}.items():
    os.mkdir(os.path.join(sys.argv[1], folder))
    open(os.path.join(sys.argv[1], folder, "journals.csv"), "w", newline="").write(text)
for name in ("public.journals.csv", "other.csv"):
    open(os.path.join(sys.argv[1], name), "w").write(names + "\n" + row.replace("1,", "2,") + "\n" * (1 + (name == "other.csv")))
P
printf 'sources:\n- path: evidence/other.csv\n  profile: warehouse\n' >sheets/case.yaml
"$hindcast" run -q sheets >/dev/null 2>err
printf '%s\n' 'cr/journals.csv: its lines end in CR alone; convert them to end in LF' \
    'hole/journals.csv: the first row looks like a record, not like names: field 6; say what its columns are in case.yaml (columns)' \
    'other.csv: none of its records is kept: the profile warehouse does not know other (1); what its table is called can be said in case.yaml (table)' \
    'wide/journals.csv: the first row holds NULs: it is UTF-16 without its mark, or no text; convert it to UTF-8' | sed 's,^,hindcast: evidence/,' | diff - err &&
    [ "$(sql sheets "SELECT group_concat(path || ' ' || events, ', ') FROM (SELECT * FROM source WHERE events ORDER BY path)")" = 'evidence/blank/journals.csv 1, evidence/public.journals.csv 1' ]
t "CSV that is not as it should be is told in words that help" $?
mkdir -p sheets/profiles && printf 'name: mine\nformat: csv\nrecognise: {tables: {journals: [id, submitted_by]}}\nrecords: [{type: journals, state: {subject: {account: submitted_by}}}]\n' >sheets/profiles/mine.yaml
rm -r sheets/hindcast.db && "$hindcast" import -q -C sheets sheets/evidence/blank/journals.csv 2>err
[ $? = 3 ] && [ "$(cat err)" = 'hindcast: evidence/blank/journals.csv: fits the profiles warehouse and mine; say which in case.yaml' ] || { cat err; false; }
t "a file that fits two profiles is told" $?
rm -r sheets/hindcast.db sheets/profiles && "$hindcast" import -C sheets --scope nobody sheets/evidence/blank/journals.csv 2>err && [ "$(cat err)" = 'hindcast: scope: no record touches any of its names' ] || { cat err; false; }
t "a scope that nothing touches is told" $?

# Bytes that are no UTF-8 are told; a row of --tab may be longer than what is looked at first.
mkdir -p bytes/evidence && { printf 'id,name,action,submitted_date,submitted_by\n1,caf\351,create,2023-11-22 08:44:55,ann\n2,caf\303\251,create,2023-11-22 08:44:56,ann\n'; } >bytes/evidence/journals.csv
"$hindcast" run -q bytes >/dev/null && "$hindcast" sources -C bytes | grep -q '^    read as csv: rows of fields with commas between them; of 1 text not all bytes are UTF-8: each of these is shown as U+FFFD$' && "$hindcast" verify -C bytes >/dev/null
t "that bytes are no UTF-8 is told" $?
mkdir -p tab/evidence && echo 'CREATE TABLE `journals` (`id` int, `name` text, `action` text, `submitted_date` datetime, `submitted_by` text);' >tab/evidence/journals.sql &&
    awk 'BEGIN { printf "1\t"; for (i = 0; i < 80000; i++) printf "x"; print "\tcreate\t2023-11-22 08:44:55\tann\n2\ta\tcreate\t2023-11-22 08:44:55\tann" }' >tab/evidence/journals.txt
printf 'sources:\n- path: evidence/*\n  profile: warehouse\n' >tab/case.yaml
"$hindcast" run -q tab >/dev/null 2>err; [ "$(sql tab "SELECT events FROM source WHERE path = 'evidence/journals.txt'")" = 2 ] || { cat err; false; }
t "a file of --tab may begin with a long row" $?

# A member that cannot be read on is told and read as far as it goes, but for the line that is cut; the others are read, and it is told again when nothing is to be done.
mkdir -p apart/evidence && python3 - <<'P'
import gzip, random, zipfile
random.seed(1)
lines = [b"Nov 22 00:00:00 h postfix/smtp[1]: %08X: to=<%d@x.example>, status=sent\n" % (random.getrandbits(32), random.getrandbits(40)) for _ in range(9000)]
packed = gzip.compress(b"".join(lines), 1)
with zipfile.ZipFile("apart/evidence/a.zip", "w") as z:
    z.writestr("one.log", lines[0])
    z.writestr("cut.log.gz", packed[:len(packed) // 2])
    z.writestr("two.log", lines[1])
P
"$hindcast" run -q apart >/dev/null 2>err
[ $? = 3 ] && grep -q 'evidence/a.zip!cut.log.gz: the compressed data ends before it is complete' err && [ "$(sqlite3 apart/hindcast.db 'SELECT group_concat(member || " " || status || " " || events) FROM source')" = ' archive 0,one.log read 1,cut.log.gz read 4486,two.log read 1' ] &&
    [ "$(sqlite3 apart/hindcast.db 'SELECT s.rejected || " " || r."offset" || " " || r.why || s.damage FROM reject AS r JOIN source AS s ON s.id = r.source')" = \
      '1 385810 the compressed data ends before it is complete: the file was cutthe compressed data ends before it is complete: the file was cut; the 385810 bytes that came out of it are kept' ] &&
    grep -q '^- \*\*Cut or damaged:\*\* `evidence/a.zip` is compressed' apart/report/incident.md
t "a member that cannot be read on leaves the others alone" $?
"$hindcast" run -q apart >/dev/null 2>err
[ $? = 3 ] && grep -q 'evidence/a.zip!cut.log.gz: the compressed data ends before it is complete: the file was cut; the 385810 bytes' err && "$hindcast" verify -C apart >/dev/null
t "it is told again, and verify finds the same" $?

# A file so large that it is hashed while it is read: what it is, that it is a copy, and that it changed are told as of any other.
mkdir -p large/evidence && awk 'BEGIN { for (i = 0; i < 300000; i++) printf "Nov 22 00:%02d:%02d h sshd[1]: line %d of a log that nobody reads\n", i / 60 % 60, i % 60, i }' >large/evidence/a.log
"$hindcast" import -q -C large --format syslog --zone UTC --year 2023 large/evidence/a.log && cp large/evidence/a.log large/evidence/b.log && "$hindcast" import -q -C large --format syslog --zone UTC --year 2023 large/evidence/b.log
[ "$(wc -c <large/evidence/a.log)" -gt 16777216 ] &&
    [ "$(sqlite3 large/hindcast.db "SELECT group_concat(status || ' ' || sha256 || ' ' || size, ', ') FROM source")" = "$(printf 'read %s %s, copy %s %s' $(for i in 1 2; do sha256sum <large/evidence/a.log | cut -d' ' -f1; wc -c <large/evidence/a.log; done))" ]
t "a large file is hashed while it is read, and a copy of it is known" $?
echo more >>large/evidence/a.log
"$hindcast" import -q -C large --format syslog --zone UTC --year 2023 large/evidence/a.log 2>err
[ $? = 3 ] && grep -q 'a.log: changed since it was imported' err
t "so is that it changed" $?

# Narrowed to some names: the rows that a search for words finds, with the ids that belong to them, which come behind the rows that have them.
mkdir -p narrow/evidence
cat >narrow/evidence/db.sql <<'T'
-- PostgreSQL database dump
CREATE TABLE public.journals (
CREATE TABLE public.project_events (
CREATE TABLE public.user_events (
COPY public.journals (id, name, version, action, submitted_date, submitted_by) FROM stdin;
1	spam	1.0	add Owner ana	2023-11-22 00:00:01	bob
2	spam	1.0	add py3 file spam-1.0.tar.gz	2023-11-22 00:00:02	bob
3	ana-tools	1.0	create	2023-11-22 00:00:03	bob
4	Old_Name	1.0	create	2023-11-22 00:00:04	bob
5	other	1.0	create	2023-11-22 00:00:05	ANA
6	other	1.0	remove Owner ana2	2023-11-22 00:00:06	bob
\.
COPY public.user_emails (id, user_id, email, "primary", verified) FROM stdin;
7	u-0001	mail@x.example	t	t
8	u-0002	ana@x.example	t	t
\.
COPY public.user_events (id, source_id, tag, "time", ip_address_id, additional) FROM stdin;
e1	u-0001	account:login:success	2023-11-22 00:00:07	i1	{}
e2	u-0002	account:login:success	2023-11-22 00:00:08	i1	{"email": "mail@x.example"}
e3	u-0002	account:login:success	2023-11-22 00:00:09	i1	{}
\.
COPY public.users (id, username, date_joined, is_frozen) FROM stdin;
u-0001	Ana	2020-01-01 00:00:00	f
u-0002	bob	2020-01-01 00:00:00	f
\.
-- PostgreSQL database dump complete
T
printf '%s\n' 'Nov 22 00:00:00 h postfix/qmgr[1]: FFFFFF01: from=<a@x.example>, size=1' \
    'Nov 22 00:00:01 h postfix/smtp[1]: FFFFFF01: to=<mail@x.example>, status=sent' \
    'Nov 22 00:00:02 h postfix/qmgr[1]: FFFFFF02: from=<a@x.example>, size=1' \
    'Nov 22 00:00:03 h postfix/smtp[1]: FFFFFF02: to=<ana@x.example>, status=sent' >narrow/evidence/mail.log
"$hindcast" import -q -C narrow --scope ana --scope old-name narrow/evidence/db.sql narrow/evidence/mail.log 2>err
[ $? = 0 ] && [ "$(sqlite3 narrow/hindcast.db 'SELECT group_concat(line) FROM (SELECT source, line FROM event UNION ALL SELECT source, line FROM state ORDER BY source, line)')" = 6,9,10,14,18,19,23,2 ] &&
    [ "$(sqlite3 narrow/hindcast.db "SELECT group_concat(records || ' ' || ignored) || ' ' || max(scope) FROM source")" = '13 6,4 1 ["ana","mail@x.example","old-name","u-0001"]' ]
t "an import that is narrowed keeps what touches the names, and follows their ids" $?
"$hindcast" verify -C narrow >/dev/null
t "verify narrows in the same way" $?
"$hindcast" import -q -C narrow --scope ana narrow/evidence/db.sql 2>err && ! "$hindcast" import -q -C narrow --scope bob narrow/evidence/db.sql 2>err && grep -q 'db.sql: was imported with another scope' err
t "another scope than that of the import is told" $?
"$hindcast" import -q -C narrow --scope '' narrow/evidence/db.sql 2>err
[ $? = 2 ] && grep -q 'a scope needs names' err
t "an empty name is no scope" $?
mkdir -p order/evidence && cp narrow/evidence/db.sql narrow/evidence/mail.log order/evidence
"$hindcast" import -q -C order --scope ana order/evidence/mail.log order/evidence/db.sql 2>err
[ $? = 3 ] && grep -q 'evidence/db.sql: names of the scope that it adds were not looked for in the files before it' err
t "names of a scope that come too late for a file are told" $?

# Wrong calls.
{ cat "$log"; echo more; } >out/b/other.log
"$hindcast" import -q -C s --format nonsense out/b/mail.log 2>/dev/null
[ $? = 2 ]
t "a format that does not exist is a wrong call" $?
"$hindcast" import -q -C s --profile slack --format syslog out/b/other.log 2>err
[ $? = 2 ] && grep -q 'the profile slack does not understand syslog, which this is' err
t "a profile of another format is refused" $?
"$hindcast" import -q -C s out/nothing.log 2>err
[ $? = 3 ] && grep -q 'external/nothing.log: No such file or directory' err
t "a file that does not exist is named" $?
"$hindcast" formats out/a/mail.log "$src/examples/benign-week/evidence/chat/slack-export.zip" >got && grep -q '^out/a/mail.log: syslog (85): ' got &&
    grep -q 'slack-export.zip!users.json: json (60): ' got
t "formats says what files are, members too" $?
python3 -c 'import zipfile
with zipfile.ZipFile("named.zip", "w") as z: z.writestr("caf\u00e9 \u65e5\u672c/users.json", "[]")'
LC_ALL=C "$hindcast" formats named.zip >got && grep -q "^named.zip!$(printf 'caf\303\251 \346\227\245\346\234\254')/users.json: json" got
t "a member's name may have any characters, whatever the locale" $?
"$hindcast" formats out/nothing.log out/a/mail.log >got 2>err
[ $? != 0 ] && grep -q '^out/a/mail.log: syslog' got && grep -q 'out/nothing.log' err
t "formats goes on behind a file that it cannot read" $?
"$hindcast" sources -C c -f jsonl | grep -q '"source": "evidence/twice.zip!one.log#2", "status": "read"'
t "sources has a form for machines" $?
"$hindcast" sources -C c --rejects -f jsonl >got
[ "$(wc -l <got)" = 13 ] && grep -q '^{"source": "evidence/nul.log", "record": [0-9]*, "line": [0-9]*, "offset": [0-9]*, "length": 10, "why": "not a line of syslog"}$' got
t "so have the rejected records" $?

# Two large sources of the same hours, read in one call: their rows lie between each other in the table.
mkdir -p two/evidence one && for i in 1 2; do
    awk -v i=$i 'BEGIN { for (n = 0; n < 15000; n++) printf "{\"@timestamp\": %d, \"_document_id\": \"%d-%d\", \"action\": \"org.add_member\", \"actor\": \"a%d\", \"user\": \"u%d\"}\n",
        1700000000000 + n * 1000 + i, i, n, n % 7, n % 11 }' >two/evidence/$i.ndjson
done
cp -R two/evidence one/ && "$hindcast" import -q -C two two/evidence/*.ndjson && "$hindcast" import -q --safe-writer -C one one/evidence/*.ndjson &&
    [ "$(sql two 'PRAGMA integrity_check')" = ok ] && [ "$(sql two 'SELECT count(*) FROM event_row INDEXED BY event_action WHERE action > 0')" = 30000 ] &&
    sql two .dump | sort >two.dump && sql one .dump | sort >one.dump && cmp -s two.dump one.dump
t "two large sources of the same hours have their indexes" $?

# Lines that events cite stand in their rows: of a message with two recipients those behind each other and those far apart.
mkdir -p cited/evidence rowed && awk 'BEGIN {
    for (n = 0; n < 12000; n++) {
        h = sprintf("Nov %2d %02d:%02d:%02d relay1 postfix/", 1 + n / 600, n / 25 % 24, n % 60, n * 7 % 60)
        if (n >= 50) { m = n - 50; printf "%ssmtp[4]: %X3BC0FFEE: to=<late%d@y.example>, relay=x[192.0.2.9]:25, delay=9, dsn=2.0.0, status=sent (250 ok)\n%sqmgr[3]: %X3BC0FFEE: removed\n", h, m + 4096, m, h, m + 4096 }
        printf "%ssmtpd[1]: %X3BC0FFEE: client=a[192.0.2.1]\n%scleanup[2]: %X3BC0FFEE: message-id=<%d@x.example>\n", h, n + 4096, h, n + 4096, n
        printf "%sqmgr[3]: %X3BC0FFEE: from=<a%d@x.example>, size=1, nrcpt=2 (queue active)\n", h, n + 4096, n % 77
        printf "%ssmtp[4]: %X3BC0FFEE: to=<b%d@y.example>, relay=x[192.0.2.9]:25, delay=1, dsn=2.0.0, status=sent (250 ok)\n", h, n + 4096, n } }' >cited/evidence/mail.log
cp -R cited/evidence rowed/ && "$hindcast" import -q -C cited --zone UTC --year 2023 cited/evidence/mail.log &&
    "$hindcast" import -q --safe-writer -C rowed --zone UTC --year 2023 rowed/evidence/mail.log &&
    [ "$(sql cited 'PRAGMA integrity_check; SELECT count(*) > 70000 FROM witness')" = "$(printf 'ok\n1')" ] &&
    [ "$(sql cited "SELECT count(*) FROM witness_row")" = 0 ] &&
    sql cited .dump | sort >cited.dump && sql rowed .dump | sort >rowed.dump && cmp -s cited.dump rowed.dump
t "cited lines of rows that are built as a whole tree are the same as those written row by row" $?

# Many small files share a transaction: what is stored is the same as one by one, also where one among them cannot be read.
mkdir -p many/evidence each && for i in $(seq 100 399); do
    printf 'From: a%s@x.example\nTo: b@x.example\nDate: Mon, 20 Nov 2023 07:00:00 -0500\nMessage-ID: <%s@x>\n\nbody %s\n' $i $i $i >many/evidence/$i.eml
done
gzip -c many/evidence/150.eml | head -c 60 >many/evidence/200.gz && cp -R many/evidence each/ && "$hindcast" import -q -C many many/evidence/* 2>many.err
[ $? = 3 ] && [ "$(wc -l <many.err)" = 2 ] && for f in each/evidence/*; do "$hindcast" import -q -C each "$f" 2>>each.err; done
sed 's/-C each/-C many/' each.err | cmp -s many.err - && [ "$(sql many "SELECT count(*) FROM event")" = 301 ] && sql many .dump | sort >many.dump && sql each .dump | sort >each.dump &&
    cmp -s many.dump each.dump
t "many small files are read as each alone" $?
exit $bad
