#!/usr/bin/env bash
# Runs a command in a Debian 13 of its own, with Wine 10, mingw-w64, NSIS and wixl, made on first use (3 GB). Needs root and debootstrap.
# usage: root.sh [--offline] FOLDER COMMAND [ARGUMENT ...]     (FOLDER: where it lies, or is to lie)
# The checkout, and TELLTALE_WORK when set, are there at their own paths. Nothing stays mounted when the command ends.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
[[ ${TELLTALE_INSIDE:-} ]] || TELLTALE_INSIDE=1 exec unshare --mount --propagation private "$0" "$@"
network=()
[[ $1 == --offline ]] && { network=(unshare --net); shift; }
root=$1
shift
if [[ ! -e $root/complete ]]; then
    echo "making a Debian 13 with Wine (minutes, once)" >&2
    rm -rf --one-file-system "$root"
    mkdir -p "$root"
    debootstrap --variant=minbase --include=ca-certificates trixie "$root" >&2
fi
mkdir -p "$root$checkout"
for place in dev proc sys; do mount --rbind "/$place" "$root/$place"; done
mount --bind "$checkout" "$root$checkout"
if [[ ${TELLTALE_WORK:-} ]]; then
    mkdir -p "$TELLTALE_WORK" "$root$TELLTALE_WORK"
    mount --bind "$TELLTALE_WORK" "$root$TELLTALE_WORK"
fi
inside() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 XDG_RUNTIME_DIR=/tmp WINEDEBUG=-all "$@"; }
if [[ ! -e $root/complete ]]; then
    cp -f /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
    apt-config dump | grep '^Acquire::' >"$root/etc/apt/apt.conf.d/90host" || true # a proxy, say
    inside dpkg --add-architecture i386
    inside apt-get update -qq >&2
    inside DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wine wine64 wine32:i386 nsis wixl osslsigncode cmake \
        ninja-build g++-mingw-w64-x86-64-posix >&2
    touch "$root/complete"
fi
exec "${network[@]}" chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 XDG_RUNTIME_DIR=/tmp WINEDEBUG=-all "$@"
