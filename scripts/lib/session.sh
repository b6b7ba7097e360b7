#!/usr/bin/env bash
# What `up` does once everything runs: log in, sync, subscribe, show ticks. Sourced by ./sauda.

# What curl sends along where the gateway wants an API key.
KEY=()

# A key of this run's own, where the gateway wants one. forget_key takes it back.
need_key() {
  [ "$(curl -s -o /dev/null --max-time 10 -w '%{http_code}' "$GATEWAY/api/v1/auth/status")" = 401 ] || return 0
  local made
  made=$("$BIN/saudactl" keys create up --scopes read admin --days 1)
  (umask 077 && printf 'X-Api-Key: %s\n' "$made" >"$RUN/key")
  KEY=(-H "@$RUN/key")
}

forget_key() {
  [ ${#KEY[@]} -gt 0 ] || return 0
  local key
  key=$(cut -d_ -f2 "$RUN/key")
  KEY=()
  rm -f "$RUN/key"
  "$BIN/saudactl" keys revoke "$key" >/dev/null
}

# One call to the gateway. The answer's body goes to stdout; a failure says what the gateway said.
gateway_call() {
  local method=$1 path=$2 answer status
  shift 2
  answer=$(curl -sS --max-time 300 "${KEY[@]}" -X "$method" -w '\n%{http_code}' "$@" "$GATEWAY$path") || {
    printf 'the gateway does not answer at %s\n' "$GATEWAY$path" >&2
    return 3
  }
  status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  case $status in
    2??) printf '%s\n' "$answer" ;;
    *)
      printf '%s %s: %s %s\n' "$method" "$path" "$status" "$answer" >&2
      if [ "$status" = 503 ]; then return 3; fi # as saudactl says it: something is away
      return 1
      ;;
  esac
}

# patiently COMMAND...: repeats it for a minute while it ends with 3, saudactl's word for "something is away": after a
# restart of the simulator, say, services wait a while before they try it again.
patiently() {
  local since=$SECONDS status said=$RUN/said
  while true; do
    status=0
    "$@" 2>"$said" || status=$?
    if [ $status -ne 3 ] || [ $((SECONDS - since)) -ge 60 ]; then break; fi
    pause
  done
  cat "$said" >&2
  rm -f "$said"
  return $status
}

# Where an answer redirects to; empty when it does not.
redirect_of() { curl -sS --max-time 60 -o /dev/null -w '%{redirect_url}' "$@"; }

logged_in() {
  local said
  said=$("$BIN/saudactl" --json status 2>/dev/null) || true # it also fails for other services' sake
  grep -q '"logged_in": *true' <<<"$said"
}

# The simulator's dialog has one button; this presses it, and follows the redirect to the gateway's callback.
log_in_to_simulator() {
  local dialog callback
  local since=$SECONDS
  until dialog=$(redirect_of "${KEY[@]}" "$GATEWAY/api/v1/auth/login") && [ -n "$dialog" ]; do
    [ $((SECONDS - since)) -lt 60 ] || break
    pause
  done
  [[ $dialog == "$SIM_URL"/* ]] || die "the gateway gave no login dialog; see ./sauda logs gateway auth"
  callback=$(redirect_of --cacert "$SIM_CA" --data "${dialog#*\?}" "${dialog%%\?*}")
  [[ $callback == "$GATEWAY"/* ]] || die "the simulator's dialog did not approve; see ./sauda logs sim"
  curl -sS --fail-with-body --max-time 60 -o /dev/null "$callback"
}

# The account's session: log in, sync, subscribe. SESSION stays empty where a person has to log in first.
open_session() {
  local sync=("$BIN/saudactl" instruments sync --wait) # one of its own may have begun: the day's
  # shellcheck disable=SC2034 # cmd_up reads it
  SESSION=''
  need_key
  if ! logged_in; then
    [ "$(broker)" = sim ] || return 0
    step "log in to the simulated Upstox" log_in_to_simulator
  fi
  # Another file for the simulator, or its own market again, may replace most of the master: that was asked for.
  if [ "$(broker)" = sim ]; then sync+=(--allow-mass-deactivation); fi
  step "sync the instruments" patiently "${sync[@]}"
  step "subscribe" subscribe
  forget_key
  # shellcheck disable=SC2034
  SESSION=open
}

# Asks the gateway to connect the feed and to subscribe what scripts/default_keys.py picks; keeps the list for the table.
subscribe() {
  scripts/default_keys.py "$BIN/saudactl" "${CAPTURES[@]}" >"$RUN/keys"
  local wanted
  wanted=$(python3 -c 'import json, sys; print(json.dumps({"symbols": sys.stdin.read().split("\n")[:-1], "mode": "full"}))' <"$RUN/keys")
  patiently gateway_call POST /api/v1/market/market-feed/connect -H 'Content-Type: application/json' --data "$wanted" >/dev/null
  note "$(wc -l <"$RUN/keys") instruments: $(paste -sd, "$RUN/keys" | sed -E 's/,/, /g; s/^(.{60}[^,]*),.*/\1, …/')"
}

# The live table, until Ctrl-C; the system stays up.
show_ticks() {
  local keys
  mapfile -t keys <"$RUN/keys"
  note "Ctrl-C leaves this table; everything goes on running"
  "$BIN/saudactl" feed tail "${keys[@]}" || true
}
