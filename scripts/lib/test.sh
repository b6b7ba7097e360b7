#!/usr/bin/env bash
# ./sauda test: the areas, and the count at the end. Sourced by ./sauda.

AREAS='lint core rpc contract system asan tsan fuzz containers fresh-machine long'
RESULTS=''

# Settings of a real account must not reach a test or a benchmark.
forget_broker() {
  local name
  for name in $(own_broker_settings) SAUDA_BROKER SAUDA_ORDER_ROUTE SAUDA_SIM_URL "${!UPSTOX_@}"; do unset "$name"; done
  export SAUDA_LOOPBACK_ONLY=1 # no client of ours reaches another machine then
}

# record AREA passed|failed|skipped NAME [REASON]: one line of the final count.
record() { printf '%s\t%s\t%s\t%s\n' "$2" "$1" "$3" "${4:-}" >>"$RESULTS/checks.tsv"; }
skipped() {
  note "skipped: $2: $3"
  record "$1" skipped "$2" "$3"
}

# check AREA NAME COMMAND...: a step whose failure is counted, and does not keep the next from running.
check() {
  local area=$1 name=$2
  shift 2
  set +e
  step "$name" "$@"
  local status=$?
  set -e
  if [ $status -eq 0 ]; then record "$area" passed "$name"; else record "$area" failed "$name"; fi
}

# Of ctest's lines: what is not a success, and how far it is now and then.
show_tests() {
  awk '/^ *Start +[0-9]+: / { next }
       / Passed +[0-9.]+ sec$/ { if (++passed % 100 == 0) { print "    " passed " passed so far"; fflush() } next }
       { print; fflush() }'
}

# ctest_once PRESET LABEL RUN JOBS [CTEST ARGUMENT...]: one ctest, over private stores but for core. Kept under RUN for the
# count: its JUnit file, how it ended (the two must agree) and, of a program that is one test, what its cases came to.
ctest_once() {
  local preset=$1 label=$2 run=$3 jobs=$4 stores=(scripts/with-stores) status=0
  shift 4
  [ "$label" != core ] || stores=()
  case $preset in asan | tsan) export GTEST_OUTPUT=xml:$RESULTS/$run/ ;; esac
  "${stores[@]}" ctest --test-dir "build/$preset" -L "^$label\$" -j "$jobs" --output-on-failure --no-tests=error \
    --output-junit "$RESULTS/$run.xml" "$@" | show_tests || status=$?
  printf '%s\n' "$status" >"$RESULTS/$run.status"
  return "$status"
}

# ctest_halves PRESET LABEL [CTEST ARGUMENT...]: every other test over stores of its own, beside the rest.
ctest_halves() {
  local preset=$1 label=$2 run=$1-$2 half pids=() status=0
  shift 2
  set -m # groups of their own, so that an interrupt can end all that a half has started
  for half in 1 2; do
    ctest_once "$preset" "$label" "$run-$half" 1 -I "$half,,2" "$@" >"$RESULTS/$run-$half.log" 2>&1 &
    pids+=($!)
  done
  set +m
  # shellcheck disable=SC2064 # these two
  trap "kill -TERM -- -${pids[0]} -${pids[1]} 2>/dev/null; exit 130" INT TERM
  for half in 1 2; do
    wait "${pids[half - 1]}" || status=$?
    cat "$RESULTS/$run-$half.log"
  done
  trap - INT TERM
  return "$status"
}

# ctest_label PRESET LABEL [CTEST ARGUMENT...]: runs the tests of a label.
ctest_label() {
  local preset=$1 label=$2
  shift 2
  case $label in
    contract) ctest_halves "$preset" "$label" "$@" ;; # they share the stores, and locks in them
    system) ctest_once "$preset" "$label" "$preset-$label" 2 "$@" ;; # those that need all cores say so
    *) ctest_once "$preset" "$label" "$preset-$label" "$(nproc)" "$@" ;;
  esac
}

# run_label PRESET LABEL [CTEST ARGUMENT...]: the same as a step.
run_label() {
  local preset=$1 label=$2
  shift 2
  set +e
  step "run the $label tests ($preset)" ctest_label "$preset" "$label" "$@"
  set -e
}

