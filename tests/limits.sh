#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The limits inside of importers and store, each reached by a made file: what is beyond is named or counted, the rest is read.
# Usage: limits.sh HINDCAST SRCDIR; one line "ok NAME" or "not ok NAME" per test.
set -u
hindcast=$1
src=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/hindcast-limits.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
bad=0
t() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; bad=1; fi; }
# limit NAME as the sources define it
limit() { sed -n "s/^#define $1 (*\([0-9]*\).*/\1/p" "$src"/importers/*.c "$src"/src/base/xmlin.h "$src"/src/evidence/*.[ch] "$src"/src/evidence/log/*.[ch]; }
# the same, of one that is written as (N << M)
shifted() { echo $(($(sed -n "s/^#define $1 (\([0-9]*\)u* << \([0-9]*\)).*/\1 << \2/p" "$src"/importers/*.c "$src"/src/evidence/statement.h "$src"/src/evidence/log/*.h))); }
sql() { sqlite3 "$1/hindcast.db" "$2"; }
run() { "$hindcast" run -q "$1" >/dev/null 2>"$1.err"; }
cd "$work" || exit 2

# Messages in flight: the first is long forgotten, one that is heard of again and again is not.
mkdir -p queues/evidence
awk -v n="$(limit HC_FLOW_MESSAGES_MAX)" 'BEGIN {
    line = "Nov 22 00:00:00 h postfix/"
    print line "smtpd[1]: FFFFFF01: client=first[10.0.0.1]"; print line "smtpd[1]: FFFFFF02: client=kept[10.0.0.2]"
    for (i = 0; i <= n; i++) {
        printf "%scleanup[1]: %08d: message-id=<%d>\n", line, i, i
        if (i % 50000 == 0) print line "qmgr[1]: FFFFFF02: from=<kept@x.example>, size=1"
    }
    print line "smtp[1]: FFFFFF01: to=<a@x.example>, status=sent"; print line "smtp[1]: FFFFFF02: to=<b@x.example>, status=sent"
}' >queues/evidence/mail.log
run queues
[ "$(sql queues 'SELECT group_concat(coalesce(actor.name, "-") || " " || coalesce(a.name, "-")) FROM event AS e LEFT JOIN entity AS actor ON actor.id = e.actor LEFT JOIN entity AS a ON a.id = e.address')" = '- -,kept@x.example 10.0.0.2' ] &&
    [ "$(sql queues 'SELECT records - events - ignored - joined FROM source')" = 0 ]
t "of messages in flight those are dropped that nothing was heard of" $?

# Lines of one message, and an address that is none.
mkdir -p parts/evidence
awk -v n="$(limit HC_FLOW_PARTS_MAX)" -v f="$(limit HC_FLOW_FIELD_MAX)" 'BEGIN {
    for (i = 0; i < n + 10; i++) print "Nov 22 00:00:00 h postfix/qmgr[1]: FFFFFF01: from=<a@x.example>, size=1"
    print "Nov 22 00:00:01 h postfix/smtp[1]: FFFFFF01: to=<b@x.example>, status=sent"
    for (i = 0; i <= f; i++) long = long "x"
    print "Nov 22 00:00:02 h postfix/qmgr[1]: FFFFFF02: from=<" long ">, size=1"
    print "Nov 22 00:00:03 h postfix/smtp[1]: FFFFFF02: to=<b@x.example>, status=sent"
}' >parts/evidence/mail.log
run parts
[ "$(sql parts 'SELECT max(n) FROM (SELECT count(*) AS n FROM witness GROUP BY event)')" = "$(limit HC_FLOW_PARTS_MAX)" ] &&
    [ "$(sql parts 'SELECT joined FROM source')" = $(($(limit HC_FLOW_PARTS_MAX) + 11)) ] && [ "$(sql parts 'SELECT count(*) FROM event WHERE actor IS NULL')" = 1 ]
t "an event cites so many lines, all are counted; an endless address is none" $?

