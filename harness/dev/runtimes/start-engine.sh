#!/bin/sh
# Starts a Docker Engine if none answers. Prints its DOCKER_HOST on standard output, everything else on standard error.
#
#   DOCKER_HOST=$(harness/dev/runtimes/start-engine.sh) && export DOCKER_HOST
#   harness/dev/runtimes/start-engine.sh stop      stops the engine that this script started, and no other
#
# An engine that already answers is used unchanged. Otherwise dockerd from Debian's docker.io is started
# directly, because containers run no service manager. It gets no bridge and no packet filter
# rules: the runtime containers need no network, and the network of the machine is not changed.
set -eu

folder=${CKPTEST_ENGINE_DIR:-/var/lib/ckptest-engine}
socket=$folder/docker.sock
pid_file=$folder/dockerd.pid
log=$folder/dockerd.log
patience_seconds=60

say() {
  echo "start-engine: $*" >&2
}

fail() {
  say "$*"
  exit 2
}

# Uses the socket, because a client may not be installed.
answers() {
  curl --silent --fail --max-time 5 --output /dev/null --unix-socket "$1" http://localhost/_ping
}

alive() {
  [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null
}

stop() {
  alive || { say "no engine of this script is running"; return 0; }
  pid=$(cat "$pid_file")
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
  say "engine $pid has ended"
}

# Installs missing Debian packages. Arguments have the form command=package.
install_missing() {
  missing=
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || missing="$missing ${pair#*=}"
  done
  [ -n "$missing" ] || return 0
  [ "$(id -u)" = 0 ] || fail "needs$missing; install them, or run this as root on Debian"
  command -v apt-get >/dev/null || fail "needs$missing, and this machine has no apt-get; install them by hand"
  say "installing$missing"
  # shellcheck disable=SC2086  # a list of package names
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } \
    >"$folder/install.log" 2>&1 || fail "installing$missing failed; read $folder/install.log"
}

# Prints the DOCKER_HOST of an engine that answers; fails if none does.
find_engine() {
  for host in "${DOCKER_HOST:-}" unix:///var/run/docker.sock "unix://$socket"; do
    case $host in
      unix://*) if answers "${host#unix://}"; then say "an engine answers"; echo "$host"; return 0; fi ;;
    esac
  done
  return 1
}

start() {
  [ "$(id -u)" = 0 ] || fail "starting a Docker Engine needs root; start one yourself and set DOCKER_HOST"
  say "starting dockerd (log: $log)"
  # Standard output is redirected, so that a caller's $(...) ends with this script.
  setsid dockerd --host "unix://$socket" --pidfile "$pid_file" --data-root "$folder/data" \
    --exec-root "$folder/exec" --bridge none --iptables=false --ip6tables=false --ip-forward=false \
    >"$log" 2>&1 </dev/null &
  started=$!
  waited=0
  until answers "$socket"; do
    kill -0 "$started" 2>/dev/null || fail "dockerd ended at once; read $log"
    waited=$((waited + 1))
    [ "$waited" -le $((patience_seconds * 5)) ] || fail "dockerd did not answer in $patience_seconds s; read $log"
    sleep 0.2
  done
  say "dockerd answers, pid $(cat "$pid_file")"
}

case ${1:-start} in
  stop) stop ;;
  start)
    mkdir -p -m 0700 "$folder"
    install_missing mmdebstrap=mmdebstrap curl=curl
    find_engine && exit 0
    install_missing dockerd=docker.io
    # If there is a service manager, installing the package has started the engine.
    find_engine && exit 0
    start
    echo "unix://$socket"
    ;;
  *) fail "unknown argument '$1'; use start (the default) or stop" ;;
esac
