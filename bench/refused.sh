#!/usr/bin/env bash
# What a refused connection costs this proxy and HAProxy, in turns, with one thread each and the same rules:
#   bench/refused.sh [PROGRAM] [ROUNDS]
# PROGRAM is the native build by default ("out/fasttcpproxy", as the README publishes it); ROUNDS is 7 by default.
# Prints the medians of processor time for each connection: refused by an entry (reset, drop), and by a rate of its source (reset).
# Needs Debian's haproxy and python3; root, because a drop needs CAP_NET_ADMIN.
set -euo pipefail
shopt -s inherit_errexit
root=$(cd "$(dirname "$0")/.." && pwd)
program=${1:-$root/out/fasttcpproxy}
rounds=${2:-7}
readonly ours=18710 theirs=18720 connections=5000 denied=127.0.9.1 limited=127.0.9.2

work=$(mktemp -d)
pids=()
finish() {
  kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

cat > "$work/haproxy.cfg" <<END
global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  retries 0
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend reset
  bind 127.0.0.1:$theirs backlog 4096
  stick-table type ip size 200k expire 60s store conn_rate(1s)
  tcp-request connection reject if { src $denied }
  tcp-request connection track-sc0 src
  tcp-request connection reject if { sc0_conn_rate gt 5 }
  default_backend none
frontend drop
  bind 127.0.0.1:$((theirs + 1)) backlog 4096
  tcp-request connection silent-drop if { src $denied }
  default_backend none
backend none
  server none 127.0.0.1:9
END

cat > "$work/proxy.json" <<END
{ "engine": { "threads": 1 }, "log": { "format": "none" }, "guards": { "deny": ["$denied"], "perSource": { "connections": "5/s" } },
  "services": [
    { "name": "reset", "mode": "raw", "listen": ["127.0.0.1:$ours"], "upstreams": [{ "address": "127.0.0.1:9" }] },
    { "name": "drop", "mode": "raw", "listen": ["127.0.0.1:$((ours + 1))"], "upstreams": [{ "address": "127.0.0.1:9" }],
      "guards": { "onRefuse": "drop" } }] }
END

cat > "$work/client.py" <<'END'
import socket, sys
# Each connection waits for its end; one that is dropped is left, and reset by this side.
port, source, connections, waits = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] == "waits"
refused = 0
for _ in range(connections):
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.settimeout(5)
        try:
            client.bind((source, 0))
            client.connect(("127.0.0.1", port))
            if not waits or client.recv(1) == b"": refused += 1
        except ConnectionResetError:
            refused += 1
if refused < connections * 0.98: sys.exit(f"{connections - refused} of {connections} were not refused")
END

haproxy -q -db -f "$work/haproxy.cfg" & pids+=($!); haproxy_pid=$!
"$program" run --config "$work/proxy.json" 2> "$work/log" & pids+=($!); proxy_pid=$!
for ((i = 0; i < 100; i++)); do (exec 3<> /dev/tcp/127.0.0.1/$theirs) 2> /dev/null && break; sleep 0.1; done
for ((i = 0; i < 100; i++)); do grep -q ' 1002 ' "$work/log" && break; sleep 0.1; done

used_ns() { cat /proc/"$1"/task/*/schedstat | awk '{ sum += $1 } END { print sum }'; }

# Processor time of one connection in nanoseconds: WHAT WHO PID PORT SOURCE waits|leaves.
measure() {
  local before after
  before=$(used_ns "$3")
  python3 "$work/client.py" "$4" "$5" $connections "$6"
  sleep 0.2
  after=$(used_ns "$3")
  echo "$1 $2 $(((after - before) / connections))"
}

for ((round = 0; round <= rounds; round++)); do
  # The first one warms up.
  file=$([[ $round == 0 ]] && echo /dev/null || echo "$work/costs")
  {
    measure entry-reset fasttcpproxy $proxy_pid $ours $denied waits
    measure entry-reset haproxy $haproxy_pid $theirs $denied waits
    measure entry-drop fasttcpproxy $proxy_pid $((ours + 1)) $denied leaves
    measure entry-drop haproxy $haproxy_pid $((theirs + 1)) $denied leaves
    measure rate-reset fasttcpproxy $proxy_pid $ours $limited waits
    measure rate-reset haproxy $haproxy_pid $theirs $limited waits
  } >> "$file"
done

for what in entry-reset entry-drop rate-reset; do
  for who in fasttcpproxy haproxy; do
    median=$(awk -v what=$what -v who=$who '$1 == what && $2 == who { print $3 }' "$work/costs" | sort -n \
      | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }')
    echo "$what $who: $(awk -v ns="$median" 'BEGIN { printf "%.1f", ns / 1000 }') us of processor time a connection"
  done
done