# A log that an archive holds in more files than are joined.
mkdir -p often/evidence && python3 - often/evidence "$(limit HC_ARCHIVED_FILES_MAX)" <<'P'
import io, sys, tarfile
for name, n in (("all.tar", int(sys.argv[2])), ("many.tar", int(sys.argv[2]) + 1)):
    with tarfile.open(f"{sys.argv[1]}/{name}", "w") as t:
        for i in range(n):
            line = f"Nov 22 00:00:{59 - i * 59 // n:02d} h postfix/qmgr[1]: FFFFFF01: from=<a@{name}.example>, size=1\n".encode()
            if i == 0:
                line += b"Nov 22 00:01:00 h postfix/smtp[1]: FFFFFF01: to=<b@x.example>, status=sent\n"
            m = tarfile.TarInfo(f"mail.log.{i}")
            m.size = len(line)
            t.addfile(m, io.BytesIO(line))
P
run often
[ "$(grep -c 'many.tar: a log in it was rotated too often' often.err)" = 1 ] && ! grep -q all.tar often.err &&
    [ "$(sql often "SELECT sum(joined) FROM source WHERE path = 'evidence/all.tar'")" = "$(limit HC_ARCHIVED_FILES_MAX)" ] &&
    [ "$(sql often "SELECT sum(joined) FROM source WHERE path = 'evidence/many.tar'")" = 1 ]
t "a log in an archive is joined from so many files, beyond that it is told" $?

# Entries of Exim that are longer than it writes any; refusals whose copy comes too late to be known as one.
mkdir -p exim/evidence
awk -v n="$(($(limit HC_EXIM_ENTRY_MAX) * 1024))" -v texts="$(limit HC_EXIM_TEXTS_MAX)" 'BEGIN {
    main = "exim/evidence/mainlog"; carried = "exim/evidence/mail.log"
    for (i = 0; i < n; i++) long = long "x"
    print "2023-11-22 09:00:00 1r5abc-0001Xy-2k => a@x.example R=r T=t" >main
    print long >main
    print "2023-11-22 09:00:01 1r5abd-0001Xy-2k ** " long >main
    print "2023-11-22 09:00:02 1r5abe-0001Xy-2k => b@x.example R=r T=t" >main
    print "Nov 22 09:00:00 h exim[1]: 1r5abd-0001Xy-2k ** " long >carried
    for (i = 0; i < 2; i++) print "Nov 22 09:00:01 h exim[2]: H=[192.0.2.1] rejected EHLO: twice" >carried
    print "Nov 22 09:00:01 h exim[2]: H=[192.0.2.1] rejected EHLO: once" >carried
    for (i = 0; i < texts; i++) print "Nov 22 09:00:01 h exim[3]: H=[192.0.2.1] rejected EHLO: " i >carried
    print "Nov 22 09:00:01 h exim[2]: H=[192.0.2.1] rejected EHLO: once" >carried
}'
run exim
[ $? = 3 ] && [ "$(sql exim "SELECT events || ' ' || rejected FROM source WHERE format = 'exim'")" = '2 2' ] &&
    [ "$(sql exim "SELECT count(*) FROM reject WHERE why LIKE '%longer than any%'")" = 3 ] &&
    [ "$(sql exim "SELECT (events - $(limit HC_EXIM_TEXTS_MAX)) || ' ' || ignored || ' ' || rejected FROM source WHERE format = 'syslog'")" = '3 1 1' ]
t "entries that are longer than any of Exim's are rejected, the next are read; copies are known for so many texts" $?

# Recipients for whom deferrals are counted: of the next ones they are kept, and not counted.
mkdir -p late/evidence
awk -v n="$(limit HC_FLOW_LATE_MAX)" 'BEGIN {
    for (k = 0; k < 2; k++) for (i = 0; i < n + 5; i++) print "Nov 22 00:00:0" k " h postfix/smtp[1]: FFFFFF01: to=<r" i "@x.example>, relay=none, delay=1, dsn=4.4.1, status=deferred (x)"
}' >late/evidence/mail.log
run late
[ "$(sql late "SELECT count(*), sum(fields ->> 'deferrals' = '1'), sum(fields ->> 'deferrals' = '2'), sum(fields ->> 'deferrals' IS NULL) FROM event")" = "$(($(limit HC_FLOW_LATE_MAX) * 2 + 10))|$(limit HC_FLOW_LATE_MAX)|$(limit HC_FLOW_LATE_MAX)|10" ]
t "deferrals are counted for so many recipients of a message" $?

