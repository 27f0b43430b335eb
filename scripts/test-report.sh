#!/usr/bin/env bash
# test-report.sh: writes reports of made-up studies and looks at them from outside: with an XML parser, and
# with Chromium, without a network. Needs the release build. Where no Chromium is installed, that half is
# skipped, visibly.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${1:-build}/tests/isobit_report_samples
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

[ -x "$program" ] || fail "no $program; scripts/build.sh release makes it"
"$program" "$pages" || fail "$program"
browser=()
if command -v chromium >/dev/null; then
    browser=("$(command -v chromium)")
else
    echo "SKIPPED reports in a browser: scripts/dependencies.sh --all installs Chromium" >&2
fi
echo "$program"
timeout 120 python3 tests/clients/report.py "$pages" "${browser[@]}" ||
    fail "tests/clients/report.py"
