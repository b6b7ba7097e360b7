#!/usr/bin/env bash
# ./sauda up, status, logs, down, reset: the whole system on this machine. Sourced by ./sauda.

SERVICES='auth instruments feed orders gateway'
# In the order in which they stop.
EVERYTHING='gateway orders feed instruments auth sim redis postgres'

declare -A PORT=([gateway]=8080 [auth]=7101 [instruments]=7102 [feed]=7103 [orders]=7104 [sim]=7443
  [postgres]=7432 [redis]=7379)
declare -A METRICS_PORT=([gateway]=9200 [auth]=9201 [instruments]=9202 [feed]=9203 [orders]=9204 [sim]=9206)
# Given, else as the last `up` had it.
KEPT_OFFSET=$(cat "$STATE/port-offset" 2>/dev/null || true)
KEPT_OFFSET=${KEPT_OFFSET:-0}
PORT_OFFSET=${SAUDA_PORT_OFFSET:-$KEPT_OFFSET}
if ! [[ $PORT_OFFSET =~ ^(0|[1-9][0-9]{0,4})$ ]] || [ "$PORT_OFFSET" -gt 56000 ]; then
  die "SAUDA_PORT_OFFSET is '$PORT_OFFSET'; allowed: 0 to 56000"
fi
for name in "${!PORT[@]}"; do PORT[$name]=$((PORT[$name] + PORT_OFFSET)); done
for name in "${!METRICS_PORT[@]}"; do METRICS_PORT[$name]=$((METRICS_PORT[$name] + PORT_OFFSET)); done
unset name

# shellcheck disable=SC2153 # set by processes.sh
SIM_DIR=$STATE/sim
GATEWAY=http://127.0.0.1:${PORT[gateway]}
SIM_URL=https://127.0.0.1:${PORT[sim]}
SIM_CA=$SIM_DIR/ca.pem
BIN=build/release/bin

# The credentials of the real broker stay in this shell; no program gets them but auth.
for name in "${!UPSTOX_@}"; do export -n "${name?}"; done
unset name

# Which broker: as told, else the real one when its credentials are there, else the simulator.
broker() {
  if [ -n "${SAUDA_BROKER:-}" ]; then
    printf '%s\n' "$SAUDA_BROKER"
  elif [ -n "${UPSTOX_API_KEY:-}" ]; then
    echo upstox
  else
    echo sim
  fi
}

# The broker whose data this state folder holds.
kept_broker() { cat "$STATE/broker" 2>/dev/null || broker; }

# The environment of every service; secrets go by files, so that no process list or core dump shows them.
export_settings() {
  local service
  SAUDA_BROKER=$(broker)
  export SAUDA_BROKER SAUDA_ORDER_ROUTE=${SAUDA_ORDER_ROUTE:-paper}
  if [ "$SAUDA_BROKER" = sim ]; then
    export SAUDA_SIM_URL=$SIM_URL SAUDA_BROKER_CA=$SIM_CA
    UPSTOX_API_KEY=sim-key UPSTOX_API_SECRET=sim-secret
  fi
  export SAUDA_LOG_FILE_ONLY=true
  UPSTOX_REDIRECT_URI=${UPSTOX_REDIRECT_URI:-$GATEWAY/api/integrations/upstox/callback}
  export SAUDA_REDIS_URL_FILE=$SECRETS/redis_url SAUDA_AUTH_VAULT_KEY_FILE=$SECRETS/vault_key
  for service in $SERVICES; do
    export "SAUDA_${service^^}_ADDRESS=127.0.0.1:${PORT[$service]}"
    export "SAUDA_${service^^}_LISTEN=127.0.0.1:${PORT[$service]}"
    export "SAUDA_${service^^}_METRICS_LISTEN=127.0.0.1:${METRICS_PORT[$service]}"
    export "SAUDA_${service^^}_LOG_FILE=$LOG/$service.log"
  done
  for service in $STORE_SERVICES; do
    export "SAUDA_${service^^}_POSTGRES_URL_FILE=$SECRETS/postgres_url_$service"
  done
}

# Which build of a program is on disk.
build_of() { stat -c '%i %Y %s' "$BIN/sauda-$1"; }

