#!/usr/bin/env bash
# Installs Debian's chromium for npm run test:report, if it is missing. Needs root and apt.
set -euo pipefail

[ -x "${CHROMIUM:-/usr/bin/chromium}" ] && exit 0
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
