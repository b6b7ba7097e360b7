#!/usr/bin/env bash
# What the user sees: steps with their time, notes, errors. Sourced by ./sauda.

# Colours only on a terminal.
if [ -t 1 ]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
  BOLD='' DIM='' RED='' PLAIN=''
fi

say() { printf '%s\n' "$*"; }
note() { printf '%s    %s%s\n' "$DIM" "$*" "$PLAIN"; }

# Says why, names what to do, and ends the command.
die() {
  printf '%ssauda: %s%s\n' "$RED" "$*" "$PLAIN" >&2
  exit 1
}

# given PATH: a path of the command line, as the caller meant it.
given() { case $1 in /*) printf '%s\n' "$1" ;; *) printf '%s\n' "$CALLER/$1" ;; esac; }

# Seconds since a moment taken from $EPOCHREALTIME, with one digit after the point.
seconds_since() {
  local now=$EPOCHREALTIME
  local tenths=$(((${now/[.,]/} - ${1/[.,]/}) / 100000))
  printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# step WHAT COMMAND...: says what is done, does it, says how long it took. The command runs in a subshell under
# `set -e`, so its first failure is the step's. Never call step in a condition: that would switch `set -e` off in it.
step() {
  local what=$1 start=$EPOCHREALTIME status strict=+e
  shift
  [[ $- != *e* ]] || strict=-e
  printf '%s==> %s%s\n' "$BOLD" "$what" "$PLAIN"
  set +e
  (
    set -e
    "$@"
  )
  status=$?
  set $strict
  if [ $status -eq 0 ]; then
    note "done in $(seconds_since "$start") s"
  else
    printf '%s    failed after %s s: %s%s\n' "$RED" "$(seconds_since "$start")" "$what" "$PLAIN" >&2
  fi
  return $status
}

# A tenth of a second between two looks, without a process.
exec {PAUSE_FD}<> <(:)
pause() { read -rt 0.1 -u "$PAUSE_FD" || true; }

# wait_for SECONDS WHAT COMMAND...: polls the command until it succeeds; dies, naming what it waited for.
wait_for() {
  local limit=$1 what=$2 start=$SECONDS
  shift 2
  until "$@"; do
    [ $((SECONDS - start)) -lt "$limit" ] || die "gave up after $limit s waiting for $what"
    pause
  done
}

# Asks a yes/no question on the terminal. Without a terminal, or with SAUDA_YES=1, the answer is $2.
confirm() {
  local question=$1 otherwise=$2 answer
  if [ -n "${SAUDA_YES:-}" ]; then return 0; fi
  if [ ! -t 0 ]; then
    [ "$otherwise" = yes ]
    return
  fi
  read -rp "$question [y/N] " answer
  [[ $answer == [yY]* ]]
}
