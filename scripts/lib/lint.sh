#!/usr/bin/env bash
# The lint area: each check is one named result. Sourced by ./sauda.

BUF=scripts/node/node_modules/@bufbuild/buf-linux-$(uname -m | sed 's/x86_64/x64/')/bin/buf

in_git() { git rev-parse --is-inside-work-tree >/dev/null 2>&1; }

# Files under version control (or, without git, all but what is built), by pathspec.
tracked() {
  if in_git; then
    git ls-files --cached --others --exclude-standard -- "$@"
  else
    local pattern
    for pattern in "$@"; do
      find . \( -name build -o -name .sauda -o -name node_modules -o -name .git \) -prune -o -type f -name "${pattern##*/}" -print
    done | sed 's#^\./##' | sort -u
  fi
}

# The commit that changes are counted from: where this branch left main, else (on main itself) the previous commit.
base_commit() {
  local main base
  for main in origin/main main; do
    base=$(git merge-base HEAD "$main" 2>/dev/null) || continue
    if [ "$base" != "$(git rev-parse HEAD)" ]; then
      printf '%s\n' "$base"
      return
    fi
  done
  git rev-parse -q --verify HEAD~1
}

# node_packages DIR: installs what DIR's lock file names, when it is not what is there.
node_packages() {
  local dir=$1 stamp=$1/node_modules/.sauda-lock
  cmp -s "$dir/package-lock.json" "$stamp" && return 0
  (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error) >/dev/null
  cp "$dir/package-lock.json" "$stamp"
}

lint_format() {
  local files
  mapfile -t files < <(tracked '*.cpp' '*.hpp')
  clang-format-14 --dry-run -Werror "${files[@]}"
}

lint_shell() {
  local files
  mapfile -t files < <(tracked '*' | while IFS= read -r file; do
    if head -n 1 "$file" 2>/dev/null | tr -d '\0' | grep -qE '^#!.*\b(ba|da)?sh\b'; then printf '%s\n' "$file"; fi
  done)
  shellcheck -x "${files[@]}"
}

lint_protos() { "$BUF" lint; }

# Packages from v1 on may not break: against the newest release, else against the previous commit.
lint_breaking() {
  local against
  against=$(git tag --list 'v*' --sort=-v:refname | head -n 1)
  [ -n "$against" ] || against=$(git rev-parse -q --verify HEAD~1) || return 0
  "$BUF" breaking --against ".git#ref=$against"
}

# What must not be in a file of the repository: paths of one machine, hosts of its package registries, bulk.
lint_hygiene() {
  local hosts host hits bad=0 file
  hits=$(tracked '*' | tr '\n' '\0' | xargs -0 grep -lIE '(^|[^[:alnum:]_.-])/(work|farm)/(main|wt|shared|steering)' -- || true)
  if [ -n "$hits" ]; then printf 'holds a path of one machine: %s\n' "$hits" && bad=1; fi
  hosts=$({
    sed -nE 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources
    sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+).*/\2/p' /etc/apt/sources.list
    npm config get registry
  } 2>/dev/null | sed -E 's#^[a-z]+://##; s#[/:].*##' | grep -F . | sort -u || true)
  for host in $hosts; do
    hits=$(tracked '*' | tr '\n' '\0' | xargs -0 grep -lIF "$host" -- || true)
    if [ -n "$hits" ]; then printf 'names a package registry (%s): %s\n' "$host" "$hits" && bad=1; fi
  done
  while IFS= read -r file; do
    if [ "$(stat -c %s "$file")" -gt 1048576 ]; then printf 'over 1 MiB: %s\n' "$file" && bad=1; fi
  done < <(tracked '*')
  return $bad
}

# clang-tidy over one file at a time on all cores, saying how far it is; what was found clean before
# is `same` (tidy-file says when). Arguments: the files.
tidy_files() {
  local out
  out=$(mktemp -d)
  if ! printf '%s\0' "$@" | nice xargs -0 -P "$(nproc)" -I{} bash scripts/lib/tidy-file {} "$out" $#; then
    cat "$out"/*.txt
    rm -r "$out"
    return 1
  fi
  rm -r "$out"
}

# changed BASE PATTERN: files that differ from a commit, or are new.
changed() {
  git diff --name-only --diff-filter=d "$1" -- "$2"
  git ls-files --others --exclude-standard -- "$2"
}

# to_tidy BASE: the .cpp files that changed, and those that include a header that did.
to_tidy() {
  local header
  changed "$1" '*.cpp'
  changed "$1" '*.hpp' | while IFS= read -r header; do
    git grep --untracked -lF "#include \"$header\"" -- '*.cpp' || true
  done
}

# lint_tidy [all]: what changed, or everything.
lint_tidy() {
  local files base
  if [ "${1:-}" = all ] || ! in_git || ! base=$(base_commit); then
    mapfile -t files < <(tracked '*.cpp')
  else
    mapfile -t files < <(to_tidy "$base" | sort -u)
  fi
  [ ${#files[@]} -gt 0 ] || return 0
  tidy_files "${files[@]}"
}

lint_prometheus() {
  promtool check config observability/prometheus/prometheus.yml
  promtool check rules observability/prometheus/rules/*.yml
  promtool test rules observability/prometheus/tests/*.yml
}

# The settings page is made from the programs' own --help.
lint_settings() { scripts/settings_page.py --check; }

# area_lint [all]: every check runs, whatever the one before said; `all` runs clang-tidy over the whole tree.
area_lint() {
  need_packages build lint
  check lint "install the linters that come from npm" node_packages scripts/node
  check lint "clang-format" lint_format
  check lint "layers" scripts/check_layers.py
  check lint "shellcheck" lint_shell
  check lint "buf lint" lint_protos
  if in_git; then check lint "buf breaking" lint_breaking; else skipped lint "buf breaking" "no git history here"; fi
  check lint "no machine paths, registry hosts or bulk" lint_hygiene
  check lint "metrics are documented" scripts/check_metrics.py
  check lint "documents point at what exists" scripts/check_docs.py
  check lint "prometheus rules" lint_prometheus
  check lint "manifests" node scripts/node/check_manifests.mjs k8s
  check lint "build the programs, for their --help" build_programs
  check lint "settings are documented" lint_settings
  # The debug build compiles each file by itself: its flags are those of a file.
  check lint "generate the code that clang-tidy reads" build_targets debug generated_code
  check lint "clang-tidy" lint_tidy "$@"
}
