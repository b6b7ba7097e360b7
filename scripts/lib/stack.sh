#!/usr/bin/env bash
# ./sauda up, status, logs, down, reset: the whole system on this machine. Sourced by ./sauda.

BIN=build/release/bin

# Which build of a program is on disk.
build_of() { stat -c '%i %Y %s' "$BIN/sauda-$1"; }

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
  # shellcheck disable=SC2153 # STATE is set by processes.sh
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

start_stores() {
  start_postgres
  start_redis
  secret notifier_key >/dev/null
  keep_secret notifier_url "$GATEWAY/api/integrations/upstox/notifier/$(secret notifier_key)"
  [ -s "$SECRETS/vault_key" ] || keep_secret vault_key "$(openssl rand -base64 32)"
}

cmd_up() {
  local began=$EPOCHREALTIME
  parse_up "$@"
  check_route
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
  rm -rf "$STATE"/{redis,journal,orders,sim,secrets,run,log,postgres.dir,broker,endpoints.json}
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