# One message too large, one line too long, the next ones are read.
mkdir -p mail/evidence
awk 'BEGIN {
    line = sprintf("%1000s", "x")
    print "From a@x.example Mon Nov 20 07:21:29 2023\nFrom: a@x.example\n"
    for (i = 0; i < 68000; i++) print line
    print "\nFrom b@x.example Mon Nov 20 07:21:30 2023\nFrom: b@x.example\n\nshort\n"
}' | gzip -1 >mail/evidence/a.mbox.gz
run mail
[ $? = 3 ] && [ "$(sql mail 'SELECT events || " " || rejected FROM source')" = '1 1' ] && sql mail 'SELECT why FROM reject' | grep -q 'larger than 67108864 bytes'
t "a message that is too large is rejected, the next is read" $?
mkdir -p mailline/evidence
awk 'BEGIN {
    print "From a@x.example Mon Nov 20 07:21:29 2023\nFrom: a@x.example\n"
    printf "%17000000s\n", "x"
    print "\nFrom b@x.example Mon Nov 20 07:21:30 2023\nFrom: b@x.example\n\nshort\n"
}' | gzip -1 >mailline/evidence/a.mbox.gz
{ printf 'From: c@x.example\nSubject: s\nTo: d@x.example\n\n'; awk 'BEGIN { printf "%17000000s\n", "x" }'; } | gzip -1 >mailline/evidence/b.eml.gz
run mailline
[ $? = 3 ] && [ "$(sql mailline "SELECT group_concat(events || ' ' || rejected, ', ') FROM source")" = '1 1, 0 1' ] &&
    [ "$(sql mailline "SELECT count(*) FROM reject WHERE why = 'a line of the message is longer than 16777216 bytes'")" = 2 ]
t "a message with a line that is too long is rejected, the next is read" $?

# A report about many recipients, one whose part is longer than is read, and a message with more headers than are read.
mkdir -p report/evidence
report() {
    printf 'From: a@x.example\nMessage-ID: <%s@x.example>\nSubject: s\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n' "$1"
    awk -v n="$2" 'BEGIN { for (i = 0; i < n; i++) printf "Final-Recipient: rfc822; %05d@y.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 no\n\n", i }'
    echo --b--
}
recipients=$(sed -n 's/^#define HC_REPORT_RECIPIENTS_MAX \([0-9]*\).*/\1/p' "$src/src/evidence/mail/report.h")
report many $((recipients + 5)) >report/evidence/a.eml
report long 20000 >report/evidence/b.eml
awk 'BEGIN { print "From: a@x.example"; for (i = 0; i < 1000000; i++) print "X: y"; print "Subject: s\n\nbody" }' >report/evidence/c.eml
run report
[ "$(sql report "SELECT group_concat(n, ' ') FROM (SELECT count(*) AS n FROM event GROUP BY source ORDER BY source)")" = "$((recipients + 2)) $((recipients + 2)) 1" ] &&
    [ "$(sql report "SELECT fields ->> 'recipients-left-out' FROM event WHERE source = 1 AND fields ->> 'recipients-left-out' IS NOT NULL")" = 5 ] &&
    [ "$(sql report "SELECT group_concat(DISTINCT source) FROM event WHERE fields ->> 'left-out' IS NOT NULL")" = 2,3 ]
t "recipients of a report, its text and headers of a message beyond their limits are told" $?

