#!/usr/bin/env bash
# What a setting is worth: a load scenario with the settings A and with the settings B, in turns, each in a network namespace of its own,
# and the median of each figure. Needs root, the .NET SDK and iproute2; conntrack needs nftables, offload ethtool.
#
#   bench/tuning/ab.sh A B [SCENARIO [ROUNDS [OPTION OF THE LOAD TEST ...]]]
#
# A and B are words "key=value" in one argument, or "-" for none: a key with a dot is a sysctl of the namespace (commas between its numbers),
# conntrack=on has the packet filter track each connection, offload=on|off gives loopback packets of 1,500 bytes with or without segmentation
# offload, any other is an environment variable of the proxy and of the load.
#
#   bench/tuning/ab.sh - DOTNET_TieredPGO=0
#   bench/tuning/ab.sh net.ipv4.tcp_syn_linear_timeouts=4 net.ipv4.tcp_syn_linear_timeouts=0 worst-case 1 --rate 1000
set -euo pipefail
[[ $# -ge 2 ]] || { sed -n '2,14s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[[ $EUID -eq 0 ]] || { echo "ab.sh: needs root, for network namespaces" >&2; exit 1; }
for word in $1 $2; do [[ $word == - || $word == ?*=* ]] || { echo "ab.sh: '$word', expected - or key=value" >&2; exit 2; }; done
[[ ${4:-3} =~ ^[1-9][0-9]{0,2}$ ]] || { echo "ab.sh: '$4' rounds, expected 1 to 999" >&2; exit 2; }
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
a=$1 b=$2 scenario=${3:-churn} rounds=${4:-3}
if [[ $# -gt 4 ]]; then options=("${@:5}"); else options=(--duration 10s); fi
dotnet build -c Release -v q -nologo loadtest/FastTcpProxy.LoadTest >&2
program=$PWD/loadtest/FastTcpProxy.LoadTest/bin/Release/net10.0/fasttcpproxy-loadtest
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# shellcheck disable=SC2016 # the inner shell expands it
run() {
  unshare -n bash -c '
    set -e; settings=$1; shift; variables=()
    ip link set lo up
    # apart from the ports on which upstreams listen
    sysctl -q -w net.ipv4.ip_local_port_range="33000 65000"
    for word in $settings; do
      case $word in
        -) ;;
        conntrack=on) nft add table inet t; nft "add chain inet t c { type filter hook input priority 0; }"; nft add rule inet t c ct state established counter ;;
        offload=*) ip link set lo mtu 1500; ethtool -K lo tso "${word#*=}" gso "${word#*=}" gro "${word#*=}" ;;
        *.*=*) sysctl -q -w "${word//,/ }" ;;
        *) variables+=("$word") ;;
      esac
    done
    exec env "${variables[@]}" "$@"' ab "$2" "$program" run "$scenario" --no-namespace --report "$out/$1" "${options[@]}" >"$out/$1.txt" 2>&1 ||
    [[ -e $out/$1/report.json ]] || { cat "$out/$1.txt" >&2; exit 1; }
}
for ((i = 0; i < rounds; i++)); do
  run "a$i" "$a"
  run "b$i" "$b"
done

# figure, median of A, median of B; the phases by the columns of phases.csv
medians() {
  for side in a b; do
    for ((i = 0; i < rounds; i++)); do
      # the figures, an object of three lines each; then the phases
      awk -v side=$side '/"figures"/ { on = 1 } on && /"name"/ { gsub(/.*: "|",?$/, ""); name = $0 } on && /"value"/ { gsub(/.*: |,$/, ""); print name, side, $0 } on && /\]/ { exit }' "$out/$side$i/report.json"
      awk -F, -v side=$side 'NR > 1 && !/"/ { p = ($3 == "clients" ? "" : $3 ".") $4 "."; print p "p50_ms", side, $11; print p "p99_ms", side, $13; print p "recover_s", side, $17; print p "errors", side, $8 }' "$out/$side$i/phases.csv"
    done
  done | sort -k1,1 -k2,2 -k3,3g | awk '
    function flush() { if (key != "") m[key] = v[int((n + 1) / 2)]; n = 0 }
    { k = $1 " " $2; if (k != key) { flush(); key = k } v[++n] = $3; names[$1] }
    END { flush(); for (f in names) printf "%-36s %14s %14s\n", f, m[f " a"], m[f " b"] }' | sort
}
printf '%-36s %14s %14s   (A: %s; B: %s; %s, %s rounds)\n' figure A B "$a" "$b" "$scenario" "$rounds"
medians
