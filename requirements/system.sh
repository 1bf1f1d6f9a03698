#!/bin/sh
# Makes sure that programs of the operating system are there: `system.sh WHY PACKAGE=PROBE…`.
# A package whose probe fails is installed when we are root on a Debian-like system; otherwise the
# missing ones are named, with what to type, and the exit status is 1.
set -u
why=$1
shift

missing=
for pair in "$@"; do
    sh -c "${pair#*=}" >/dev/null 2>&1 || missing="$missing ${pair%%=*}"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing$missing ($why)"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086  # one word per package
    apt-get install -qq -y --no-install-recommends $missing >/dev/null 2>&1 ||
        { apt-get update -qq && apt-get install -qq -y --no-install-recommends $missing; } >/dev/null
    exit
fi

echo "Missing on this system:$missing" >&2
echo "  $why" >&2
echo "  On Debian or Ubuntu: sudo apt-get install$missing" >&2
exit 1
