#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `hindcast init` on new and filled folders. Usage: init.sh HINDCAST SRCDIR; one line "ok NAME" or "not ok NAME" per test.
set -u
hindcast=$1
src=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/hindcast-init.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
model=$src/examples/pypi-2023-11-22
bad=0
t() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; bad=1; fi; }
cd "$work" || exit 2

"$hindcast" init new >out && [ "$(cat out)" = new/case.yaml ] && [ -d new/evidence ] && [ -r new/notes/README.md ] && "$hindcast" run -q new >/dev/null
t "a new folder becomes a case that runs" $?
for slot in summary cause impact lessons advice thanks; do grep -q "^- $slot.md: " new/notes/README.md || break; done
t "the notes name every slot of the report" $?

mkdir full && cp -R "$model/evidence" full/ && chmod -R u+w full && mkdir full/notes && echo mine >full/notes/README.md
printf x >"full/evidence/$(printf 'a\"b\nc: [')" && printf x >"full/evidence/$(printf '\377')" && : >full/evidence/empty
printf -- '-- PostgreSQL database dump\n-- Started on 2023-11-22 15:05:00 UTC\n' >"full/evidence/$(printf 'q\"\\\033\302\205\360\235\205\263.sql')"
"$hindcast" init full >/dev/null && grep -q '^  - path: "evidence/mail/mail.log\*"$' full/case.yaml && grep -q '^    #zone: ' full/case.yaml &&
    grep -q '^    #year: ' full/case.yaml && grep -q '^    #taken: ' full/case.yaml && grep -q '^    profile: "warehouse" ' full/case.yaml &&
    grep -q 'started on 2023-11-22 15:05:00 UTC$' full/case.yaml
t "the draft names what the files cannot say about themselves" $?
[ "$(cat full/notes/README.md)" = mine ]
t "notes that exist are left alone" $?
"$hindcast" run -q full >/dev/null 2>&1
[ $? = 3 ] && [ "$("$hindcast" events -C full | wc -l)" -gt 100 ]
t "run works on the draft, whatever the names of the files" $?
"$hindcast" sources -C full -f jsonl | grep -q '"zone_basis": "assumed"'
t "what nobody said is marked as assumed" $?

