#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Build-time generator. Writes C on standard output.
#   gen.sh assets SRCDIR FILE...            the embedded texts, by path
#   gen.sh registry importer|renderer FILE...   the table of what is compiled
set -eu
mode=$1
shift
echo '/* Generated; do not edit. */'
case $mode in
assets)
    srcdir=$1
    shift
    echo '#include "src/base/asset.h"'
    n=0
    for f in "$@"; do
        n=$((n + 1))
        echo "static const unsigned char a$n[] = {"
        od -An -v -tu1 "$srcdir/$f" | sed 's/[0-9][0-9]*/&,/g'
        echo '0};'
    done
    echo 'const struct hc_asset hc_assets[] = {'
    n=0
    for f in "$@"; do
        n=$((n + 1))
        echo "    {\"$f\", a$n, sizeof(a$n) - 1},"
    done
    echo '    {NULL, NULL, 0}};'
    ;;
registry)
    kind=$1
    shift
    case $kind in
    importer) echo '#include "src/evidence/importer.h"' ;;
    renderer) echo '#include "src/narrate/renderer.h"' ;;
    esac
    for f in "$@"; do
        echo "extern const struct hc_$kind hc_${kind}_$(basename "$f" .c);"
    done
    echo "const struct hc_$kind *const hc_${kind}s[] = {"
    for f in "$@"; do
        echo "    &hc_${kind}_$(basename "$f" .c),"
    done
    echo '    NULL};'
    ;;
esac
