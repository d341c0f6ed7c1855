#!/bin/sh
# The performance check of a change, whole: regression.sh [OPTIONS] [BASE [HEAD]]; see bench/regression.md.
# Needs the .NET SDK, git and strace; no service.
set -eu

usage() {
  cat <<'EOF'
Usage: bench/regression.sh [OPTIONS] [BASE [HEAD]]

Builds two revisions, and checks the second: the gate against the first (exact figures, size, start-up, CPU time), the allocation budgets, and the
thresholds of load scenarios. BASE, HEAD: a revision, or a folder with a source tree. Default: where the work left origin's main line, and the work tree.

  --output DIR         what is written: result.json, trend.html, the reports of each step. Default: a new folder for temporary files.
  --history DIR        the runs of the past, and the baseline. Default: the folder "history" in the output.
  --from-baseline      compares with the commit of the baseline; BASE counts only where there is none, or where the repository does not have it
  --update-baseline    makes this run the baseline if it passes; HEAD has to be a revision
  --scenarios LIST     load scenarios, separated by spaces; "" for none. Default: "churn failover worst-case".
  --load-duration T    how long each takes. Default: 15s, the least of "failover".
  --thresholds DIR     DIR/SCENARIO.json replaces a scenario's own thresholds.
  --processes N, --rounds N, --seconds S, --starts N, --native   how much the gate measures: see bench/gate.sh --help

Exit codes: 0 passed, 1 no verdict (a build failed, a tool is missing, the machine was too busy), 2 wrong command line, 3 regression.
EOF
}

say() { printf '%s\n' "$*" >&2; }
wrong() { say "error: $*; see --help"; exit 2; }
fail() { say "error: $*"; exit 1; }

bench=$(cd "$(dirname "$0")" && pwd)
output='' history='' scenarios='churn failover worst-case' load_duration=15s thresholds='' from_baseline='' update_baseline='' gate_options='' base='' head=''
while [ $# -gt 0 ]; do
  case $1 in
    --output | --history | --scenarios | --load-duration | --thresholds | --processes | --rounds | --seconds | --starts)
      [ $# -ge 2 ] || wrong "$1 needs a value" ;;
  esac
  case $1 in
    --output) output=$2; shift ;;
    --history) history=$2; shift ;;
    --scenarios) scenarios=$2; shift ;;
    --load-duration) load_duration=$2; shift ;;
    --thresholds) thresholds=$2; shift ;;
    --processes | --rounds | --seconds | --starts)
      case $2 in '' | *[!0-9.]*) wrong "$1: expected a number, got \"$2\"" ;; esac
      gate_options="$gate_options $1 $2"; shift ;;
    --native) gate_options="$gate_options --native" ;;
    --from-baseline) from_baseline=yes ;;
    --update-baseline) update_baseline=--update-baseline ;;
    --help | -h) usage; exit 0 ;;
    -*) wrong "$1: no such option" ;;
    *)
      if [ -z "$base" ]; then base=$1; elif [ -z "$head" ]; then head=$1; else wrong "$1: one argument too many"; fi ;;
  esac
  shift
done
for scenario in $scenarios; do
  case $scenario in *[!a-z0-9-]*) wrong "--scenarios: \"$scenario\" is not the name of a scenario" ;; esac
done
[ -z "$thresholds" ] || [ -d "$thresholds" ] || wrong "--thresholds: $thresholds is not a folder"

repository=$(git rev-parse --show-toplevel) || fail "not in a git repository"
commit_of() { git -C "$repository" rev-parse --verify --quiet "$1^{commit}"; }
[ -z "$head" ] || [ -d "$head" ] || commit_of "$head" >/dev/null || wrong "HEAD: $head is neither a folder nor a revision here"
[ -z "$update_baseline" ] || { [ -n "$head" ] && [ ! -d "$head" ]; } || wrong "--update-baseline needs a revision as HEAD: a folder may be anything"

export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if [ -n "$output" ]; then mkdir -p "$output"; else output=$(mktemp -d "${TMPDIR:-/tmp}/fasttcpproxy-regression-XXXXXX"); fi
output=$(cd "$output" && pwd)
# What an earlier run left there would be taken for this one's.
rm -rf "$output/gate.json" "$output/gate.txt" "$output/allocations.txt" "$output/load" "$output/load-base" "$output/result.json" "$output/trend.html"
history=${history:-$output/history}
mkdir -p "$history"
trees=$(mktemp -d "${TMPDIR:-/tmp}/fasttcpproxy-trees-XXXXXX")
trap 'rm -rf "$trees"' EXIT
trap 'exit 1' HUP INT TERM

dotnet build -c Release -v quiet -nologo "$bench/gate" >&2 || fail "the gate does not build"
gate=$bench/gate/bin/Release/net10.0/fasttcpproxy-gate

if [ -n "$from_baseline" ] && [ -e "$history/baseline.json" ]; then
  commit=$("$gate" history baseline --history "$history") || fail "$history/baseline.json names no commit"
  if commit_of "$commit" >/dev/null; then base=$commit; else say "the repository does not have the baseline's commit $commit: comparing with BASE"; fi
fi
if [ -z "$base" ]; then
  for main in origin/HEAD origin/main origin/master; do
    if base=$(git -C "$repository" merge-base HEAD "$main" 2>/dev/null); then break; fi
  done
  [ -n "$base" ] || wrong "the repository has no origin/HEAD, origin/main or origin/master to compare with: name a BASE"
