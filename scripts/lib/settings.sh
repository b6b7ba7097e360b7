#!/usr/bin/env bash
# Ports, the broker, the settings of the services, and the state folder that goes with them. Sourced by ./sauda.

SERVICES='auth instruments feed orders gateway'
# In the order in which they stop.
EVERYTHING='gateway orders feed instruments auth sim redis postgres'

declare -A PORT=([gateway]=8080 [auth]=7101 [instruments]=7102 [feed]=7103 [orders]=7104 [sim]=7443
  [postgres]=7432 [redis]=7379)
declare -A METRICS_PORT=([gateway]=9200 [auth]=9201 [instruments]=9202 [feed]=9203 [orders]=9204 [sim]=9206)
# Given, else as the last `up` had it.
# shellcheck disable=SC2153 # STATE is set by processes.sh
KEPT_OFFSET=$(cat "$STATE/port-offset" 2>/dev/null || true)
KEPT_OFFSET=${KEPT_OFFSET:-0}
PORT_OFFSET=${SAUDA_PORT_OFFSET:-$KEPT_OFFSET}
if ! [[ $PORT_OFFSET =~ ^(0|[1-9][0-9]{0,4})$ ]] || [ "$PORT_OFFSET" -gt 56000 ]; then
  die "SAUDA_PORT_OFFSET is '$PORT_OFFSET'; allowed: 0 to 56000"
fi
for name in "${!PORT[@]}"; do PORT[$name]=$((PORT[$name] + PORT_OFFSET)); done
for name in "${!METRICS_PORT[@]}"; do METRICS_PORT[$name]=$((METRICS_PORT[$name] + PORT_OFFSET)); done
unset name

SIM_DIR=$STATE/sim
GATEWAY=http://127.0.0.1:${PORT[gateway]}
SIM_URL=https://127.0.0.1:${PORT[sim]}
SIM_CA=$SIM_DIR/ca.pem

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

# Variables that give one service a broker, a route or a simulator of its own: they come before those that all share.
own_broker_settings() {
  local name
  for name in "${!SAUDA_@}"; do
    case $name in SAUDA_*_BROKER | SAUDA_*_ORDER_ROUTE | SAUDA_*_SIM_URL) printf '%s\n' "$name" ;; esac
  done
}

# Real money is traded by two settings that are both given, and by nothing that only follows from others.
check_route() {
  local own
  case $(broker) in sim | upstox) ;; *) die "SAUDA_BROKER is '$(broker)'; allowed: sim, upstox" ;; esac
  case ${SAUDA_ORDER_ROUTE:-paper} in paper | live) ;; *) die "SAUDA_ORDER_ROUTE is '$SAUDA_ORDER_ROUTE'; allowed: paper, live" ;; esac
  own=$(own_broker_settings | paste -sd' ')
  [ -z "$own" ] || die "$own: all services have one broker and one route here, SAUDA_BROKER and SAUDA_ORDER_ROUTE"
  if [ "${SAUDA_ORDER_ROUTE:-paper}" = live ] && [ "$(broker)" = upstox ] && [ -z "${SAUDA_BROKER:-}" ]; then
    die "SAUDA_ORDER_ROUTE=live trades real money: say SAUDA_BROKER=upstox too"
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
    unset "${!UPSTOX_@}" # the real broker's, if any
    # shellcheck disable=SC2034 # start_program hands them to auth
    UPSTOX_API_KEY=sim-key UPSTOX_API_SECRET=sim-secret
  fi
  export SAUDA_LOG_FILE_ONLY=true
  UPSTOX_REDIRECT_URI=${UPSTOX_REDIRECT_URI:-$GATEWAY/api/integrations/upstox/callback}
  export SAUDA_REDIS_URL_FILE=$SECRETS/redis_url
  # A key of the owner's own comes first; else the keyring, which `saudactl vault rotate` reads again.
  if [ -z "${SAUDA_AUTH_VAULT_KEY:-}${SAUDA_AUTH_VAULT_KEY_FILE:-}" ]; then
    export SAUDA_AUTH_VAULT_KEYRING=${SAUDA_AUTH_VAULT_KEYRING:-$SECRETS/vault_key}
  fi
  # Where approved tokens come to. The simulator is told the whole address.
  if [ -z "${UPSTOX_NOTIFIER_KEY:-}" ]; then
    UPSTOX_NOTIFIER_KEY_FILE=${UPSTOX_NOTIFIER_KEY_FILE:-$SECRETS/notifier_key}
  fi
  if [ "$SAUDA_BROKER" = sim ]; then export SAUDA_SIM_NOTIFIER_URL_FILE=$SECRETS/notifier_url; fi
  for service in $SERVICES; do
    export "SAUDA_${service^^}_ADDRESS=127.0.0.1:${PORT[$service]}"
    export "SAUDA_${service^^}_LISTEN=127.0.0.1:${PORT[$service]}"
    export "SAUDA_${service^^}_METRICS_LISTEN=127.0.0.1:${METRICS_PORT[$service]}"
    export "SAUDA_${service^^}_LOG_FILE=$LOG/$service.log"
  done
  export SAUDA_FEED_JOURNAL_DIR=$STATE/journal SAUDA_ORDERS_STATE_DIR=$STATE/orders
  for service in $STORE_SERVICES; do
    export "SAUDA_${service^^}_POSTGRES_URL_FILE=$SECRETS/postgres_url_$service"
  done
}

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

# The state folder, and what it is for from now on.
make_state() {
  mkdir -p "$STATE"
  printf '%s\n' "$PORT_OFFSET" >"$STATE/port-offset"
  broker >"$STATE/broker"
  mkdir -p "$RUN" "$LOG"
}

# Whether the state folder is one that `up` made: all that is in it may be written over, and deleted by `reset`.
is_ours() { [ -e "$STATE/port-offset" ]; }

# What the state folder, or what runs in it, does not allow.
check_state() {
  local name
  for name in postgres redis journal orders secrets run log; do
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
