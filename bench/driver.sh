#!/bin/sh
# Runs the built proxy in the foreground as a black-box test asks for it by the environment:
#   LISTEN host:port   UPSTREAMS host:port[,host:port...]   MODE raw|v1|v2   THREADS n   CONNECT_TIMEOUT seconds   WORKDIR folder
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
case $MODE in v1) mode=proxy-v1 ;; v2) mode=proxy-v2 ;; *) mode=raw ;; esac
upstreams=$(printf '%s' "$UPSTREAMS" | tr ',' '\n' | sed 's/.*/{ "address": "&" }/' | paste -sd, -)
cat > "$WORKDIR/fasttcpproxy.json" <<EOF
{
  "services": [{
    "name": "bench", "listen": ["$LISTEN"], "mode": "$mode", "connectTimeout": "${CONNECT_TIMEOUT}s",
    "upstreams": [$upstreams]
  }],
  "engine": { "threads": $THREADS }
}
EOF
exec "$root/src/FastTcpProxy.Daemon/bin/Release/net10.0/fasttcpproxy" run --config "$WORKDIR/fasttcpproxy.json" --log-format none