# A row that is too long; more columns than a table can have; long texts; as many rows of one instant as one wants; many names.
mkdir -p dump/evidence
awk -v c="$(limit HC_PG_COLUMNS_MAX)" 'BEGIN {
    print "-- PostgreSQL database dump\nCREATE TABLE public.journals (\nCREATE TABLE public.file_events (\nCREATE TABLE public.project_events (\n"
    printf "COPY public.users (id, username"
    for (i = 2; i <= c + 5; i++) printf ", c%d", i
    print ") FROM stdin;\nu1\tana"; print "\\."
    print "COPY public.journals (id, name, version, action, submitted_date, submitted_by) FROM stdin;"
    for (i = 0; i < 3000; i++) printf "%d\tp\t1\tcreate\t2023-11-22 00:00:00\tana\n", i
    for (i = 0; i < 5000; i++) long = long "x"
    printf "3000\tp\t1\t%s\t2023-11-22 00:00:01\tana\n", long
    printf "3001\tp\t1\t%16777300s\t2023-11-22 00:00:02\tana\n", "x"
    for (i = 4000; i < 44000; i++) printf "%d\tp%d\tv%d\tadd py%d file f\t2023-11-22 00:00:03\tu%d\n", i, i, i, i, i
    print "44000\tp4000\tv4000\tadd py4000 file f\t2023-11-22 00:00:04\tu4000"
    for (i = 44001; i < 44005; i++) printf "%d\tp\t1\tcreate\t2023-11-22 00:00:05\t%s%d\n", i, long, i % 2
    print "\\.\n-- PostgreSQL database dump complete"
}' | gzip -1 >dump/evidence/a.sql.gz
run dump
[ $? = 3 ] && [ "$(sql dump "SELECT group_concat(why, ', ') FROM reject")" = "users: 2 columns instead of $(limit HC_PG_COLUMNS_MAX), the row is longer than 16777216 bytes" ]
t "more columns than a table has, and a row that is too long, are rejected" $?
[ "$(sql dump "SELECT max(length(text)) FROM event")" = "$(limit HC_TEXT_MAX)" ]
t "a long text is stored up to its limit" $?
[ "$(sql dump "SELECT count(*) || ' ' || sum(coalesce(time, id >> 10) <> 1700611200000000) FROM (SELECT * FROM event ORDER BY id LIMIT 3000)")" = '3000 0' ]
t "three thousand events of one microsecond keep their time" $?
[ "$(sql dump "SELECT count(*) || ' ' || count(DISTINCT key) FROM entity WHERE kind = 1")" = '40003 40003' ] &&
    [ "$(sql dump "SELECT count(*) || ' ' || count(DISTINCT actor) FROM event JOIN entity AS e ON e.id = actor WHERE length(e.key) > $(limit HC_ENTITY_KEY_MAX)")" = '4 2' ]
t "names that are too long to be remembered are told apart by all of them" $?

# Rows of INSERT that are too long over many lines, statements that are, and a line that is; more tables than are remembered.
mkdir -p insert/evidence && awk -v n="$(limit HC_PG_TABLES_MAX)" 'BEGIN {
    print "-- PostgreSQL database dump\nCREATE TABLE public.journals (id int, name text, action text, submitted_date text, submitted_by text);"
    row = ", \047p\047, \047create\047, \0472023-11-22 00:00:00\047, \047ana\047)"
    line = sprintf("%1000s", "x"); fat = sprintf("%16777300s", "x")
    print "INSERT INTO public.journals VALUES (1" row ", (2, \047"; for (i = 0; i < 17000; i++) print line
    print "\047, \047create\047, \0472023-11-22 00:00:00\047, \047ana\047), (3" row ";"
    print "CREATE FUNCTION f() AS $$"; for (i = 0; i < 17000; i++) print line; print "$$;"
    print "INSERT INTO public.journals VALUES (4" row ";\nCOMMENT ON TABLE x IS \047" fat "\047;\nINSERT INTO public.journals VALUES (5" row ";"
    # the line of a string that is too long says nothing about where the string ends
    print "INSERT INTO public.journals VALUES (6, \047" fat "\nINSERT INTO public.journals VALUES (666" row ";\n\047\047" fat "\047, NULL, NULL, NULL);"
    print "INSERT INTO public.journals VALUES (7" row ";"
    print "-- " fat "\nINSERT INTO public.journals VALUES (8" row ";"
    for (i = 2; i < n; i++) print "CREATE TABLE public.t" i " (id int);"
    print "CREATE TABLE public.users (id text, username text);\nCREATE TABLE public.roles (id text, role_name text);"
    print "INSERT INTO public.users VALUES (\047u1\047, \047ana\047);\nINSERT INTO public.roles VALUES (\047r1\047, \047Owner\047);\n-- PostgreSQL database dump complete"
}' | gzip -1 >insert/evidence/a.sql.gz
"$hindcast" import -q -C insert insert/evidence/a.sql.gz --profile warehouse >/dev/null 2>&1
[ $? = 3 ] && [ "$(sql insert "SELECT group_concat(record || ' ' || why, ', ') FROM (SELECT * FROM reject ORDER BY record)")" = '2 the row is longer than 16777216 bytes, 6 the row is longer than 16777216 bytes, 10 roles: neither the statement nor a CREATE TABLE says what its columns are' ]
t "rows of INSERT and lines that are too long, and tables beyond those that are remembered, are rejected" $?
[ "$(sql insert "SELECT group_concat(value) FROM (SELECT value FROM attribute WHERE name = 'id' ORDER BY value)")" = '1,3,4,5,7,8' ] &&
    [ "$(sql insert 'SELECT states FROM source')" = 1 ]
