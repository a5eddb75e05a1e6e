#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who may include whom, which libraries have one door only, and what nobody calls.
set -u
cd "${1:-.}" || exit 2
bad=0
complain() { echo "layers: $*"; bad=1; }
# folder | allowed prefixes of "src/..." includes
while IFS='|' read -r folder allowed; do
    for f in "$folder"/*.[ch]; do
        [ -e "$f" ] || continue
        for inc in $(sed -n 's/^#include "\(src\/[^"]*\)".*/\1/p' "$f"); do
            case " $allowed " in *" ${inc%/*} "*) ;; *) complain "$f includes $inc" ;; esac
        done
    done
done <<T
src/base|src/base
src/evidence|src/base src/evidence
src/evidence/log|src/base src/evidence src/evidence/log
src/correlate|src/base src/correlate src/correlate/sigma
src/correlate/sigma|src/base src/correlate/sigma
src/narrate|src/base src/narrate
src/evidence/mail|src/base src/evidence src/evidence/mail
importers|src/base src/evidence src/evidence/log src/evidence/mail
reports|src/base src/narrate
T
# library header | its only door
while IFS='|' read -r header door; do
    for f in $(grep -lE "^#include <$header" -r src importers reports); do
        [ "$f" = "$door" ] || complain "$f includes $header; its door is $door"
    done
done <<T
sqlite3|src/base/db.c
archive|src/base/archivereader.c
openssl|src/base/hash.c
gmime|src/base/mime.c
yaml|src/base/yaml.c
cmark|src/base/markdown.c
libxml/xmlwriter|src/base/xmlout.c
libxml/xmlreader|src/base/xmlin.c
libxml/[^x]|none
zlib|src/base/unpack_zlib.c
lz4|src/base/unpack_lz4.c
zstd|src/base/unpack_zstd.c
lzma|src/base/unpack_xz.c
bzlib|src/base/unpack_bzip2.c
pcre2|src/base/regex.c
T
grep -nE '\b(sprintf|strcpy|strcat|strtok|gets|atoi|localtime|mktime)\(' -r src importers reports && complain "a function that is not used here"
grep -nE '\b(printf|fputs|puts|exit)\(' -r src importers reports --include='*.c' | grep -v '^src/main\.c\|^src/commands[a-z_]*\.c' && complain "only main.c and the commands print or exit"
grep -LE 'SPDX-License-Identifier: Apache-2.0' $(find src importers reports tests \( -path 'tests/golden/*/evidence' -o -path tests/corpus \) -prune -o -type f \( -name '*.[ch]' -o -name '*.css' -o -name '*.html' -o -name '*.sql' -o -name '*.yaml' -o -name '*.sh' -o -name '*.py' \) -print) | grep . && complain "no SPDX line"
[ $bad = 0 ] && echo "layers: ok"
exit $bad
