#!/bin/sh
# Starts the proxy, waits until it listens, and gives later steps its address. The backend's key is passed on
# standard input, so it is in no command line, and not in the environment of the proxy.
# Environment: API_KEY and INPUT_* as in action.yml; RUNNER_TEMP, GITHUB_ENV and GITHUB_OUTPUT from the runner.
set -eu
umask 077

key=$API_KEY
unset API_KEY

# use NAME VALUE: a given input overrides the environment.
use() {
  if [ -n "$2" ]; then export "$1=$2"; fi
}
use OPENAI_BASE_URL "${INPUT_BASE_URL:-}"
use BIG_MODEL "${INPUT_BIG_MODEL:-}"
use MIDDLE_MODEL "${INPUT_MIDDLE_MODEL:-}"
use SMALL_MODEL "${INPUT_SMALL_MODEL:-}"

if [ -n "${ANTHROPIC_API_KEY:-}" ]; then
  echo "::warning title=claude-code-proxy::ANTHROPIC_API_KEY is set; clients may send it instead of the token"
fi
token=$(od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n')
echo "::add-mask::$token"

state=$RUNNER_TEMP/claude-code-proxy
ready=$state/ready.json
log=$state/log
mkdir -p "$state"
if [ -e "$ready" ]; then
  echo "::error title=claude-code-proxy::It is already running; stop it before you start it again"
  exit 1
fi

# Not in the workspace, whose .env may be someone else's.
cd "$state"
# Else it would start twice to set them; see src/commands/choose-capacity.ts.
export BUN_CONFIG_MAX_HTTP_REQUESTS=65535 BUN_JSC_thresholdForFTLOptimizeAfterWarmUp=1000000 \
  BUN_JSC_warmUpMarkedBlockStartAfterBlocks=512 BUN_JSC_largeHeapSize=50331648
printf '%s' "$key" | ANTHROPIC_API_KEY=$token nohup claude-code-proxy serve \
  --host 127.0.0.1 --port 0 --ready-file "$ready" --api-key-stdin --log-format json >"$log" 2>&1 &
pid=$!

tries=150
until [ -s "$ready" ]; do
  tries=$((tries - 1))
  if [ "$tries" -eq 0 ] || ! kill -0 "$pid" 2>/dev/null; then
    echo "::error title=claude-code-proxy::It did not start; the end of its log:"
    tail -n 20 "$log"
    kill "$pid" 2>/dev/null || true
    exit 1
  fi
  sleep 0.1
done

url=$(sed -n 's/.*"url": *"\([^"]*\)".*/\1/p' "$ready")
direct=${no_proxy:-${NO_PROXY:-}}
[ "$direct" = '*' ] || direct=${direct:+$direct,}127.0.0.1
{
  echo "ANTHROPIC_BASE_URL=$url"
  echo "ANTHROPIC_AUTH_TOKEN=$token"
  echo "NO_PROXY=$direct"
  echo "no_proxy=$direct"
} >>"$GITHUB_ENV"
{
  echo "base-url=$url"
  echo "auth-token=$token"
  echo "log=$log"
} >>"$GITHUB_OUTPUT"
echo "claude-code-proxy listens on $url"