# settings_of NAME: a hash of the settings that a program of ours is started with. Secrets are among them: a secret of
# this state folder is hashed with them, so that nobody can try guesses on it.
settings_of() {
  local name
  {
    secret settings_salt
    for name in "${!SAUDA_@}" "${!UPSTOX_@}"; do
      case $1:$name in
        # What is for these scripts, and for the tests.
        *:SAUDA_STATE | *:SAUDA_YES | *:SAUDA_PORT_OFFSET | *:SAUDA_REAL_DATA | *:SAUDA_LONG_MINUTES) continue ;;
        # The simulator keeps its market while the services change their minds.
        sim:SAUDA_SIM_* | sim:SAUDA_LOG_* | sim:UPSTOX_REDIRECT_URI) ;;
        sim:*) continue ;;
      esac
      printf '%s=%s\0' "$name" "${!name}"
    done
  } | sha256sum
}

# Whether a process is up, is the program that is on disk now, not one that was built over, and has today's settings.
current() {
  runs "$1" && [ "$(cat "$RUN/$1.build" 2>/dev/null)" = "$(build_of "$1")" ] &&
    [ "$(cat "$RUN/$1.settings" 2>/dev/null)" = "$(settings_of "$1")" ]
}

# start_program NAME ARGUMENT...: one program of ours.
start_program() {
  local name=$1
  shift
  (
    # shellcheck disable=SC2163 # the variables of these names
    if [ "$name" = auth ]; then export "${!UPSTOX_@}"; fi
    start_process "$name" "$BIN/sauda-$name" "$@"
  )
  build_of "$name" >"$RUN/$name.build"
  settings_of "$name" >"$RUN/$name.settings"
}