t "those behind them are read, behind a statement that is too long as well" $?

# A row of CSV that is too long, be it that a quote is not closed for so long; one with too many fields names none.
mkdir -p csv/evidence/a csv/evidence/b && awk -v c="$(limit HC_COLUMNS_MAX)" 'BEGIN {
    print "id,name,version,action,submitted_date,submitted_by\n1,p,1,create,2023-11-22 00:00:00,ana"
    printf "2,p,1,%16777300s,2023-11-22 00:00:01,ana\n", "x"; print "3,p,1,create,2023-11-22 00:00:02,ana"
    print "4,p,1,\"open,2023-11-22 00:00:01,ana"
    for (i = 0; i < 400000; i++) print "                                                                   "
    print "5,p,1,create,2023-11-22 00:00:02,ana"
}' >csv/evidence/a/journals.csv
awk -v c="$(limit HC_COLUMNS_MAX)" 'BEGIN { printf "id"; for (i = 1; i <= c; i++) printf ",c%d", i; print "" }' >csv/evidence/b/journals.csv
"$hindcast" import -q -C csv csv/evidence/a/journals.csv --format csv --profile warehouse >/dev/null 2>&1
[ $? = 3 ] && [ "$(sql csv 'SELECT group_concat(record || " " || why, ", ") FROM (SELECT * FROM reject WHERE record < 5)')" = "2 the row is longer than 16777216 bytes, 4 the row is longer than 16777216 bytes; the quote of a field is not closed in it" ] &&
    [ "$(sql csv 'SELECT count(*) FROM event')" = 3 ]
t "rows of CSV that are too long are rejected, those behind them are read" $?
"$hindcast" import -q -C csv csv/evidence/b/journals.csv --format csv --profile warehouse >/dev/null 2>&1
[ $? = 3 ] && sql csv 'SELECT why FROM source' | grep -q 'does not name the fields: it has too many'
t "a row of more names than a table has columns names none" $?

# Rows and statements of MySQL that are too long; those behind them are read.
mkdir -p my/evidence && awk -v c="$(limit HC_COLUMNS_MAX)" 'BEGIN {
    print "-- MySQL dump 10\nCREATE TABLE `journals` (`id` int, `name` text, `action` text, `submitted_date` text, `submitted_by` text);"
    row = ",\047p\047,\047create\047,\0472023-11-22 00:00:00\047,\047ana\047)"
    print "INSERT INTO `journals` VALUES (1" row ",\n(2,\047"; for (i = 0; i < 400000; i++) print "                                                  "
    print "\047),\n(3" row ",\n(4" row ";"
    for (i = 0; i < 800000; i++) print "SET                                               "
    print ";INSERT INTO `journals` VALUES (5" row ";"
    printf "CREATE TABLE `users` (`c0` int"; for (i = 1; i <= c; i++) printf ",`c%d` int", i; print ");\nINSERT INTO `users` VALUES (1);\n-- Dump completed"
}' >my/evidence/a.sql
timeout 30 "$hindcast" run -q my >/dev/null 2>&1
[ $? = 3 ] && sql my 'SELECT group_concat(why) FROM reject' >my.why && grep -q 'the row is longer than 16777216 bytes' my.why && grep -q 'the statement is longer than 16777216 bytes' my.why &&
    grep -q 'users: nothing names the columns' my.why && [ "$(sql my 'SELECT count(*) FROM event')" = 4 ]