fi

# open_tree NAME FOLDER-OR-REVISION: sets tree, name and commit. A revision is written to a folder of its own.
open_tree() {
  commit=''
  if [ -d "$2" ]; then
    tree=$(cd "$2" && pwd) name=$(cd "$2" && pwd)
    return
  fi
  commit=$(commit_of "$2") || wrong "$2 is neither a folder nor a revision here (a shallow clone has only some: fetch it)"
  tree=$trees/$1
  mkdir "$tree"
  git -C "$repository" archive --format=tar "$commit" >"$tree.tar" || fail "git archive $commit failed"
  tar -xf "$tree.tar" -C "$tree" || fail "the tree of $commit cannot be written"
  rm "$tree.tar"
  case $commit in "$2"*) name=$(git -C "$repository" log -1 --format='%h %s' "$commit") ;; *) name="$2 ($(git -C "$repository" log -1 --format='%h %s' "$commit"))" ;; esac
}
open_tree base "$base"
base_tree=$tree base_name=$name base_commit=$commit
open_tree head "${head:-$repository}"
head_tree=$tree head_name=$name head_commit=$commit
say "base: $base_name"
say "head: $head_name"

# run FILE COMMAND...: runs it with its output on the terminal and in a file, and sets code to its exit code.
run() {
  file=$1
  shift
  { code=0; "$@" 2>&1 || code=$?; echo "$code" >"$trees/code"; } </dev/null | tee "$file" >&2
  read -r code <"$trees/code"
}
project_of() { ls "$1"/*.csproj 2>/dev/null; }

say "== gate: exact figures, size, start-up, CPU time"
# The options are numbers and words without spaces, checked above.
# shellcheck disable=SC2086
run "$output/gate.txt" "$gate" "$base_tree" "$head_tree" "--base-name=$base_name" "--head-name=$head_name" --json "$output/gate.json" $gate_options
[ "$code" -ne 2 ] || exit 2
set -- --step "gate=$code"

say "== allocation budgets"
budgets=bench/FastTcpProxy.Benchmarks
if [ -z "$(project_of "$head_tree/$budgets")" ]; then
  say "skipped: the head has no $budgets"
  set -- "$@" --step "allocations=skipped,the head has none"
else
  run "$output/allocations.txt" dotnet build -c Release -v quiet -nologo "$head_tree/$budgets"
  if [ "$code" -ne 0 ]; then code=1; else
    run "$output/allocations.txt" dotnet run --no-build -c Release --project "$head_tree/$budgets" -- --check-allocations
    # It ends with 1 when a budget is broken, and with another code when it could not find out.
    case $code in 0) ;; 1) code=3 ;; *) code=1 ;; esac
  fi
  set -- "$@" --step "allocations=$code"
fi

# load TREE SCENARIO FOLDER: runs a scenario of a tree that is built, and sets code. The folder holds its reports alone, its output is beside it.
load() {
  mkdir -p "$3"
  own=''
  [ -z "$thresholds" ] || [ ! -e "$thresholds/$2.json" ] || own=$thresholds/$2.json
  run "$3.txt" dotnet run --no-build -c Release --project "$1/$loadtest" -- run "$2" --duration "$load_duration" --report "$3" ${own:+--thresholds "$own"}
}
loadtest=loadtest/FastTcpProxy.LoadTest
load_ready=''
if [ -z "$scenarios" ]; then
  set -- "$@" --step "load=skipped,no scenario was asked for"
elif [ -z "$(project_of "$head_tree/$loadtest")" ]; then
  say "== load: skipped, the head has no $loadtest"
  set -- "$@" --step "load=skipped,the head has no load tests"
else
  mkdir -p "$output/load"
  run "$output/load/build.txt" dotnet build -c Release -v quiet -nologo "$head_tree/$loadtest"
  if [ "$code" -eq 0 ]; then load_ready=yes; else set -- "$@" --step "load=1,the load tests do not build"; fi
fi
base_ready=''
for scenario in ${load_ready:+$scenarios}; do
  say "== load: $scenario"
  load "$head_tree" "$scenario" "$output/load/$scenario"
  note=''
  if [ "$code" -eq 3 ]; then
    # A bound that the base breaks too says something of the machine or of the bound. The run fails all the same: a threshold is a promise.
    if [ -z "$(project_of "$base_tree/$loadtest")" ]; then
      say "the base has no load tests: whether it breaks the threshold too is not known"
      note=',the base has no load tests'
    else
      [ -n "$base_ready" ] || { run "$output/load/build-base.txt" dotnet build -c Release -v quiet -nologo "$base_tree/$loadtest"; base_ready=$code; }
      code=1
      [ "$base_ready" -ne 0 ] || load "$base_tree" "$scenario" "$output/load-base/$scenario"
      case $code in 3) note=',the base breaks a threshold too' ;; 0) note=',the base keeps the thresholds' ;; *) note=',the base could not be measured' ;; esac
      code=3
    fi
  fi
  set -- "$@" --step "load $scenario=$code$note"
done

say "== result"
result=0
"$gate" history add --run "$output" --history "$history" "--base=$base_name" "--head=$head_name" ${base_commit:+--base-commit "$base_commit"} \
  ${head_commit:+--head-commit "$head_commit"} ${update_baseline:+"$update_baseline"} "$@" || result=$?
say "written to $output: result.json, trend.html and the reports of each step; the history is in $history"
exit "$result"
