#!/usr/bin/env bash
# The profiles that come with mailmill, each for a second or two against the built-in sink
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. .ci/claims.sh

# shorter prints the flags that make a profile's run short.
shorter() {
    case $1 in
    smoke) ;;
    spam-wave) echo --stages 0.5s@20/s,0.5s@20..160/s,0.5s@160/s ;;
    capacity-80-100-120) echo --stages 0.5s@0.8/s,0.5s@1/s,0.5s@1.2/s ;;
    soak) echo --duration 1500ms --warm-up 100ms --check accepted:ratio==100% ;;
    *) echo --duration 1500ms ;;
    esac
}

runs() {
    local name=$1
    # shellcheck disable=SC2046
    "$mailmill" run --profile "$name" $(shorter "$name") --quiet --out "$scratch/$name.json"
    holds "$scratch/$name.json" '.counts.accepted > 0 and .counts.accepted + .counts.rejected == .counts.intended and (.faults | not)'
    books_add_up "$scratch/$name.json"
}

has_logged_in_by_tls() {
    holds "$scratch/submission.json" '[.steps[].name] | contains(["starttls", "tls", "auth"])'
}

has_classes() {
    holds "$scratch/inbound-mx.json" '[.classes[].name] == ["mail", "spam", "bounce"]'
    holds "$scratch/inbound-mx.json" '[.classes[] | select(.counts.recipients_rejected > 0) | .name] - ["spam"] == []'
    holds "$scratch/inbound-mx.json" '([.classes[].counts.accepted] | add) == .counts.accepted'
}

# The plan that is printed is run, and is the same plan.
is_the_same_when_printed() {
    "$mailmill" run --profile inbound-mx --duration 1s --print-plan >"$scratch/printed.yaml"
    for profile in "$scratch/printed.yaml" inbound-mx; do
        "$mailmill" run --profile "$profile" --duration 1s --quiet --out "$scratch/run.json"
        jq -r .run.plan_sha256 "$scratch/run.json"
    done | grep -E '^[0-9a-f]{64}$' | uniq | tee "$scratch/sums"
    [ "$(wc -l <"$scratch/sums")" -eq 1 ]
}

build_mailmill
for name in $("$mailmill" profiles list | grep -oE '^[a-z][a-z0-9-]*'); do
    claim "the profile $name runs, and every message is taken or its recipients are unknown" runs "$name"
done
claim "submission begins TLS and logs in" has_logged_in_by_tls
claim "inbound-mx has books for each of its classes, and only spam goes to unknown recipients" has_classes
claim "a printed plan is the same plan" is_the_same_when_printed
close_claims
