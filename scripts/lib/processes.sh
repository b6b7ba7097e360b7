#!/usr/bin/env bash
# Background processes of the stack: started detached, known by pid and start time, ended by that pid only.
# Sourced by ./sauda.

STATE=${SAUDA_STATE:-$ROOT/.sauda}
case $STATE in /*) ;; *) STATE=$ROOT/$STATE ;; esac
RUN=$STATE/run
LOG=$STATE/log

# When a process started, in ticks since boot: a pid alone may be somebody else's by now.
start_time_of() {
  local stat
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  read -ra stat <<<"${stat##*) }"
  [ "${stat[0]}" != Z ] && printf '%s\n' "${stat[19]}"
}

# pid_of NAME: the process's id, if it is still the one that was started.
pid_of() {
  local pid started
  { read -r pid started <"$RUN/$1.pid"; } 2>/dev/null || return 1
  [ "$(start_time_of "$pid")" = "$started" ] && printf '%s\n' "$pid"
}

runs() { pid_of "$1" >/dev/null; }
stopped() { ! runs "$1"; }

# start_process NAME COMMAND...: detached, in a session of its own, its output in log/NAME.out (the last one kept as .out.1).
start_process() {
  local name=$1 pid
  shift
  mkdir -p "$RUN" "$LOG"
  if [ "$(stat -c %s "$LOG/$name.out" 2>/dev/null || echo 0)" -gt 1048576 ]; then mv "$LOG/$name.out" "$LOG/$name.out.1"; fi
  setsid "$@" >>"$LOG/$name.out" 2>&1 </dev/null {PAUSE_FD}>&- &
  pid=$!
  disown "$pid"
  printf '%s %s\n' "$pid" "$(start_time_of "$pid" || echo gone)" >"$RUN/$name.pid"
}

# up_or_dead NAME CONDITION...: for waits: true once the condition holds; dies with the end of the log when the process is gone.
up_or_dead() {
  local name=$1
  shift
  if "$@"; then return 0; fi
  if stopped "$name"; then
    tail -n 15 "$LOG/$name.out" >&2
    [ ! -e "$LOG/$name.log" ] || tail -n 5 "$LOG/$name.log" >&2
    die "$name did not stay up; its log is $LOG/$name.out"
  fi
  return 1
}

# end_process NAME SIGNAL SECONDS: asks it to end, waits, then kills it. Nothing to do when it is gone.
end_process() {
  local name=$1 signal=$2 limit=$3 pid since=$SECONDS
  if pid=$(pid_of "$name"); then
    kill "-$signal" "$pid" 2>/dev/null || true
    while runs "$name" && [ $((SECONDS - since)) -lt "$limit" ]; do pause; done
    if runs "$name"; then
      note "$name did not end within $limit s: killed"
      kill -KILL "$pid" 2>/dev/null || true
      while runs "$name"; do pause; done
    fi
  fi
  rm -f "$RUN/$name.pid"
}

# Whether something listens on a loopback port.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_or_die NAME PORT...: dies, naming the port, when one of them is taken.
free_or_die() {
  local name=$1 port
  shift
  if runs "$name"; then return 0; fi
  for port in "$@"; do
    if port_taken "$port"; then
      die "port $port, which $name needs, is taken by another program; end it, or set SAUDA_PORT_OFFSET"
    fi
  done
}
