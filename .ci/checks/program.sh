#!/usr/bin/env bash
# The whole program, as a newcomer and as a script meet it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. .ci/claims.sh

# exits CODE COMMAND… whether the command ends with that exit code.
exits() {
    local want=$1 code=0
    shift
    "$@" || code=$?
    echo "exit code $code, want $want: $*"
    [ $code -eq "$want" ]
}

first_run_leaves_a_document() {
    git clone -q "$tree" "$scratch/clone"
    cd "$scratch/clone"
    go run ./cmd/mailmill run
    local documents=(results/*.json)
    [ ${#documents[@]} -eq 1 ]
    holds "${documents[0]}" '.format == "mailmill.result" and .counts.accepted > 0 and .counts.accepted == .counts.intended'
    books_add_up "${documents[0]}"
    [ -z "$(git status --porcelain)" ]
}

interrupted_run_is_written() {
    local run code=0
    env --default-signal=INT "$mailmill" run --duration 30s --out "$scratch/interrupted.json" &
    run=$!
    sleep 3
    kill -INT $run
    wait $run || code=$?
    echo "exit code $code"
    [ $code -eq 130 ]
    holds "$scratch/interrupted.json" '.verdict.end == "interrupted" and .counts.accepted > 0'
    books_add_up "$scratch/interrupted.json"
}

short() { "$mailmill" run --duration 1s --out none --quiet "$@"; }

# Without a network: nothing could leave the machine even if the rule were broken.
public_target_is_refused() { exits 2 unshare --net "$mailmill" run smtp://192.0.2.1:25 --messages 1 --out none; }

nothing_listens() {
    local port
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    exits 3 "$mailmill" run "smtp://127.0.0.1:$port" --messages 1 --out none
}

build_mailmill
claim "go run ./cmd/mailmill run in a fresh clone leaves a document in results" first_run_leaves_a_document
claim "a good run exits with 0" exits 0 short
claim "an unknown flag exits with 2" exits 2 short --no-such-flag
claim "a public target exits with 2 before any traffic" public_target_is_refused
claim "a target where nothing listens exits with 3" nothing_listens
claim "a check that does not hold exits with 10" exits 10 short --check 'accepted:count<1'
claim "a check with too few samples exits with 12" exits 12 short --messages 10 --check 'response:p99<60s'
claim "Ctrl-C exits with 130 and leaves a document that says so" interrupted_run_is_written
close_claims
