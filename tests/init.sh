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
"$hindcast" init 2>/dev/null
[ $? = 2 ]
t "init without a folder is a wrong call" $?
exit $bad
