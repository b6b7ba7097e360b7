#!/usr/bin/env bash
# The containers and fresh-machine areas: images, compose, a bare machine. Sourced by ./sauda.

BASE_IMAGE=debian:bookworm-slim
ENGINE_DIR=/var/tmp/sauda-engine

engine_answers() { docker version >/dev/null 2>&1; }
has_dockerd() { PATH=$PATH:/usr/sbin:/sbin command -v dockerd >/dev/null; }

# Whether this process may mount and set up networks: root in a container mostly may not.
may_contain() {
  local capabilities
  capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
  (((0x${capabilities:-0} & (1 << 21)) && (0x${capabilities:-0} & (1 << 12)))) # CAP_SYS_ADMIN, CAP_NET_ADMIN
}

# Whether an engine is there, or one of our own can be started: that takes root, its rights and its package.
can_have_engine() {
  engine_answers && return 0
  [ "$(id -u)" -eq 0 ] && [ -w /sys/fs/cgroup ] && may_contain &&
    { has_dockerd || apt-cache show docker.io >/dev/null 2>&1; }
}

# Starts a private engine when none answers; ENGINE_PID is set when it is ours to stop. However this shell ends, it goes.
start_engine() {
  ENGINE_PID=''
  engine_answers && return 0
  mkdir -p "$ENGINE_DIR"
  dockerd --data-root "$ENGINE_DIR/data" --exec-root "$ENGINE_DIR/exec" --pidfile "$ENGINE_DIR/pid" \
    >"$ENGINE_DIR/log" 2>&1 </dev/null &
  ENGINE_PID=$!
  trap stop_engine EXIT
  wait_for 30 "the container engine (its log: $ENGINE_DIR/log)" engine_answers
}

stop_engine() {
  [ -n "${ENGINE_PID:-}" ] || return 0
  kill "$ENGINE_PID" 2>/dev/null || true
  wait "$ENGINE_PID" 2>/dev/null || true
  ENGINE_PID=''
  trap - EXIT
}

