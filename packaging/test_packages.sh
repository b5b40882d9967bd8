#!/usr/bin/env bash
# Installs, uses, upgrades and removes the Linux packages in a bare Debian 12 without Python and, but for the dependencies, without a network.
# usage: test_packages.sh OUT PICTURE     (OUT: what make_packages.py wrote; needs root, debootstrap, Xvfb, strace, rpm2cpio, cpio)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$1" && pwd)
picture=$(realpath "$2")
[[ ${INSIDE:-} ]] || INSIDE=1 exec unshare --mount --propagation private "$0" "$out" "$picture" # nothing stays mounted when this ends
base=${TELLTALE_BASE_ROOT:-$out/scratch/base}
root=$out/scratch/root
results=$out/test
mkdir -p "$results"
deb=$(ls "$out"/telltale_*_amd64.deb | head -1)
say() { echo "== $*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

# A bare system: Debian's smallest set, no Python.
if [[ ! -e $base/etc/debian_version ]]; then
    say "making a bare Debian 12"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$base" >"$results/debootstrap.log"
fi
rm -rf --one-file-system "$root"
cp -a "$base" "$root"
compgen -G "$root/usr/bin/python3*" >/dev/null && fail "the bare system has Python"
for place in dev proc sys; do mount --rbind "/$place" "$root/$place"; done
mkdir -p "$root/tmp/.X11-unix" /tmp/.X11-unix
mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"

# With a network: only what the package says it depends on. Then the network goes.
say "installing the dependencies that the package names"
cp -f /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
apt-config dump | grep '^Acquire::' >"$root/etc/apt/apt.conf.d/90host" || true # a proxy, say
chroot "$root" apt-get update -qq
chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get satisfy -y -qq --no-install-recommends "$(dpkg-deb -f "$deb" Depends)" >"$results/depends.log" 2>&1 ||
    { tail -5 "$results/depends.log"; fail "the dependencies cannot be had"; }
compgen -G "$root/usr/bin/python3*" >/dev/null && fail "a dependency brings Python along"
chroot "$root" useradd --create-home analyst
cp "$picture" "$root/home/analyst/picture.${picture##*.}"
picture=/home/analyst/picture.${picture##*.}
chroot "$root" chown -R analyst /home/analyst
offline() { unshare --net chroot "$root" "$@"; }
user() { unshare --net chroot --userspec=analyst:analyst "$root" env -i HOME=/home/analyst PATH=/usr/bin:/bin LANG=C.UTF-8 "$@"; }
files() { (cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp -o -path ./home -o -path ./var/lib/dpkg \
    -o -path ./var/log -o -path ./var/cache -o -path ./var/lib/apt \) -prune -o -print | sort); }
files >"$results/before.txt"

say "installing the package"
cp "$out"/telltale_*_amd64.deb "$root/tmp/"
offline dpkg -i "/tmp/$(basename "$deb")" >"$results/install.log" || fail "dpkg"
[[ -x $root/usr/lib/telltale/telltale ]] || fail "no program"
user telltale --version

say "analysing a picture without a network"
time user telltale analyze "$picture" --json >"$results/analysis.json" || fail "analyze"
time user telltale analyze "$picture" --report /home/analyst/reports >"$results/analysis.txt" || fail "analyze --report"
cat "$results/analysis.txt"
user telltale doctor --json >"$results/doctor.json" || fail "doctor"

say "no internet socket in a traced run of the command, nor of the window, which stays open offscreen"
traced() { # FILE SECONDS COMMAND…: its exit status; 124 when it was still running
    local file=$1 seconds=$2
    shift 2
    timeout "$seconds" strace -f -qq -e trace=socket,connect,bind,sendto -o "$file" unshare --net chroot --userspec=analyst:analyst "$root" \
        env -i HOME=/home/analyst PATH=/usr/bin:/bin LANG=C.UTF-8 QT_QPA_PLATFORM=offscreen "$@"
}
traced "$results/trace-command.txt" 600 telltale analyze "$picture" --json >"$results/traced.json" || fail "analyze, traced"
status=0
traced "$results/trace-window.txt" 90 telltale-window "$picture" >"$results/offscreen.txt" 2>&1 || status=$?
[[ $status == 124 ]] || { cat "$results/offscreen.txt"; fail "the window did not stay open offscreen ($status)"; }
for trace in "$results"/trace-*.txt; do
    # Workers try to get one, to prove that they are refused. What counts is one that was given; without any attempt nothing was traced.
    grep -q AF_INET "$trace" || fail "no worker started: $trace"
    if grep AF_INET "$trace" | grep -vE '= -1 (EPERM|EACCES|EAFNOSUPPORT)'; then fail "an internet socket was opened: $trace"; fi
done

say "the window on a virtual screen"
Xvfb :97 -screen 0 1440x900x24 -nolisten tcp >"$results/xvfb.log" 2>&1 &
screen=$!
sleep 2
timeout 60 unshare --net chroot --userspec=analyst:analyst "$root" env -i HOME=/home/analyst PATH=/usr/bin:/bin LANG=C.UTF-8 DISPLAY=:97 \
    QT_QPA_PLATFORM=xcb telltale-window "$picture" >"$results/window.txt" 2>&1 &
window=$!
sleep 40
kill -0 $window 2>/dev/null || { cat "$results/window.txt"; fail "the window did not stay open"; }
DISPLAY=:97 "${TELLTALE_PYTHON:-$here/../.venv/bin/python}" - "$results/window.png" <<'PYTHON'
import sys
from PIL import ImageGrab
picture = ImageGrab.grab(xdisplay=":97").convert("RGB")
picture.save(sys.argv[1])
colours = picture.getcolors(1 << 24)
sys.exit(0 if colours is not None and len(colours) > 500 else "the screen is empty")
PYTHON
kill $window 2>/dev/null || true
wait $window 2>/dev/null || true
kill $screen 2>/dev/null || true

say "upgrade"
newer=$(ls "$out"/newer/telltale_*_amd64.deb | head -1) || fail "no newer package: make_packages.py OUT/newer --version … --again OUT/scratch"
dpkg --compare-versions "$(dpkg-deb -f "$newer" Version)" gt "$(dpkg-deb -f "$deb" Version)" || fail "$newer is no newer version"
cp "$newer" "$root/tmp/"
offline dpkg -i "/tmp/$(basename "$newer")" >>"$results/install.log"
chroot "$root" dpkg-query -W -f '${Version}\n' telltale
[[ $(chroot "$root" dpkg-query -W -f '${Version}' telltale) == "$(dpkg-deb -f "$newer" Version)" ]] || fail "the upgrade did not take place"
user telltale --version

say "removal leaves only what is the user's"
offline dpkg --purge telltale >>"$results/install.log"
files >"$results/after.txt"
diff "$results/before.txt" "$results/after.txt" || fail "files were left"
[[ -d $root/home/analyst/reports ]] || fail "the user's reports are gone"

say "the .rpm, unpacked"
(cd "$root" && rpm2cpio "$out"/telltale-*.x86_64.rpm | cpio -idm --quiet)
user telltale analyze "$picture" --json >"$results/rpm.json" || fail "analyze from the rpm"
rm -rf "$root/usr/lib/telltale" "$root"/usr/bin/telltale*

say "the archive, unpacked where its user likes"
mkdir "$root/home/analyst/my programs"
tar -xf "$out"/telltale-*.tar.xz -C "$root/home/analyst/my programs" --no-same-owner
user "/home/analyst/my programs/telltale/telltale" analyze "$picture" --json >"$results/archive.json" || fail "analyze from the archive"

say "the same finding from all of them"
"${TELLTALE_PYTHON:-$here/../.venv/bin/python}" - "$results" <<'PYTHON'
import json, sys
from pathlib import Path
def scores(value):
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "log_odds" and isinstance(item, (int, float)):
                yield round(item, 6)
            yield from scores(item)
    elif isinstance(value, list):
        for item in value:
            yield from scores(item)
found = {name: list(scores(json.loads(Path(sys.argv[1], name).read_text()))) for name in ("analysis.json", "rpm.json", "archive.json")}
print(found)
sys.exit(0 if found["analysis.json"] and len(set(map(str, found.values()))) == 1 else "the log-odds differ")
PYTHON
rm -rf --one-file-system "${root:?}/home" "${root:?}/usr/lib/telltale"
say "all held; results in $results"