metrics_answer() { curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:${METRICS_PORT[$1]}/metrics"; }
gateway_answers() { curl -sf -o /dev/null --max-time 2 "$GATEWAY/healthz"; }

# start_simulator ARGUMENT...: starts it, or starts it again when it was asked to serve something else.
start_simulator() {
  local arguments=("$@")
  if current sim && [ "$(cat "$RUN/sim.arguments" 2>/dev/null)" = "${arguments[*]}" ]; then return 0; fi
  end_process sim TERM 10
  free_or_die sim "${PORT[sim]}" "${METRICS_PORT[sim]}"
  mkdir -p "$SIM_DIR" "$RUN"
  start_program sim --listen "127.0.0.1:${PORT[sim]}" \
    --metrics-listen "127.0.0.1:${METRICS_PORT[sim]}" --state-dir "$SIM_DIR" --log-file "$LOG/sim.log" \
    --redirect-uri "$UPSTOX_REDIRECT_URI" "${arguments[@]}"
  wait_for 60 "the simulated Upstox" up_or_dead sim metrics_answer sim
  printf '%s' "${arguments[*]}" >"$RUN/sim.arguments"
}

start_services() {
  local service
  for service in $SERVICES; do
    if current "$service"; then continue; fi
    if runs "$service"; then note "$service starts again: another build, or other settings"; fi
    end_process "$service" TERM 15
    free_or_die "$service" "${PORT[$service]}" "${METRICS_PORT[$service]}"
    start_program "$service"
  done
  for service in $SERVICES; do
    wait_for 60 "$service" up_or_dead "$service" metrics_answer "$service"
  done
  wait_for 30 "the gateway" up_or_dead gateway gateway_answers
}

write_endpoints() {
  python3 - "$STATE/endpoints.json" <<PY
import json, sys
port = {$(for name in "${!PORT[@]}"; do printf '"%s": %s, ' "$name" "${PORT[$name]}"; done)}
metrics = {$(for name in "${!METRICS_PORT[@]}"; do printf '"%s": %s, ' "$name" "${METRICS_PORT[$name]}"; done)}
scheme = {"gateway": "http://", "sim": "https://", "postgres": "", "redis": ""}
ends = {name: {"address": f"{scheme.get(name, '')}127.0.0.1:{number}"} for name, number in sorted(port.items())}
for name, number in metrics.items():
    ends[name]["metrics"] = f"http://127.0.0.1:{number}/metrics"
if "$(broker)" != "sim":
    ends.pop("sim")
with open(sys.argv[1], "w") as file:
    json.dump(ends, file, indent=2)
PY
}

# The state folder, and what it is for from now on.
make_state() {
  mkdir -p "$STATE"
  printf '%s\n' "$PORT_OFFSET" >"$STATE/port-offset"
  broker >"$STATE/broker"
  mkdir -p "$RUN" "$LOG"
}

# Reads up's flags into FOLLOW, CAPTURES and SIM_ARGUMENTS.
parse_up() {
  FOLLOW=yes CAPTURES=() SIM_ARGUMENTS=()
  local file
  while [ $# -gt 0 ]; do
    case $1 in
      --no-follow) FOLLOW='' ;;
      --instruments)
        file=$(given "${2:-}")
        if [ -z "${2:-}" ] || [ ! -r "$file" ]; then die "--instruments: cannot read ${2:-(no file given)}"; fi
        SIM_ARGUMENTS+=(--instruments "$(realpath "$file")")
        shift
        ;;
      --capture)
        while [ $# -gt 1 ] && [[ $2 != -* ]]; do
          file=$(given "$2")
          [ -r "$file" ] || die "--capture: cannot read $2"
          CAPTURES+=("$(realpath "$file")")
          shift
        done
        [ ${#CAPTURES[@]} -gt 0 ] || die "--capture: no file given"
        ;;
      --speed)
        [[ ${2:-} =~ ^([0-9]+([.][0-9]+)?|max)$ ]] || die "--speed: a number or max, not '${2:-}'"
        SIM_ARGUMENTS+=(--speed "$2")
        shift
        ;;
      --loop) SIM_ARGUMENTS+=(--loop) ;;
      *) die "up: unknown argument $1" ;;
    esac
    shift
  done
  if [ ${#CAPTURES[@]} -gt 0 ]; then SIM_ARGUMENTS+=(--market replay --capture "${CAPTURES[@]}"); fi
  if [ "$(broker)" != sim ] && [ ${#SIM_ARGUMENTS[@]} -gt 0 ]; then
    die "--instruments, --capture, --speed and --loop are the simulator's; SAUDA_BROKER is $(broker)"
  fi
}

# Whether the state folder is one that `up` made: all that is in it may be written over, and deleted by `reset`.
is_ours() { [ -e "$STATE/port-offset" ]; }

# What the state folder, or what runs in it, does not allow.
check_state() {
  local name
  for name in postgres redis secrets run log; do
    if ! is_ours && [ -e "$STATE/$name" ]; then
      die "$STATE/$name was not made by ./sauda: give a folder of its own as SAUDA_STATE"
    fi
  done
  if [ "$(kept_broker)" != "$(broker)" ]; then
    die "$STATE holds the data of broker $(kept_broker), and $(broker) was asked for: ./sauda reset, or another SAUDA_STATE"
  fi
  [ "$PORT_OFFSET" != "$KEPT_OFFSET" ] || return 0
  for name in $EVERYTHING; do
    if runs "$name"; then die "what runs has SAUDA_PORT_OFFSET $KEPT_OFFSET, not $PORT_OFFSET: ./sauda down first"; fi
  done
}

start_stores() {
  start_postgres
  start_redis
  [ -s "$SECRETS/vault_key" ] || keep_secret vault_key "$(openssl rand -base64 32)"
}

cmd_up() {
  local began=$EPOCHREALTIME
  parse_up "$@"
  case $(broker) in sim | upstox) ;; *) die "SAUDA_BROKER is '$(broker)'; allowed: sim, upstox" ;; esac
  case ${SAUDA_ORDER_ROUTE:-paper} in paper | live) ;; *) die "SAUDA_ORDER_ROUTE is '$SAUDA_ORDER_ROUTE'; allowed: paper, live" ;; esac
  check_state
  need_packages build run
  step "build (release)" build_programs
  make_state
  step "start PostgreSQL and Redis under $STATE" start_stores
  export_settings
  if [ "$(broker)" = sim ]; then
    step "start the simulated Upstox" start_simulator "${SIM_ARGUMENTS[@]}"
  fi
  step "start the services: $SERVICES" start_services
  write_endpoints
  open_session
  say
  say "${BOLD}Sauda is up${PLAIN} after $(seconds_since "$began") s: $GATEWAY (broker: $(broker), orders: $SAUDA_ORDER_ROUTE)"
  note "./sauda status | logs | down; every address is in $STATE/endpoints.json"
  if [ -z "$SESSION" ]; then
    say "nobody is logged in yet: open $GATEWAY/api/v1/auth/login"
    say "after that ./sauda up again syncs, subscribes and shows live ticks"
  elif [ -n "$FOLLOW" ]; then
    show_ticks
  fi
}