t "rows and statements of MySQL that are too long are rejected, those behind them are read" $?

# Databases of SQLite: a row that is too long, more columns and more tables than are read, more faults than are told one by one; a packed
# one that is too large to be held in memory.
mkdir -p lite/evidence && python3 - lite/evidence "$(limit HC_COLUMNS_MAX)" "$(limit HC_SQLITE_TABLES_MAX)" <<'P'
import gzip, sqlite3, sys
where, columns, tables = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def make(name, size=4096):
    db = sqlite3.connect(where + "/" + name, isolation_level=None)
    db.executescript("PRAGMA page_size = %d; CREATE TABLE journals(id INTEGER PRIMARY KEY, name, version, action, submitted_date, submitted_by); PRAGMA writable_schema = ON" % size)
    return db
def row(db, i, action="create"):
    db.execute("INSERT INTO journals VALUES(?, 'p', '1', ?, ?, 'ana')", (i, action, "2023-11-22 0%d:00:00" % i))
db = make("long.db"); row(db, 1); row(db, 2, "x" * ((16 << 20) + 1)); row(db, 3)
db.execute("CREATE TABLE users(a)"); db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'users'", ("CREATE TABLE users(a%s)" % "".join(", c%d" % i for i in range(columns)),)); db.close()
db = make("tables.db"); row(db, 4)
db.execute("BEGIN"); db.executemany("INSERT INTO sqlite_schema VALUES('table', ?, 'x', 2, 'CREATE TABLE x(a)')", (("t%d" % i,) for i in range(tables))); db.execute("COMMIT"); db.close()
db = make("faults.db", 65536); row(db, 5); db.close()
b = bytearray(open(where + "/faults.db", "rb").read())
b[65536 + 3:65536 + 5] = (1500).to_bytes(2, "big")
open(where + "/faults.db", "wb").write(b)
with gzip.open(where + "/packed.db.gz", "wb", 1) as f:
    f.write(b[:65536]); [f.write(bytes(1 << 20)) for i in range(256)]
P
"$hindcast" run -q lite >/dev/null 2>lite.err
[ $? = 3 ] && [ "$(sql lite "SELECT group_concat(events, ' ') FROM (SELECT * FROM source WHERE status = 'read' ORDER BY path)")" = '1 2 0 1' ] &&
    [ "$(sql lite "SELECT group_concat(r.why, ', ') FROM reject AS r JOIN source AS s ON s.id = r.source WHERE path LIKE '%long.db'")" = 'journals: the row is longer than is read, users is not read: it has more columns than are read' ]
t "a row of SQLite that is too long and a table that is too wide are rejected, the rest is read" $?
[ "$(sql lite "SELECT count(*) FROM reject AS r JOIN source AS s ON s.id = r.source WHERE path LIKE '%tables.db'")" = "$(limit HC_SQLITE_TABLES_MAX)" ] &&
    [ "$(sql lite "SELECT count(*) FROM reject WHERE why = 'the schema: names more tables than are read'")" = 1 ]
t "more tables than are read are reported" $?
[ "$(sql lite "SELECT count(*) || max(r.why) FROM reject AS r JOIN source AS s ON s.id = r.source WHERE path LIKE '%faults.db'")" = '1001journals: page 2 has a cell that does not lie in it' ] &&
    [ "$(sql lite "SELECT count(*) FROM reject WHERE why = 'journals: 499 more places cannot be read'")" = 1 ]
t "faults without end are counted" $?
[ "$(sql lite "SELECT group_concat(r.why) FROM reject AS r JOIN source AS s ON s.id = r.source WHERE path LIKE '%packed.db.gz'")" = 'journals: page 2 is no page of a table' ]
t "a packed database that is larger than what is held in memory is read, and its fault is told" $?

