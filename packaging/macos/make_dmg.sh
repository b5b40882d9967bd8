#!/usr/bin/env bash
# Puts the application and a link to /Applications into a disk image. usage: make_dmg.sh Telltale.app OUT
set -euo pipefail
app=$1
out=$2
version=$(/usr/libexec/PlistBuddy -c 'Print :CFBundleShortVersionString' "$app/Contents/Info.plist")
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
hdiutil create -volname Telltale -srcfolder "$stage" -format UDZO -ov "$out/telltale-$version-macos-$(uname -m).dmg"