# The base image: pulled, or where nothing can be pulled made from Debian's own mirror of this machine.
base_image() {
  docker image inspect "$BASE_IMAGE" >/dev/null 2>&1 && return 0
  timeout 60 docker pull -q "$BASE_IMAGE" >/dev/null 2>&1 && return 0
  note "$BASE_IMAGE cannot be pulled: making it with debootstrap"
  local root mirror
  mirror=$(sed -nE 's/^URIs: *([^ ]+).*/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
  [ -n "$mirror" ] || mirror=$(sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+).*/\2/p' /etc/apt/sources.list | head -n 1)
  root=$(mktemp -d /var/tmp/sauda-base.XXXXXX)
  debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 || {
    tail -n 20 "$root.log" >&2
    rm -rf "$root" "$root.log"
    return 1
  }
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/usr/share/{doc,man,locale,info}/*
  printf 'deb %s %s main\n' "$mirror" bookworm "$mirror" bookworm-updates "$mirror-security" bookworm-security \
    >"$root/etc/apt/sources.list"
  printf 'Acquire::Check-Valid-Until "false";\n' >"$root/etc/apt/apt.conf.d/90sauda"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"
  tar -C "$root" --numeric-owner -c . | docker import -c 'CMD ["bash"]' - "$BASE_IMAGE" >/dev/null
  rm -rf "$root" "$root.log"
}

# Ports and names of the test's own project, so that it can run beside `./sauda up`.
compose() {
  SAUDA_GATEWAY_PORT=18080 SAUDA_SIM_PORT=17443 SAUDA_PROMETHEUS_PORT=19090 docker-compose -p sauda-test "$@"
}

# The programs without what a debugger needs: ten times less to send to the engine.
strip_programs() {
  local program
  mkdir -p build/images
  for program in $PROGRAMS; do strip -o "build/images/$program" "build/release/bin/$program"; done
}

build_images() {
  compose build >"$RESULTS/images.log" 2>&1 || {
    tail -n 30 "$RESULTS/images.log" >&2
    return 1
  }
}

# Whether every long-running container of the project is up and healthy.
all_healthy() {
  local states
  states=$(docker ps -a --filter label=com.docker.compose.project=sauda-test --format '{{.Names}} {{.Status}}' | grep -v _init_)
  [ -n "$states" ] && ! grep -vE ' Up ' <<<"$states" | grep -q . && ! grep -E 'starting\)|unhealthy' <<<"$states" | grep -q .
}

compose_up() {
  compose up -d >"$RESULTS/compose.log" 2>&1 || {
    tail -n 20 "$RESULTS/compose.log" >&2
    compose logs --tail 20 >&2
    return 1
  }
  local since=$SECONDS
  until all_healthy; do
    if [ $((SECONDS - since)) -gt 90 ]; then
      docker ps -a --filter label=com.docker.compose.project=sauda-test --format '{{.Names}} {{.Status}}' >&2
      compose logs --tail 20 >&2
      return 1
    fi
    pause
  done
}

compose_down() { compose down -v -t 20 >>"$RESULTS/compose.log" 2>&1; }

compose_login() {
  COMPOSE='docker-compose -p sauda-test' SAUDA_GATEWAY_PORT=18080 SAUDA_SIM_PORT=17443 docker/login "$@"
}

# A tick of each of the two keys that docker/login subscribes arrives on the host as a server-sent event.
compose_ticks() {
  local line nifty='' bank='' seen=''
  while IFS= read -r line; do
    case $line in
      data:*'Nifty 50'*) nifty=1 ;;
      data:*'Nifty Bank'*) bank=1 ;;
    esac
    if [ "$nifty$bank" = 11 ]; then return 0; fi
    seen=${seen:-$line}
  done < <(curl -sN --max-time 30 \
    'http://127.0.0.1:18080/api/v1/market/stream?symbols=NSE_INDEX%7CNifty%2050,NSE_INDEX%7CNifty%20Bank')
  printf 'no tick of both keys in 30 s; the stream began with: %s\n' "$seen" >&2
  return 1
}

area_containers() {
  need_packages containers
  start_engine
  check containers "base image" base_image
  # Programs built on this Debian release are the ones just tested; elsewhere, or when asked, the image builds its own.
  if [ -z "${SAUDA_IMAGES_FROM_SOURCE:-}" ] && grep -q bookworm /etc/os-release; then
    need_packages build
    check containers "build the programs" build_programs
    check containers "strip them" strip_programs
    export SAUDA_PREBUILT=1
  fi
  check containers "build the images" build_images
  check containers "bring compose up" compose_up
  check containers "log in from the host" compose_login
  check containers "ticks reach the host" compose_ticks
  check containers "targets are up and dashboards have data" scripts/check_dashboards.py http://127.0.0.1:19090
  check containers "take compose down" compose_down
  unset SAUDA_PREBUILT
  stop_engine
}

# Runs a command in the bare machine.
in_fresh() { docker exec -w /sauda -e SAUDA_YES=1 sauda-fresh "$@"; }

# Behind a proxy that looks into TLS, npm trusts in there what it trusts here.
fresh_container() {
  local trust=()
  docker rm -f sauda-fresh >/dev/null 2>&1 || true
  [ -z "${NODE_EXTRA_CA_CERTS:-}" ] || trust=(-e NODE_EXTRA_CA_CERTS=/etc/npm-trust.pem)
  docker run -d --init --name sauda-fresh "${trust[@]}" "$BASE_IMAGE" sleep infinity >/dev/null
  [ ${#trust[@]} -eq 0 ] || docker cp -L "$NODE_EXTRA_CA_CERTS" sauda-fresh:/etc/npm-trust.pem >/dev/null
  tracked '*' | tar -c -T - | docker exec -i sauda-fresh sh -c 'mkdir /sauda && tar -x -C /sauda'
}

# A bare Debian that holds the repository and nothing else.
area_fresh_machine() {
  need_packages containers
  start_engine
  check fresh-machine "base image" base_image
  check fresh-machine "a bare container with the repository" fresh_container
  check fresh-machine "./sauda up --no-follow" in_fresh ./sauda up --no-follow
  check fresh-machine "a second up is quick" in_fresh ./sauda up --no-follow
  check fresh-machine "./sauda status" in_fresh ./sauda status
  check fresh-machine "./sauda down" in_fresh ./sauda down
  check fresh-machine "./sauda test core rpc" in_fresh ./sauda test core rpc
  check fresh-machine "take it away" docker rm -f sauda-fresh
  stop_engine
}
