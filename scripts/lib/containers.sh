#!/usr/bin/env bash
# The containers and fresh-machine areas: images, compose, a bare machine. Sourced by ./sauda.

BASE_IMAGE=debian:bookworm-slim
ENGINE_DIR=/var/tmp/sauda-engine

engine_answers() { docker version >/dev/null 2>&1; }

# Whether an engine is there, or one of our own can be started: that takes root and its package.
can_have_engine() {
  engine_answers && return 0
  [ "$(id -u)" -eq 0 ] && [ -w /sys/fs/cgroup ] && apt-cache show docker.io >/dev/null 2>&1
}

# Starts a private engine when none answers; ENGINE_PID is set when it is ours to stop.
start_engine() {
  ENGINE_PID=''
  engine_answers && return 0
  mkdir -p "$ENGINE_DIR"
  dockerd --data-root "$ENGINE_DIR/data" --exec-root "$ENGINE_DIR/exec" --pidfile "$ENGINE_DIR/pid" \
    >"$ENGINE_DIR/log" 2>&1 </dev/null &
  ENGINE_PID=$!
  wait_for 30 "the container engine (its log: $ENGINE_DIR/log)" engine_answers
}

stop_engine() {
  [ -n "${ENGINE_PID:-}" ] || return 0
  kill "$ENGINE_PID" 2>/dev/null || true
  wait "$ENGINE_PID" 2>/dev/null || true
  ENGINE_PID=''
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