# Rows of mysqldump --tab that are too long, a definition that names too much; calls inside of calls in a dump of SQLite.
mkdir -p tab/evidence/a tab/evidence/b && awk -v c="$(limit HC_COLUMNS_MAX)" -v d=tab/evidence 'BEGIN {
    print "-- MySQL dump 10\nCREATE TABLE `journals` (`id` int, `name` text, `version` text, `action` text, `submitted_date` text, `submitted_by` text);\n-- Dump completed" >(d "/a/journals.sql")
    for (i = 1; i < 5; i++) printf "%d\tp\t1\t%" (i % 2 ? "" : "16777300") "s\t2023-11-22 00:00:0%d\tana\n", i, "create", i >(d "/a/journals.txt")
    printf "-- MySQL dump 10\nCREATE TABLE `users` (`c0` int" >(d "/b/users.sql")
    for (i = 1; i <= c; i++) printf ",`c%d` int", i >(d "/b/users.sql")
    print ");\n-- Dump completed" >(d "/b/users.sql"); printf "1\t\\N\n" >(d "/b/users.txt")
    print "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE journals(id, name, version, action, submitted_date, submitted_by);" >(d "/deep.sql")
    for (i = 0; i < 9; i++) { open = open "replace("; close9 = close9 ",\047a\047,char(98))" }
    print "INSERT INTO journals VALUES(1," open "\047a\047" close9 ",\0471\047,\047create\047,\0472023-11-22 00:00:00\047,\047ana\047);\nCOMMIT;" >(d "/deep.sql")
}'
run tab
[ $? = 3 ] && [ "$(sql tab "SELECT group_concat(why, ', ') FROM reject")" = 'journals: the row is longer than 16777216 bytes, journals: the row is longer than 16777216 bytes, journals: value 2 of this row cannot be read' ] &&
    [ "$(sql tab "SELECT sum(events) FROM source")" = 2 ] && grep -q 'users.txt: nothing names the columns' tab.err
t "rows of mysqldump --tab that are too long, and calls that are too deep, are rejected" $?

# Work that grows with the square of the input would take minutes here.
mkdir -p long/evidence
awk 'BEGIN {
    head = "Nov 22 00:00:00 h postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[1.2.3.4]: "
    s = "<a "; while (length(s) < 1500000) s = s s
    print head s; gsub(/a/, "\"", s); print head s; gsub(/ /, "> ", s); print head s
}' >long/evidence/mail.log
awk 'BEGIN {
    for (i = 0; i < 150000; i++) print (i % 2 ? "2023-11-05" : "2022-11-06") "T01:30:00 h app[1]: x\nNov  5 01:" i % 50 + 10 ":00 h app[1]: y"
}' >long/evidence/hours.log
printf 'title: x\nsources:\n  - path: evidence/hours.log\n    zone: America/New_York\n' >long/case.yaml
{ echo '['; awk 'BEGIN { for (i = 0; i < 60000; i++) print "{\"ts\":\"1\",\n{} {\"k\":[" }'; } >long/evidence/broken.json
timeout 20 "$hindcast" run -q long >/dev/null 2>&1
[ $? = 3 ] && [ "$(sql long "SELECT group_concat(events, ' ') FROM source WHERE format = 'syslog'")" = '300000 3' ]
t "hostile lines take no more time than others of their length" $?

# A repeated hour with more lines than are looked at ahead stays undecided; where they are fewer, it does not.
mkdir -p ahead/evidence && printf 'title: x\nsources:\n  - path: evidence/*\n    zone: America/New_York\n    year: 2023\n' >ahead/case.yaml
awk -v n="$(shifted HC_CLOCK_AHEAD_MAX)" 'BEGIN {
    x = "x"; while (length(x) < 200000) x = x x
    for (size = 0; size < n + 1; size += length(x)) print "Nov  5 01:30:00 h p: " x
    print "Nov  5 01:10:00 h p: x"
}' >ahead/evidence/much.log
{ head -2 ahead/evidence/much.log; tail -1 ahead/evidence/much.log; } >ahead/evidence/little.log
run ahead
[ "$(sql ahead "SELECT group_concat(DISTINCT substr(path, 10) || ' ' || (span > 3600000000) || ' ' || json_extract(fields, '$.time-note'))
    FROM event JOIN source ON source.id = event.source WHERE line = 1")" = \
    'little.log 0 repeated hour, first pass: the lines fall back behind it,much.log 1 the repeated hour has more lines than are looked at ahead' ]
t "a repeated hour that is longer than the look ahead is not decided" $?

