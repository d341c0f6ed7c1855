#!/usr/bin/env bash
# Scrapes this proxy and HAProxy in turns, with 1,008 upstreams each, all of which have had a client and are checked:
#   bench/scrape.sh [PROGRAM] [ROUNDS]
# PROGRAM is the native build by default ("out/fasttcpproxy", as the README publishes it); ROUNDS is 40 by default.
# Prints the medians of time and bytes, plain and as Prometheus asks (gzip), and what clients waited with and without a scrape each
# second. Needs Debian's haproxy, nginx and curl, and 1 GB of memory.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=${1:-$root/out/fasttcpproxy}
rounds=${2:-40}
readonly services=16 upstreams=63 first=18500 haproxy_first=18600 haproxy_metrics=18699 upstream=18700
readonly requests=2000 turns=5

work=$(mktemp -d)
pids=()
finish() {
  kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

cat > "$work/nginx.conf" <<END
daemon off; master_process off; pid $work/nginx.pid; error_log /dev/null;
events { worker_connections 4096; }
http {
  access_log off; client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work; uwsgi_temp_path $work; scgi_temp_path $work;
  server { listen 127.0.0.1:$upstream backlog=4096; keepalive_timeout 0; location / { return 200 "ok"; } }
}
END

{
  echo "global"
  echo "  nbthread 1"
  echo "defaults"
  echo "  mode tcp"
  echo "  timeout connect 5s"
  echo "  timeout client 30s"
  echo "  timeout server 30s"
  echo "frontend metrics"
  echo "  mode http"
  echo "  bind 127.0.0.1:$haproxy_metrics"
  echo "  compression algo gzip"
  echo "  compression type text/plain"
  echo "  http-request use-service prometheus-exporter if { path /metrics }"
  for ((s = 0; s < services; s++)); do
    printf 'listen service-%02d\n  balance roundrobin\n  bind 127.0.0.1:%d\n' $s $((haproxy_first + s))
    for ((u = 0; u < upstreams; u++)); do printf '  server upstream-%02d-%02d 127.0.0.1:%d check inter 60s\n' $s $u $upstream; done
  done
} > "$work/haproxy.cfg"

{
  printf '{ "admin": { "socket": "%s" }, "log": { "format": "none" }, "engine": { "threads": 1 }, "services": [' "$work/admin.sock"
  for ((s = 0; s < services; s++)); do
    printf '{ "name": "service-%02d", "listen": ["127.0.0.1:%d"], "mode": "raw", "healthCheck": { "type": "tcp", "interval": "60s" }, "upstreams": [' \
      $s $((first + s))
    for ((u = 0; u < upstreams; u++)); do printf '{ "name": "upstream-%02d-%02d", "address": "127.0.0.1:%d" },' $s $u $upstream; done
    printf ']},'
  done
  printf '] }'
} > "$work/proxy.json"

/usr/sbin/nginx -c "$work/nginx.conf" -p "$work" & pids+=($!)
/usr/sbin/haproxy -db -f "$work/haproxy.cfg" > "$work/haproxy.log" 2>&1 & pids+=($!)
"$program" run --config "$work/proxy.json" > "$work/proxy.log" 2>&1 & pids+=($!)

until_answers() {
  local i
  for ((i = 0; i < 100; i++)); do
    curl -sf -o /dev/null "$@" && return
    sleep 0.1
  done
  echo "no answer: $*" >&2
  cat "$work/proxy.log" "$work/haproxy.log" >&2
  exit 1
}
ours=(--unix-socket "$work/admin.sock" http://localhost/metrics)
theirs=("http://127.0.0.1:$haproxy_metrics/metrics")
until_answers "http://127.0.0.1:$upstream/"
until_answers "${ours[@]}"
until_answers "${theirs[@]}"

echo "a client for each upstream"
for ((u = 0; u < upstreams; u++)); do
  orders=() clients=()
  for ((s = 0; s < services; s++)); do
    name=$(printf 'upstream-%02d-%02d' $s $u)
    [[ ${#orders[@]} -eq 0 ]] || orders+=(--next)
    orders+=(-sf -o /dev/null --unix-socket "$work/admin.sock" -X PUT -H 'If-Match: *' --json "{\"names\":[\"$name\"]}"
      "http://localhost/v1/services/$(printf 'service-%02d' $s)/order")
    clients+=("http://127.0.0.1:$((first + s))/" "http://127.0.0.1:$((haproxy_first + s))/")
  done
  curl "${orders[@]}"
  curl -sf "${clients[@]}" > /dev/null
done
seen=$(curl -sf "${ours[@]}" | grep -cE '^fasttcpproxy_first_byte_seconds_count\{.*\} [1-9]')
[[ $seen -eq $((services * upstreams)) ]] || { echo "only $seen upstreams have had a client" >&2; exit 1; }

for ((i = 0; i < rounds; i++)); do
  for kind in plain gzip; do
    accept=identity
    [[ $kind == gzip ]] && accept=gzip
    curl -sf -o /dev/null -H "Accept-Encoding: $accept" -w "%{time_total} %{size_download}\n" "${ours[@]}" >> "$work/ours.$kind"
    curl -sf -o /dev/null -H "Accept-Encoding: $accept" -w "%{time_total} %{size_download}\n" "${theirs[@]}" >> "$work/haproxy.$kind"
  done
done

quantile() { sort -g | awk -v q="$1" '{ v[NR] = $1 } END { i = int(NR * q + 0.999999); if (i < 1) i = 1; print v[i] }'; }
printf '%-10s %-6s %10s %12s %8s\n' "" "" "median ms" "bytes" "series"
for kind in plain gzip; do
  for who in ours haproxy; do
    ms=$(awk '{ print $1 * 1000 }' "$work/$who.$kind" | quantile 0.5)
    bytes=$(awk '{ print $2 }' "$work/$who.$kind" | quantile 0.5)
    if [[ $who == ours ]]; then url=("${ours[@]}"); else url=("${theirs[@]}"); fi
    printf '%-10s %-6s %10.1f %12d %8d\n' "$who" "$kind" "$ms" "$bytes" "$(curl -sf "${url[@]}" | grep -vc '^#')"
  done
done

# In turns, so that what else the machine does meets both; the medians of the turns, so that one disturbed turn decides nothing.
for ((i = 0; i < turns; i++)); do
  for scraped in 0 1; do
    if [[ $scraped -eq 1 ]]; then
      while :; do curl -sf -o /dev/null -H 'Accept-Encoding: gzip' "${ours[@]}"; sleep 1; done & scraper=$!
    fi
    curl -sf -H 'Connection: close' -w '%{stderr}%{time_total}\n' -o /dev/null "http://127.0.0.1:$first/[1-$requests]" 2> "$work/clients"
    if [[ $scraped -eq 1 ]]; then kill $scraper; wait $scraper 2>/dev/null || true; fi
    for q in 0.5 0.99; do awk '{ print $1 * 1000 }' "$work/clients" | quantile $q >> "$work/clients.$scraped.$q"; done
  done
done
for scraped in 0 1; do
  name=$([[ $scraped -eq 1 ]] && echo "one scrape a second" || echo "no scrape")
  printf 'clients, %s: p50 %.2f ms, p99 %.2f ms, medians of %d turns of %d clients; p99 of each:%s\n' "$name" \
    "$(quantile 0.5 < "$work/clients.$scraped.0.5")" "$(quantile 0.5 < "$work/clients.$scraped.0.99")" $turns $requests \
    "$(printf ' %.2f' $(< "$work/clients.$scraped.0.99"))"
done