# build_or_record AREA PRESET TARGET...: builds; a failure is counted. Fails with it.
build_or_record() {
  local area=$1 preset=$2
  shift 2
  set +e
  step "build $* ($preset)" build_targets "$preset" "$@"
  local status=$?
  set -e
  [ $status -eq 0 ] || record "$area" failed "build ($preset)" "see above"
  return $status
}

area_of_label() {
  need_packages build run
  if build_or_record "$1" release "$1_tests"; then run_label release "$1"; fi
}
area_core() { area_of_label core; }
area_rpc() { area_of_label rpc; }
area_contract() { area_of_label contract; }

# run_area AREA [ARGUMENT...]: an area that breaks off is a failure, and does not keep the next from running.
run_area() {
  local area=$1
  shift
  printf '\n%s%s%s\n' "$BOLD" "== $area ==" "$PLAIN"
  set +e
  (
    set -e
    "area_${area//-/_}" "$@"
  )
  local status=$?
  set -e
  [ $status -eq 0 ] || record "$area" failed "the $area area, to its end" "see above"
}

# What the system tests need beside the programs. Argument: the area.
prepare_system() {
  need_packages build run test browser
  local dir
  for dir in tests/system/*/package-lock.json; do
    [ ! -e "$dir" ] || check "$1" "npm packages of ${dir%/*}" node_packages "${dir%/*}"
  done
}

area_system() {
  prepare_system system
  if build_or_record system release all; then run_label release system; fi
}

# Leaks in libraries that are not ours are named in scripts/sanitizers/.
area_asan() {
  need_packages build run
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
  export LSAN_OPTIONS="suppressions='$ROOT/scripts/sanitizers/lsan.supp':print_suppressions=0"
  # shellcheck disable=SC2086 # a list of words
  if build_or_record asan asan core_tests rpc_tests contract_tests capture_test $PROGRAMS; then
    run_label asan core
    run_label asan rpc
    run_label asan contract
    run_label asan system -R '[Ss]moke'
  fi
  unset ASAN_OPTIONS UBSAN_OPTIONS LSAN_OPTIONS
}

area_tsan() {
  need_packages build run
  export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
  if build_or_record tsan tsan core_tests; then run_label tsan core; fi
  unset TSAN_OPTIONS
}

# Random orders against the book's rules, thousands of games, each of a seed of its own.
random_orders() {
  build/release/tests/exchange_test --gtest_filter='*PropertyTest*' --gtest_repeat=1000 --gtest_fail_fast --gtest_brief=1 |
    awk '!/^(Repeating all tests|Note: |\[==========\]|\[  PASSED  \]|$)/ { print; fflush() }'
}

# Fifty kills of the feed under load; CI has five.
many_kills() { SAUDA_TEST_KILLS=50 build/release/tests/exactly_once_test --gtest_filter='*WhateverDies' --gtest_brief=1; }

# Ten thousand orders while answers are lost and the service is killed; CI has a thousand.
orders_under_fault() { SAUDA_TEST_ORDERS=10000 build/release/tests/order_fault_test --gtest_brief=1; }

# Twenty kills of the instruments service while it syncs; CI has five.
kills_in_syncs() { SAUDA_TEST_MASTER_KILLS=20 build/release/tests/master_kill_test --gtest_brief=1; }

# Nights over which a token comes late or never.
token_nights() { SAUDA_TEST_FULL_LENGTH=1 build/release/tests/token_night_test --gtest_brief=1; }

# fuzz_target TARGET SECONDS: one program of tests/fuzz, from its corpus on. What it makes of that and its log are kept
# in .sauda/test/fuzz/; an input that breaks a rule is .sauda/test/fuzz-TARGET-crash-…
fuzz_target() {
  local target=$1 seconds=$2 made=$RESULTS/fuzz/$1 log=$RESULTS/fuzz/$1.log
  mkdir -p "$made" "$RESULTS/fuzz/tmp"
  if TMPDIR=$RESULTS/fuzz/tmp ASAN_OPTIONS=quarantine_size_mb=16 UBSAN_OPTIONS=print_stacktrace=1 \
    ASAN_SYMBOLIZER_PATH=/usr/lib/llvm-14/bin/llvm-symbolizer \
    "build/fuzz/tests/${target}_fuzz" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
    -artifact_prefix="$RESULTS/fuzz-$target-" "$made" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
    note "$(grep '^Done ' "$log"), $(find "$made" -type f | wc -l) inputs kept"
    return 0
  fi
  grep -E 'check failed|runtime error|^==.*ERROR|^SUMMARY|^ALARM' "$log" || tail -n 20 "$log"
  find "$RESULTS" -maxdepth 1 -name "fuzz-$target-*" -printf 'the input is %p\n'
  printf 'again: build/fuzz/tests/%s_fuzz INPUT; the log is %s\n' "$target" "$log"
  return 1
}

# fuzz_all AREA SECONDS: builds the targets and runs each for so long.
fuzz_all() {
  local area=$1 seconds=$2 dir
  need_packages build fuzz
  build_or_record "$area" fuzz fuzz_targets || return 0
  for dir in tests/fuzz/corpus/*; do
    check "$area" "fuzz ${dir##*/} for $seconds s" fuzz_target "${dir##*/}" "$seconds"
  done
}

