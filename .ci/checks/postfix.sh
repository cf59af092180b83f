#!/usr/bin/env bash
# A real server: Postfix
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. .ci/claims.sh

messages=2000
server=$scratch/postfix
log=$server/log

run_against() { "$mailmill" run "smtp://127.0.0.1:$port" --quiet "$@"; }

accepts_every_message() {
    run_against --messages $messages --concurrency 20 --messages-per-session 100 --out "$scratch/many.json"
    holds "$scratch/many.json" ".counts | .intended == $messages and .accepted == $messages and .recipients_accepted == $messages"
    books_add_up "$scratch/many.json"
}

# Lines of Postfix's log: QUEUEID: client=… when RCPT was accepted, message-id=<…> when the content was taken,
# status=sent when the message has left the queue.
logged() { grep -c "$1" "$log" || true; }
logged_is() { [ "$(logged "$1")" -eq "$2" ]; }

log_agrees() {
    wait_until 60 logged_is 'discard\[.*status=sent' $messages || true
    echo "log: $(logged 'smtpd\[.*client=') client, $(logged 'cleanup\[.*message-id=') message-id, $(logged 'status=sent') sent"
    logged_is 'smtpd\[.*client=' $messages
    logged_is 'cleanup\[.*message-id=' $messages
    logged_is 'discard\[.*status=sent' $messages
}

# One session is the preflight's.
sessions_agree() {
    local sessions
    sessions=$(jq .counts.sessions "$scratch/many.json")
    echo "document: $sessions sessions; log: $(logged 'smtpd\[.*: connect from')"
    [ "$sessions" -ge 20 ]
    logged_is 'smtpd\[.*: connect from' $((sessions + 1))
}

message_ids_are_unique() {
    local unique
    unique=$(grep -oE 'message-id=<[^>]+@[^>]+>' "$log" | sort -u | wc -l)
    echo "$unique different Message-IDs of $messages"
    [ "$unique" -eq $messages ]
}

log_is_clean() { ! grep -E 'warning|fatal|panic|lost connection|timeout' "$log"; }

unknown_recipient_shows() {
    local code=0
    run_against --to nobody@example.com --messages 50 --concurrency 5 --out "$scratch/unknown.json" || code=$?
    echo "exit code $code"
    [ "$code" -eq 10 ]
    holds "$scratch/unknown.json" '.counts | .rejected == 50 and .accepted == 0 and .recipients_rejected == 50'
    holds "$scratch/unknown.json" '[.replies[] | select(.step == "rcpt" and .code == 550 and .enhanced == "5.1.1")]
        | length == 1 and .[0].count == 50 and (.[0].example | test("User unknown"))'
    books_add_up "$scratch/unknown.json"
}

survives_the_end_of_the_server() {
    local run code=0
    run_against --duration 6s --concurrency 20 --messages-per-session 0 --drain 5s --out "$scratch/stopped.json" &
    run=$!
    sleep 2
    .ci/servers/postfix stop "$server"
    wait $run || code=$?
    echo "exit code $code"
    [ $code -eq 0 ]
    holds "$scratch/stopped.json" '.counts.accepted > 0 and ([.faults[].count] | add) > 0'
    holds "$scratch/stopped.json" '[.faults[] | select(.side != "server")] == []'
    books_add_up "$scratch/stopped.json"
}

build_mailmill
mkdir "$server"
at_end .ci/servers/postfix stop "$server"
port=$(.ci/servers/postfix start "$server" | sed -n 's/^smtp=//p')

claim "Postfix accepts each of $messages messages over 20 sessions" accepts_every_message
claim "Postfix's log and the document count the same messages" log_agrees
claim "Postfix's log and the document count the same sessions" sessions_agree
claim "each message has a Message-ID of its own" message_ids_are_unique
claim "Postfix's log holds no complaint about its client" log_is_clean
claim "an unknown recipient shows as 550 5.1.1 at step rcpt" unknown_recipient_shows
claim "Postfix stopped in the middle is faults in a whole document" survives_the_end_of_the_server
close_claims
