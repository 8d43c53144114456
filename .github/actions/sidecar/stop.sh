#!/bin/sh
# Stops the proxy that start.sh started. Prints nothing if there is none, so that it can be used with `if: always()`.
# Environment: RUNNER_TEMP from the runner.
set -eu
ready=$RUNNER_TEMP/claude-code-proxy/ready.json
[ -s "$ready" ] || exit 0

pid=$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "$ready")
kill "$pid" 2>/dev/null || true
# The proxy removes the file when it begins to stop, and then finishes its answers. One that does not is killed.
tries=120
while [ -e "$ready" ] && kill -0 "$pid" 2>/dev/null; do
  tries=$((tries - 1))
  if [ "$tries" -eq 0 ]; then
    kill -9 "$pid" 2>/dev/null || true
    break
  fi
  sleep 0.1
done
rm -f "$ready"