# What goes on for many lines is held up to a limit and cited as a whole; a field of the journal that is too long rejects its entry, if it is read.
mkdir -p wide/evidence
awk -v n="$(limit HC_SYSLOG_HELD)" 'BEGIN { print "2023-11-22T00:00:00Z h app[1]: x"; for (i = 0; i < n; i++) print " goes on"; print "2023-11-22T00:00:01Z h app[1]: y" }' >wide/evidence/app.log
awk -v n="$(shifted HC_JOURNAL_FIELD_MAX)" 'BEGIN {
    x = "x"; while (length(x) < n) x = x x
    print "__REALTIME_TIMESTAMP=1\nMESSAGE=" x "\n\n__REALTIME_TIMESTAMP=2\nOTHER=" x "\nMESSAGE=read\n"
}' >wide/evidence/journal
run wide
[ $? = 3 ] && [ "$(sql wide "SELECT group_concat(path || ' ' || events || ' ' || joined || ' ' || rejected, ', ') FROM source")" = \
    "evidence/app.log 2 $(limit HC_SYSLOG_HELD) 0, evidence/journal 1 0 1" ] &&
    [ "$(sql wide "SELECT max(length) FROM event JOIN source ON source.id = event.source WHERE format = 'syslog'")" = $(($(limit HC_SYSLOG_HELD) * 9 + 32)) ] && [ "$(sql wide 'SELECT why FROM reject')" = 'a field is longer than is read' ]
t "records that go on and fields of the journal have their limits" $?

# A record of XML: its bytes, its values, its depth; a statement in it. What lies behind a record that is too much is read.
mkdir -p xml/evidence
awk -v bytes="$(shifted HC_XML_RECORD_MAX)" -v leaves="$(limit HC_XML_LEAVES_MAX)" -v depth="$(limit HC_XML_DEPTH_MAX)" -v text="$(shifted HC_STATEMENT_MAX)" \
    -v columns="$(limit COLUMNS_MAX)" '
    function record(more) { n++; print "<AUDIT_RECORD NAME=\"Query\" RECORD=\"" n "\" TIMESTAMP=\"2024-01-01T00:00:00Z\" CONNECTION_ID=\"1\">" more "</AUDIT_RECORD>" }
    function times(what, often,    all) { all = ""; for (; often > 0; often--) all = all what; return all }
    BEGIN {
        x = "x"; while (length(x) < bytes) x = x x
        print "<AUDIT>"
        record("<SQLTEXT>" x "</SQLTEXT>"); record("<!-- " x " -->"); record(times("<a>1</a>", leaves - 4)); record(times("<a>1</a>", leaves - 3))
        record(times("<a>", depth - 1) times("</a>", depth - 1)); record(times("<a>", depth) times("</a>", depth))
        record("<SQLTEXT>SELECT " substr(x, 1, text) " WHERE</SQLTEXT>")
        record("<SQLTEXT>INSERT INTO t (c0" times(", c", columns) ") VALUES (0" times(", 1", columns) ")</SQLTEXT>")
        record("<SQLTEXT>behind</SQLTEXT>")
        print "</AUDIT>"
    }' >xml/evidence/audit.xml
run xml
[ "$(sql xml "SELECT group_concat(record || ' ' || why, '; ') FROM (SELECT record, substr(why, instr(why, ':') + 2, 30) AS why FROM reject ORDER BY id)")" = \
    '1 a record longer than is read b; 2 a record longer than is read b; 4 more values than a record has,; 6 elements lie deeper inside of ' ] &&
    [ "$(sql xml "SELECT group_concat(record || ' ' || coalesce(replace(substr(fields ->> 'statement', -6), ' ', '_'), '-'), '; ') FROM event")" = \
    '3 -; 5 -; 7 ECT...; 8 _1,_?); 9 behind' ]
t "records of XML and statements in them have their limits" $?

# Folders in folders.
deep=nest/evidence; i=0
while [ $i -lt 70 ]; do deep=$deep/d; i=$((i + 1)); done
mkdir -p "$deep" && : >"$deep/f"
run nest
[ $? = 4 ] && grep -q 'folders are nested too deep' nest.err
t "folders that are nested too deep are an error" $?
exit $bad
