#!/usr/bin/env bash
# Configuring and building with the presets. Sourced by ./sauda.

PROGRAMS='sauda-auth sauda-instruments sauda-feed sauda-orders sauda-gateway sauda-sim saudactl'

# Shows ninja's progress: all of it on a terminal, else a line at every tenth. Errors always.
show_progress() {
  if [ -t 1 ]; then
    cat
    return
  fi
  awk '/^\[[0-9]+\/[0-9]+\] / {
         split(substr($1, 2), n, /[\/\]]/)
         tenth = int(10 * n[1] / n[2])
         if (tenth != shown) { shown = tenth; print "    built " n[1] " of " n[2]; fflush() }
         held = $0; next
       }
       /^FAILED: / { print held }
       { print; fflush() }'
}

# build_targets PRESET TARGET...: configures the preset when needed, then builds the targets.
build_targets() {
  local preset=$1
  shift
  command -v ccache >/dev/null && export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR="${CCACHE_BASEDIR:-$ROOT}"
  local log
  log=$(mktemp)
  if ! cmake --preset "$preset" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
  cmake --build "build/$preset" --target "$@" | show_progress
}

# Programs of the stack in the release preset.
build_programs() {
  # shellcheck disable=SC2086 # a list of words
  build_targets release $PROGRAMS
}
