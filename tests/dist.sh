#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tarball holds what git lists, and nothing else but what autotools make. Usage: dist.sh SRCDIR, in a configured build folder.
set -u
src=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/hindcast-dist.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
git -C "$src" rev-parse --git-dir >/dev/null 2>&1 || { echo "skipped dist: not a checkout"; exit 0; }
# a file that is in work and not added yet counts as well
git -C "$src" ls-files -z --cached --others --exclude-standard | tr '\0' '\n' | while read -r f; do [ -e "$src/$f" ] && echo "$f"; done | LC_ALL=C sort -u >"$work/git"
make -s distdir distdir="$work/tar" >"$work/log" 2>&1 || { cat "$work/log"; echo "not ok the tarball can be made"; exit 1; }
(cd "$work/tar" && find . -type f -o -type l) | sed 's|^\./||' |
    grep -vxE 'configure|aclocal\.m4|config\.h\.in|Makefile\.in|build-aux/.*' | LC_ALL=C sort >"$work/dist"
if diff "$work/git" "$work/dist"; then
    echo "ok the tarball holds what git lists"
else
    echo "not ok the tarball holds what git lists"
    exit 1
fi
