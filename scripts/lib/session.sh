#!/usr/bin/env bash
# What `up` does once everything runs: log in, sync, subscribe, show ticks. Sourced by ./sauda.

# One call to the gateway. The answer's body goes to stdout; a failure says what the gateway said.
gateway_call() {
  local method=$1 path=$2 answer status
  shift 2
  answer=$(curl -sS --max-time 300 -X "$method" -w '\n%{http_code}' "$@" "$GATEWAY$path") || die "the gateway does not answer at $GATEWAY$path"
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  case $status in
    2??) printf '%s\n' "$answer" ;;
    *)
      printf '%s %s: %s %s\n' "$method" "$path" "$status" "$answer" >&2
      return 1
      ;;
  esac
}

# Where an answer redirects to; empty when it does not.
redirect_of() { curl -sS --max-time 60 -o /dev/null -w '%{redirect_url}' "$@"; }

logged_in() { "$BIN/saudactl" --json status 2>/dev/null | grep -q '"logged_in": *true'; }

# The simulator's dialog has one button; this presses it, and follows the redirect to the gateway's callback.
log_in_to_simulator() {
  local dialog callback
  dialog=$(redirect_of "$GATEWAY/api/v1/auth/login")
  [[ $dialog == "$SIM_URL"/* ]] || die "the gateway gave no login dialog; see ./sauda logs gateway auth"
  callback=$(redirect_of --cacert "$SIM_CA" --data "${dialog#*\?}" "${dialog%%\?*}")
  [[ $callback == "$GATEWAY"/* ]] || die "the simulator's dialog did not approve; see ./sauda logs sim"
  curl -sS --fail-with-body --max-time 60 -o /dev/null "$callback"
}

# The keys that `up` subscribes: those of the captures, else a small universe of every type.
default_keys() {
  if [ ${#CAPTURES[@]} -gt 0 ]; then
    python3 - "${CAPTURES[@]}" <<'PY'
import gzip, re, sys
for path in sys.argv[1:]:
    with (gzip.open if path.endswith(".gz") else open)(path, "rt") as file:
        print(re.search(r'"instrumentKey"\s*:\s*"([^"]+)"', file.read(1 << 20))[1])
PY
  else
    printf '%s\n' 'NSE_INDEX|Nifty 50' 'NSE_INDEX|Nifty Bank'
  fi
}

# The account's session: log in, sync, subscribe.
open_session() {
  if [ "$(broker)" != sim ]; then
    say "log in at $GATEWAY/api/v1/auth/login; then ./sauda up again syncs and subscribes"
    logged_in || return 0
  elif ! logged_in; then
    step "log in to the simulated Upstox" log_in_to_simulator
  fi
  step "sync the instruments" "$BIN/saudactl" instruments sync
  step "subscribe" subscribe
}

subscribe() {
  local keys
  keys=$(default_keys | python3 -c 'import json, sys; print(json.dumps({"symbols": sys.stdin.read().split("\n")[:-1], "mode": "full"}))')
  gateway_call POST /api/v1/market/market-feed/connect -H 'Content-Type: application/json' --data "$keys" >/dev/null
  note "$(default_keys | wc -l) instruments: $(default_keys | head -n 3 | paste -sd, | sed 's/,/, /g')"
}

# The live table, until Ctrl-C; the system stays up.
show_ticks() {
  local keys
  mapfile -t keys < <(default_keys)
  note "Ctrl-C leaves this table; everything goes on running"
  "$BIN/saudactl" feed tail "${keys[@]}" || true
}
