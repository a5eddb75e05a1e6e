#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual pages against the program: every command and option is explained, and the examples run as they are printed, on a copy
# of examples/. Commands and options that the program does not have (yet) are skipped. Usage: manual.sh HINDCAST SRCDIR
set -u
hindcast=$1
src=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/hindcast-manual.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
bad=0
t() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; bad=1; fi; }
# The lines of a page's EXAMPLES, as they are printed.
examples() { sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$1" | sed '/^\./d; s/\\-/-/g; s/\\&//g'; }

mkdir "$work/bin" && cp -R "$src/examples/." "$work/" && chmod -R u+w "$work" && ln -s "$hindcast" "$work/bin/hindcast" && cd "$work" || exit 2
PATH=$work/bin:$PATH
export PATH
hindcast --help | sed -n 's/^  \([a-z-]*\) .*/\1/p' >commands
hindcast events --help | sed -n 's/^ .*\(--[a-z-]*\).*/\1/p' | grep -v -x -e '--help' >options
sed 's/\\-/-/g' "$src/man/hindcast.1" >page
for c in $(cat commands); do grep -q "^\.It Cm $c\b" page || { echo "the manual does not know the command $c"; false; } || break; done
t "the manual explains every command" $?
for o in $(cat options); do grep -q "^\.It.* Fl -${o#--}\b" page || { echo "the manual does not know the option $o"; false; } || break; done
t "the manual explains every option" $?

examples "$src/man/hindcast.1" | sed -n 's/^\$ //p' >lines
while read -r line; do
    set -f; set -- $line; set +f
    known=0
    if [ "$1" = hindcast ]; then
        grep -qxF "$2" commands || known=1
        for word; do
            case $word in
            --*) grep -qxF -e "$word" options || known=1 ;;
            -?) hindcast events --help | grep -q -e "^  $word," || known=1 ;;
            esac
        done
    elif ! command -v "$1" >/dev/null; then
        known=1
    fi
    if [ $known = 1 ]; then
        echo "skipped example: $line"
        continue
    fi
    sh -c "$line" >.said 2>.err </dev/null && [ ! -s .err ] && { [ -s .said ] || [ "$2" != events ]; } || { cat .err; false; }
    t "example: $line" $?
done <lines

examples "$src/man/hindcast-case.5" >pypi-2023-11-22/case.yaml
rm -f pypi-2023-11-22/hindcast.db
hindcast run -q pypi-2023-11-22 >/dev/null && hindcast sources -C pypi-2023-11-22 -f jsonl | grep -q '"label": "before"'
t "the case file of the manual is one" $?
sed -n 's/^.*keys\[\] = {\(.*\)/\1/p; s/^  *"authors".*/&/p' "$src/src/base/case.c" | grep -o '"[a-z]*"' | tr -d '"' >keys
for key in $(cat keys); do grep -q "^\.It Ic $key$" "$src/man/hindcast-case.5" || { echo "no entry for $key"; false; } || break; done && [ "$(wc -l <keys)" -ge 19 ]
t "the manual explains every key of a case file" $?
if command -v mandoc >/dev/null; then
    # whether the pages that are referred to are installed is not the matter here
    mandoc -Tlint -W warning "$src"/man/*.[15] >lint
    t "the manual pages are clean" $?
    cat lint
else
    echo "skipped manual lint: no mandoc"
fi
exit $bad