area_fuzz() { fuzz_all fuzz "${SAUDA_FUZZ_SECONDS:-30}"; }

# The feed at 20 000 ticks a second for a while.
soak() { SAUDA_SOAK_SECONDS=$1 build/release/tests/soak_test --gtest_brief=1; }

# A connection that dies, with the pings that the broker is sent by default; CI has shorter ones.
dead_connection() {
  SAUDA_TEST_FULL_LENGTH=1 build/release/tests/feed_faults_test --gtest_filter='*FullLength' --gtest_brief=1
}

# Fuzzing, each target for SAUDA_FUZZ_SECONDS (600); fifty kills of the feed and twenty of the instruments service; ten
# thousand orders under fault; a dead connection and nights without a token at full length; the feed under load for
# SAUDA_SOAK_SECONDS (1200); then the whole system suite and the random tests again and again, for SAUDA_LONG_MINUTES
# (30): the first failure of those ends it.
area_long() {
  fuzz_all long "${SAUDA_FUZZ_SECONDS:-600}"
  prepare_system long
  build_or_record long release all || return 0
  check long "exactly once over fifty kills" many_kills
  check long "the old master or the new over twenty kills" kills_in_syncs
  check long "ten thousand orders under fault" orders_under_fault
  check long "a dead connection at full length" dead_connection
  check long "nights whose token comes late or never" token_nights
  check long "the feed under load" soak "${SAUDA_SOAK_SECONDS:-1200}"
  local until=$((SECONDS + 60 * ${SAUDA_LONG_MINUTES:-30})) round=0
  while [ $SECONDS -lt $until ]; do
    round=$((round + 1))
    check long "round $round of the system tests" ctest_label release system --stop-on-failure
    tail -n 1 "$RESULTS/checks.tsv" | grep -q '^passed' || break
    check long "round $round of random orders" random_orders
    tail -n 1 "$RESULTS/checks.tsv" | grep -q '^passed' || break
  done
  rm -f "$RESULTS"/release-system.{xml,status}
}

cmd_test() {
  local areas=() area lint_scope=() started=$EPOCHREALTIME
  for area in "$@"; do
    case $area in
      --all) lint_scope=(all) ;;
      *)
        [[ " $AREAS " == *" $area "* ]] || die "no such area: $area (there are: $AREAS)"
        areas+=("$area")
        ;;
    esac
  done
  forget_broker
  RESULTS=$ROOT/.sauda/test
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"
  : >"$RESULTS/checks.tsv"
  if [ ${#areas[@]} -eq 0 ]; then
    areas=(core rpc contract system lint asan tsan fuzz)
    if can_have_engine; then
      areas+=(containers)
    else
      skipped containers "the containers area" "no container engine can be started here"
    fi
  fi
  for area in "${areas[@]}"; do
    case $area in
      lint) run_area lint "${lint_scope[@]}" ;;
      *) run_area "$area" ;;
    esac
  done
  say
  note "all of it took $(seconds_since "$started") s"
  scripts/test_summary.py "$RESULTS"
}