# One line of the status table.
status_line() {
  local name=$1 pid state=- memory=- age=-
  if pid=$(pid_of "$name"); then
    state=running
    memory=$(awk '/^VmRSS/ {printf "%d MiB", $2 / 1024}' "/proc/$pid/status" 2>/dev/null || echo -)
    age=$(ps -o etime= -p "$pid" | tr -d ' ')
    if [ -n "${METRICS_PORT[$name]:-}" ] && ! metrics_answer "$name"; then state='not answering'; fi
  else
    state=stopped
  fi
  printf '  %-12s %-14s %-8s 127.0.0.1:%-6s %-10s %s\n' "$name" "$state" "${pid:--}" "${PORT[$name]}" "$memory" "$age"
  [ "$state" = running ]
}

cmd_status() {
  local name bad=0
  printf '  %-12s %-14s %-8s %-16s %-10s %s\n' process state pid address memory 'up for'
  for name in postgres redis sim $SERVICES; do
    [ "$name" != sim ] || [ "$(kept_broker)" = sim ] || runs sim || continue
    status_line "$name" || bad=1
  done
  if runs gateway && [ -x "$BIN/saudactl" ]; then
    say
    export_settings
    "$BIN/saudactl" status || bad=1
  fi
  return $bad
}

cmd_logs() {
  local name file files=()
  # shellcheck disable=SC2086 # a list of words
  [ $# -gt 0 ] || set -- sim $SERVICES postgres redis
  for name in "$@"; do
    [[ " $EVERYTHING " == *" $name "* ]] || die "no such service: $name (there are: $EVERYTHING)"
    for file in "$LOG/$name.log" "$LOG/$name.out"; do
      if [ -s "$file" ]; then files+=("$file"); fi
    done
  done
  [ ${#files[@]} -gt 0 ] || die "no logs yet under $LOG"
  exec tail -n 20 -F "${files[@]}"
}

stop_all() {
  local name pid
  # All services are asked at once; then each is waited for.
  for name in $SERVICES sim; do
    if pid=$(pid_of "$name"); then kill -TERM "$pid" 2>/dev/null || true; fi
  done
  for name in $EVERYTHING; do
    case $name in
      postgres) end_process "$name" INT 30 ;;
      *) end_process "$name" TERM 20 ;;
    esac
  done
  rm -f "$RUN/sim.arguments" "$STATE/endpoints.json"
}

cmd_down() {
  if [ ! -d "$RUN" ]; then
    say "nothing runs"
    return 0
  fi
  step "stop everything (the data stays)" stop_all
}

delete_data() {
  local dir
  dir=$(cat "$STATE/postgres.dir" 2>/dev/null || true)
  # The name is checked: nothing but what init_postgres made may go.
  case $dir in "$STATE/postgres" | /var/tmp/sauda-*/postgres) rm -rf "$dir" "$dir.new" ;; esac
  rm -rf "$STATE"/{redis,sim,secrets,run,log,postgres.dir,broker,endpoints.json}
  rm -f "$STATE/port-offset" # last: it says that the folder is ours
}

cmd_reset() {
  case ${1:-} in
    '' | --yes) ;;
    *) die "reset: unknown argument $1" ;;
  esac
  if ! is_ours; then
    say "nothing to delete: ./sauda up made nothing in $STATE"
    return 0
  fi
  if [ -z "${1:-}" ]; then
    confirm "Delete every instrument, tick, order and token under $STATE?" no || die "nothing was deleted"
  fi
  cmd_down
  step "delete the data under $STATE" delete_data
}