cp full/case.yaml before
"$hindcast" init full >out 2>&1
[ $? = 2 ] && cmp -s before full/case.yaml && grep -q 'exists already' out
t "a case file that exists is left as it is, and that is an error" $?
rm -f full/hindcast.db
sed -i 's|#zone: .*|zone: America/New_York|; s|#year: .*|year: 2023|; s|#taken: .*|taken: 2023-11-22T16:00:00Z|' full/case.yaml
"$hindcast" run -q full >/dev/null 2>&1
[ $? = 3 ] && "$hindcast" sources -C full -f jsonl | grep '"source": "evidence/mail/mail.log"' | grep -q '"zone": "America/New_York", "zone_basis": "given"'
t "the lines that were commented out can be filled in as they stand" $?
# Tables that nobody knows: told at the import, and drafted. Names are the evidence's, and so may be anything.
mkdir -p odd/evidence && cat >odd/evidence/a.sql <<'D'
-- PostgreSQL database dump
CREATE TABLE public.logins (
    id integer,
    user_id integer,
    "created_at" timestamp,
    ip inet,
    action text,
    one_time_password text,
    "resetToken" text,
    "odd { name" text,
    "no" text,
    """q"": [x" text
);
COPY public.logins (id, user_id, created_at, ip, action, one_time_password, "resetToken", "odd { name", "no", """q"": [x") FROM stdin;
1	7	2024-01-01 00:00:00	10.0.0.1	login	SECRET	SECRET	x	n	q
\.
INSERT INTO audit.logins (a, b) VALUES (1, 2);
CREATE TABLE public."{all}" (password text);
COPY public."{all}" (password) FROM stdin;
SECRET
\.
-- PostgreSQL database dump complete
D
printf 'id,name,apiToken\n1,x,SECRET\n2,y,SECRET\n' >odd/evidence/things.csv
printf -- '-- MySQL dump 10\nCREATE TABLE `notes` (`id` int, `body` text, `pw` text);\nINSERT INTO `notes` VALUES (1,"b","SECRET");\n-- Dump completed\n' >odd/evidence/notes.sql
"$hindcast" run -q odd >/dev/null 2>err
[ $? = 3 ] && grep -q 'evidence/a.sql: no profile says what its records mean; kept as state, without what sounds like a secret: audit.logins (1), logins (1); not kept: {all} (1)$' err &&
    grep -q 'evidence/things.csv: .*things (2)$' err && [ "$(grep -c '.hindcast init odd. drafts a profile .*time, actor and action' err)" = 1 ]
t "tables that no profile knows are told at the import" $?
[ "$(sqlite3 odd/hindcast.db "SELECT value FROM state WHERE value LIKE '{\"id\":\"2\"%'")" = '{"id":"2","name":"y"}' ] && ! grep -q SECRET odd/hindcast.db
t "their rows are kept as state, but for secrets" $?
grep -q "^No rule accuses an account of anything in what was read. That is not all of the sources listed below" odd/report/incident.md &&
    grep -q '^- \*\*Not understood:\*\* no profile says what the records of `evidence/things.csv` mean' odd/report/incident.md && ! grep -q '1970\|^date:' odd/report/incident.md
t "the report does not say that they were read whole, nor a date that nothing has" $?
mkdir many && awk 'BEGIN {
    print "-- PostgreSQL database dump"
    for (i = 0; i <= 10000; i++) printf "COPY public.t%d (id, name) FROM stdin;\n1\tx\n\\.\n", i
    print "-- PostgreSQL database dump complete"
}' >many.sql
"$hindcast" import -q -C many many.sql 2>err
[ $? = 3 ] && grep -q ' and 9994 more; not kept: t10000 (1)$' err && [ "$(sqlite3 many/hindcast.db 'SELECT count(*) FROM state')" = 10000 ]
t "of so many tables, and what lies in others is told" $?
"$hindcast" init odd >out && [ "$(cat out)" = "$(printf 'odd/profiles/odd.yaml\nodd/case.yaml')" ] && grep -q 'profile: "odd"   # drafted' odd/case.yaml
t "a profile is drafted for them" $?
cp odd/profiles/odd.yaml before
"$hindcast" init odd >out 2>&1
[ $? = 2 ] && cmp -s before odd/profiles/odd.yaml
t "it is not drafted again" $?
rm odd/hindcast.db && "$hindcast" run -q odd >/dev/null 2>err
[ $? = 0 ] && [ "$(sqlite3 odd/hindcast.db "SELECT group_concat(value, ' ') FROM (SELECT value FROM state ORDER BY id)")" = "$(echo '{"id":"1","user_id":"7","created_at":"2024-01-01 00:00:00","ip":"10.0.0.1","action":"login","no":"n","\"q\": [x":"q"} {"a":"1","b":"2"}' \
    '{"id":"1","body":"b"} {"id":"1","name":"x"} {"id":"2","name":"y"}')" ]
t "with the draft every row is kept as it stands" $?
! sqlite3 odd/hindcast.db .dump | grep -q SECRET && grep -q '^- logins.one_time_password$' odd/profiles/odd.yaml
t "but for columns that sound like secrets" $?
sed -i 's/^#  event:/  event:/; s/^#    \(time\|actor\|address\|text\|select\|cases\):\(.*\)/    \1:\2/; /COLUMN/d; /^- type: audit/,/^  state/{/event/d}; /^- type: notes/,/^  state/{/event/d}; /^- type: things/,/^  state/{/event/d}' odd/profiles/odd.yaml
rm odd/hindcast.db && "$hindcast" run -q odd >/dev/null && "$hindcast" events -C odd -f jsonl >out && grep -q '"time": "2024-01-01T00:00:00.000000Z".*"action": "login-success".*"address": "10.0.0.1"' out && [ "$(wc -l <out)" = 1 ]
t "its lines of an event make events when the marks are taken away" $?
rm odd/case.yaml odd/hindcast.db && mv odd/profiles/odd.yaml odd/profiles/x.yaml && "$hindcast" init odd >out && [ "$(cat out)" = odd/case.yaml ] && grep -q 'profile: "odd"   # recognised' odd/case.yaml
t "a profile that was drafted recognises its tables" $?
"$hindcast" init 2>/dev/null
[ $? = 2 ]
t "init without a folder is a wrong call" $?
exit $bad
