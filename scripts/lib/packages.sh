#!/usr/bin/env bash
# Debian 12 packages by need, and how they are installed. Sourced by ./sauda.

declare -A PACKAGES=(
  [build]='g++ cmake ninja-build pkg-config ccache mold git ca-certificates python3
    libgrpc++-dev protobuf-compiler-grpc libprotobuf-dev protobuf-compiler libssl-dev libpqxx-dev libpq-dev
    libhiredis-dev prometheus-cpp-dev libspdlog-dev libgtest-dev libgmock-dev libsimdjson-dev nlohmann-json3-dev
    libbenchmark-dev libboost-dev libboost-system-dev libcli11-dev libexpected-dev zlib1g-dev'
  [run]='postgresql-15 redis-server curl openssl ca-certificates python3 procps'
  [test]='nodejs npm iproute2 prometheus'
  [lint]='git clang-14 clang-format-14 clang-tidy-14 shellcheck python3 nodejs npm prometheus'
  [fuzz]='clang-14 libclang-rt-14-dev llvm-14'
  [browser]='chromium nodejs npm'
  [containers]='docker.io docker-compose debootstrap curl python3'
  [bench]='nginx wrk'
)

# Runs a command as root: directly, or by sudo after asking once.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
    return
  fi
  command -v sudo >/dev/null || die "not root and no sudo here; run as root: $*"
  confirm "Run with sudo: $*?" no || die "declined; run it yourself: sudo $*"
  sudo "$@"
}

# Whether what a package brings is here by other means, which is as good: nodejs with its own npm, somebody's Docker.
# A docker command alone is none: it needs an engine, answering or to be started.
here_anyway() {
  case $1 in
    nodejs) command -v node >/dev/null ;;
    npm | docker-compose) command -v "$1" >/dev/null ;;
    docker.io) command -v docker >/dev/null && { has_dockerd || engine_answers; } ;;
    *) return 1 ;;
  esac
}

# Names the packages of the given needs that are not installed.
missing_packages() {
  local need package
  for need in "$@"; do
    for package in ${PACKAGES[$need]}; do
      dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
        here_anyway "$package" || printf '%s\n' "$package"
    done
  done | sort -u
}

# need_packages NEED...: installs what is missing of the needs. Removes nothing, touches no system service and makes no
# system cluster.
need_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  [ -r /etc/debian_version ] || die "only Debian 12 is known here; install by hand: ${missing[*]}"
  step "install ${#missing[@]} packages for: $*" as_root bash scripts/lib/install-packages "${missing[@]}"
}
