# SPDX-License-Identifier: Apache-2.0
# Shared by demo.sh and test.sh; sourced in the top folder.

packages="autoconf automake make gcc pkg-config check libglib2.0-dev libsqlite3-dev libarchive-dev libgmime-3.0-dev libyaml-dev libssl-dev libcmark-dev libxml2-dev
zlib1g-dev liblz4-dev libzstd-dev liblzma-dev libbz2-dev libpcre2-dev libjansson-dev sqlite3 python3 tzdata"

need_packages() {
    missing=
    for p in $packages ${1:-}; do
        dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
    done
    [ -z "$missing" ] && return 0
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing
}

# build_in DIR [CONFIGURE-OPTION...]
build_in() {
    dir=$1
    shift
    [ -x configure ] && [ configure -nt configure.ac ] && [ Makefile.in -nt Makefile.am ] || autoreconf -fi >/dev/null 2>&1
    mkdir -p "$dir"
    [ -e "$dir/config.status" ] && [ "$dir/config.status" -nt configure ] || (cd "$dir" && ../configure "$@" >configure.log)
    make -C "$dir" -s -j2
}
