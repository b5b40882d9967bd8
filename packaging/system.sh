#!/usr/bin/env bash
# Makes sure that the Debian packages of the named groups (see system-packages.txt) are there.
# As root it installs what is missing; otherwise it says what to type and stops only when it cannot go on without.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
command -v dpkg-query >/dev/null || exit 0 # not a Debian-like system: the later steps say what is missing
python=$(command -v python3 || true)
missing=()
while read -r group package; do
    [[ " $* " == *" $group "* ]] || continue
    # A Python that did not come from Debian has its own headers and venv.
    [[ $package == python3-* && $python != /usr/bin/python3 ]] && continue
    [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) == "install ok installed" ]] || missing+=("$package")
done < <(grep -v '^#' "$here/system-packages.txt")
((${#missing[@]})) || exit 0
if [[ $(id -u) == 0 ]]; then
    echo "installing system packages: ${missing[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
    echo "These system packages are missing. Please install them and run the same command again:" >&2
    echo "    sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
fi
