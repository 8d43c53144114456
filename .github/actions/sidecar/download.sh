#!/bin/sh
# Installs the proxy for this job and puts it on the PATH of later steps. The installer is part of this copy of the
# action, so whoever pins the action by commit pins every line that runs.
# Environment: VERSION and MIRROR as in the installer; RUNNER_TEMP and GITHUB_PATH from the runner.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd)

own_version=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' "$root/package.json")
export VERSION="${VERSION:-$own_version}"
export MIRROR="${MIRROR:-https://github.com/claude-code-proxy/claude-code-proxy/releases/download}"
export INSTALL_DIR="$RUNNER_TEMP/claude-code-proxy/bin"
exec sh "$root/scripts/shipping/templates/install.sh"
