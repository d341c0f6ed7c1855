#!/bin/sh
# The regression gate: gate.sh BASE [HEAD], two revisions or source trees; see bench/gate/README.md. Needs the .NET SDK, git and strace.
set -eu
project=$(cd "$(dirname "$0")/gate" && pwd)
export MSBUILDDISABLENODEREUSE=1
dotnet build -c Release -v quiet -nologo "$project" >&2 || exit 1
[ "${1-}" != --self-test ] || { shift; set -- self-test "$@"; }
exec "$project/bin/Release/net10.0/fasttcpproxy-gate" "$@"
