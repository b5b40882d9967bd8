#!/usr/bin/env bash
# Signs the application from the inside out, has Apple notarise it and staples the ticket.
# usage: IDENTITY="Developer ID Application: …" NOTARY_PROFILE=… sign.sh Telltale.app
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
app=$1
sign() { codesign --force --timestamp --options runtime --entitlements "$here/entitlements.plist" --sign "$IDENTITY" "$@"; }
# Every program and library by what it is, not by its name: Python's and Qt's frameworks have no ending.
find "$app/Contents" -type f -print0 | while IFS= read -r -d '' file; do
    [[ $(file --brief "$file") != Mach-O* ]] || sign "$file"
done
sign "$app"
codesign --verify --deep --strict "$app"
if [[ ${NOTARY_PROFILE:-} ]]; then
    # ditto keeps the links inside the bundle; other archivers break its signature.
    ditto -c -k --keepParent "$app" "$app.zip"
    xcrun notarytool submit "$app.zip" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$app"
    rm "$app.zip"
fi
