#!/usr/bin/env bash
# Makes a Wine prefix in which the Windows program can be built and tried. usage: prepare.sh PREFIX
# Two libraries of Windows that Wine 10 lacks parts of are completed, see complex.c and icuuc.c; neither is ever shipped.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export WINEPREFIX=$1
[[ -e $WINEPREFIX/ready ]] && exit 0
rm -rf "$WINEPREFIX"
mkdir -p "$(dirname "$WINEPREFIX")"
timeout 600 wineboot --init </dev/null 2>&1 | cat
wineserver --wait
system=$WINEPREFIX/drive_c/windows/system32
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compile() { x86_64-w64-mingw32-gcc-posix -O2 -shared -static "$@"; }
compile -o "$system/icuuc.dll" "$here/icuuc.c"
x86_64-w64-mingw32-gcc-posix -O2 -c -o "$work/complex.o" "$here/complex.c"
ours=$(x86_64-w64-mingw32-nm "$work/complex.o" | sed -nE 's/.* T shim_//p')
cp "$system/ucrtbase.dll" "$work/original.dll"
{
    echo "LIBRARY ucrtbase.dll"
    echo "EXPORTS"
    x86_64-w64-mingw32-objdump -p "$work/original.dll" | sed -nE 's/^\t\[ *[0-9]+\] \+base\[ *[0-9]+\] +[0-9a-f]{4} ([^ ]+)$/\1/p' |
        awk -v ours="$ours" 'BEGIN { split(ours, names); for (n in names) mine[names[n]] = 1 }
            { print "  \"" $1 "\" = " ($1 in mine ? "shim_" $1 : "\"ucrtwine." $1 "\"") }'
} >"$work/ucrtbase.def"
compile -o "$work/ucrtbase.dll" "$work/complex.o" "$work/ucrtbase.def"
# Without its mark as part of Wine the original may be loaded under another name.
printf '\0%.0s' {1..16} | dd of="$work/original.dll" bs=1 seek=64 conv=notrunc status=none
cp "$work/original.dll" "$system/ucrtwine.dll"
cp --remove-destination "$work/ucrtbase.dll" "$system/ucrtbase.dll"
touch "$WINEPREFIX/ready"
