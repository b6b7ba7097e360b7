#!/usr/bin/env bash
# The private PostgreSQL 15 and Redis of the stack: loopback, passwords, data under .sauda/. Sourced by ./sauda.

PG_BIN=/usr/lib/postgresql/15/bin
SECRETS=$STATE/secrets
STORE_SERVICES='auth instruments feed orders'

# secret NAME [BYTES]: a random hexadecimal secret, made once, readable by its owner only. Prints it.
secret() {
  local file=$SECRETS/$1
  if [ ! -s "$file" ]; then
    (umask 077 && mkdir -p "$SECRETS" && openssl rand -hex "${2:-16}" >"$file")
  fi
  cat "$file"
}

# keep_secret NAME TEXT: writes a secret that is made of others, for programs that read it from a file.
keep_secret() { (umask 077 && mkdir -p "$SECRETS" && printf '%s\n' "$2" >"$SECRETS/$1"); }

# Runs a command as the user that owns the database: postgres refuses to run as root.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid=postgres --regid=postgres --init-groups "$@"
  else
    "$@"
  fi
}

# Where the database's files are: .sauda/postgres, or, where user postgres may not enter this folder (a checkout under
# /root, say), a folder of this checkout's own in /var/tmp. .sauda/postgres.dir remembers it.
postgres_dir() {
  local dir=$STATE/postgres
  if [ -s "$STATE/postgres.dir" ]; then
    cat "$STATE/postgres.dir"
    return
  fi
  if ! as_postgres test -x "$STATE"; then
    dir=/var/tmp/sauda-$(printf %s "$STATE" | sha256sum | cut -c1-12)/postgres
    note "user postgres may not enter $STATE: the database's files are in $dir" >&2
  fi
  printf '%s\n' "$dir" | tee "$STATE/postgres.dir"
}

# postgres_sql [DATABASE]: runs SQL from stdin as the superuser.
postgres_sql() {
  PGPASSWORD=$(secret postgres) psql -XqAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "${PORT[postgres]}" -U postgres "${1:-postgres}"
}
postgres_ready() { "$PG_BIN/pg_isready" -q -h 127.0.0.1 -p "${PORT[postgres]}"; }

init_postgres() {
  local dir=$1 password_file
  # Made beside its place and moved there when whole: a start that was cut off leaves nothing that looks like a database.
  rm -rf "$dir.new"
  if [ "$(id -u)" -eq 0 ]; then
    install -d -m 755 "${dir%/*}"
    install -d -m 700 -o postgres -g postgres "$dir.new"
  fi
  # The superuser's password reaches initdb by a file that only user postgres can read, gone right after. That user
  # writes it as well: in a sticky folder root may not open a file of somebody else (fs.protected_regular).
  password_file=$(as_postgres mktemp /tmp/sauda-pw.XXXXXX)
  secret postgres | as_postgres tee "$password_file" >/dev/null
  as_postgres "$PG_BIN/initdb" -D "$dir.new" -U postgres -A scram-sha-256 --pwfile="$password_file" \
    -E UTF8 --locale=C.UTF-8 >"$LOG/initdb.out" 2>&1 || {
    cat "$LOG/initdb.out" >&2
    rm -f "$password_file"
    return 1
  }
  rm -f "$password_file"
  mv -T "$dir.new" "$dir"
}

# Starts PostgreSQL if it does not run. The rest is done each time: an `up` that was cut off may not have come so far.
start_postgres() {
  runs postgres || launch_postgres
  wait_for 60 PostgreSQL up_or_dead postgres postgres_ready
  create_roles
}

launch_postgres() {
  local dir
  free_or_die postgres "${PORT[postgres]}"
  mkdir -p "$LOG"
  dir=$(postgres_dir)
  as_postgres test -s "$dir/PG_VERSION" || init_postgres "$dir"
  local command=("$PG_BIN/postgres" -D "$dir" -p "${PORT[postgres]}" -c listen_addresses=127.0.0.1
    -c unix_socket_directories= -c max_connections=120)
  if [ "$(id -u)" -eq 0 ]; then command=(setpriv --reuid=postgres --regid=postgres --init-groups "${command[@]}"); fi
  # From the root folder: user postgres may not be able to enter this one.
  (cd / && start_process postgres "${command[@]}")
}

# One database, and for each service a role that owns its own schema and sees no other.
create_roles() {
  local service password
  printf "select 'create database sauda' where not exists (select from pg_database where datname = 'sauda') \\\\gexec
    revoke all on database sauda from public;\n" | postgres_sql
  for service in $STORE_SERVICES; do
    password=$(secret "postgres_$service")
    postgres_sql sauda <<SQL
select 'create role sauda_$service' where not exists (select from pg_roles where rolname = 'sauda_$service') \\gexec
alter role sauda_$service login password '$password';
alter role sauda_$service set search_path = $service;
grant connect, temporary on database sauda to sauda_$service;
select 'create schema $service authorization sauda_$service' where to_regnamespace('$service') is null \\gexec
SQL
    keep_secret "postgres_url_$service" \
      "postgresql://sauda_$service:$password@127.0.0.1:${PORT[postgres]}/sauda"
  done
}

redis_ready() {
  [ "$(REDISCLI_AUTH=$(secret redis) redis-cli -h 127.0.0.1 -p "${PORT[redis]}" ping 2>/dev/null)" = PONG ]
}

# Tokens and locks outlive `down` and a kill: append-only file, no eviction, a password, never a RAM disk.
start_redis() {
  runs redis || launch_redis
  wait_for 30 Redis up_or_dead redis redis_ready
  keep_secret redis_url "redis://:$(secret redis)@127.0.0.1:${PORT[redis]}/0"
}

launch_redis() {
  free_or_die redis "${PORT[redis]}"
  mkdir -p "$STATE/redis"
  (
    umask 077
    printf '%s\n' "bind 127.0.0.1" "port ${PORT[redis]}" "requirepass $(secret redis)" "dir \"$STATE/redis\"" \
      "appendonly yes" "appendfsync everysec" "maxmemory-policy noeviction" "save \"\"" >"$STATE/redis/redis.conf"
  )
  start_process redis redis-server "$STATE/redis/redis.conf"
}
