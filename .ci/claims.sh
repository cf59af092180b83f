# shellcheck shell=bash
# A gate is a list of claims: sentences about the program, each with the command that would show it to be false.
#
# Sourced by .ci/run and by every script in .ci/checks, which can also be run alone.
#
#   claim SENTENCE COMMAND…    runs COMMAND (a function may be one), prints how long it took, and what it said if it failed
#   scratch                    a folder that is removed at the end
#   at_end COMMAND…            runs COMMAND when the script ends, however it ends; the last one given runs first
#   wait_until SECONDS COMMAND…   repeats COMMAND until it succeeds; fails when the time is over
#   build_mailmill             builds the program that the checks run: "$mailmill"
#   holds FILE FILTER          whether the jq filter is true of a JSON file; prints what the file says where it is not
#   books_add_up FILE          whether the outcomes of a result document add up to the slots intended
#   close_claims               prints the count; fails if a claim failed. The last line of every script
#
# A failed claim does not stop the script: the next one may say why.

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d -t mailmill-ci-XXXXXX)
chmod 755 "$scratch" # servers drop their privileges and must still reach their folders below it
endings=("rm -rf -- $scratch")
trap 'run_endings' EXIT
trap 'exit 130' INT TERM

# The outermost script owns the books of all that it calls.
if [ -z "${CLAIMS:-}" ]; then
    export CLAIMS=$scratch/claims
    : >"$CLAIMS"
    own_books=yes
fi

at_end() { endings=("$(printf '%q ' "$@")" "${endings[@]}"); }

run_endings() {
    local ending
    trap - EXIT
    for ending in "${endings[@]}"; do eval "$ending" >/dev/null 2>&1 || true; done
}

# claim never runs COMMAND as part of a condition: there bash would ignore set -e inside it.
claim() {
    local sentence=$1 began=$EPOCHREALTIME code
    shift
    set +e
    (
        set -e
        "$@"
    ) >"$scratch/said" 2>&1 </dev/null
    code=$?
    set -e
    if [ $code -eq 0 ]; then
        echo "passed $sentence" >>"$CLAIMS"
        printf 'ok      %s (%s s)\n' "$sentence" "$(seconds_since "$began")"
    else
        echo "failed $sentence" >>"$CLAIMS"
        printf 'FAILED  %s (exit code %d after %s s)\n' "$sentence" $code "$(seconds_since "$began")"
        tail -n 200 "$scratch/said" | sed 's/^/        | /'
    fi
}

seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }

wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

mailmill=$scratch/mailmill
build_mailmill() { (cd "$tree" && go build -o "$mailmill" ./cmd/mailmill); }

holds() {
    [ "$(jq "$2" "$1")" = true ] && return
    echo "not true of $(basename "$1"): $2"
    jq -c '{verdict, counts, faults, replies, checks}' "$1"
    return 1
}

books_add_up() {
    holds "$1" '.counts | .intended == .accepted + .deferred + .rejected + .failed + .unknown + .dropped + .unfinished'
}

close_claims() {
    [ -n "${own_books:-}" ] || return 0
    local passed failed
    passed=$(grep -c '^passed' "$CLAIMS" || true)
    failed=$(grep -c '^failed' "$CLAIMS" || true)
    if [ "$failed" -gt 0 ]; then
        echo
        sed -n 's/^failed /FAILED  /p' "$CLAIMS"
    fi
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
