#!/usr/bin/env bash
# Bad clients: a real Postfix sees in each kind what it is, and the messages beside them are all accepted
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. .ci/claims.sh

server=$scratch/postfix
log=$server/log

# What Postfix's log says of each kind.
declare -A says=(
    [early-talker]='improper command pipelining after CONNECT'
    [slow-writer=1]='timeout after CONNECT'
    [slow-reader]='improper command pipelining after'
    [half-open]='lost connection after MAIL'
    [silent]='timeout after CONNECT'
    [drop=greeting]='lost connection after CONNECT'
    [drop=ehlo]='lost connection after EHLO'
    [drop=mail]='lost connection after MAIL'
    [drop=rcpt]='lost connection after RCPT'
    [drop=data]='lost connection after DATA (0 bytes)'
    [reset=data]='lost connection after DATA (0 bytes)'
    [long-line=5000]='request longer than 2048'
    [pipeline]='improper command pipelining after EHLO'
    [endless-content]='lost connection after DATA (199'
    [bad-syntax]='too many errors after'
)

logged() { grep -cF "$1" "$log" || true; }

is_logged() { [ "$(logged "${says[$2]}")" -gt "$1" ]; }

# Postfix logs a session of a bad client at most once, and all that ended before the run did.
is_seen() {
    local kind=$1 document=$scratch/$1.json before after # of the run
    before=$(logged "${says[$kind]}")
    "$mailmill" run "smtp://127.0.0.1:$port" --quiet --rate 20/s --duration 4s --misbehave "$kind" --out "$document" || [ $? -eq 20 ]
    wait_until 10 is_logged "$before" "$kind" || true
    after=$(logged "${says[$kind]}")
    jq -c '.misbehaved' "$document"
    echo "the log says '${says[$kind]}' $((after - before)) times"
    holds "$document" '.counts | .intended == 80 and .accepted == 80'
    holds "$document" ".misbehaved[0] | .sessions >= $((after - before)) and .local + .unreached + .garbled == 0"
    [ $((after - before)) -ge 1 ]
    books_add_up "$document"
}

dropped_sessions_agree() {
    for kind in drop=ehlo drop=mail drop=rcpt drop=data; do
        holds "$scratch/$kind.json" '.misbehaved[0] | .left >= 10 and .left + .open == .sessions'
    done
}

build_mailmill
mkdir "$server"
at_end .ci/servers/postfix stop "$server"
port=$(.ci/servers/postfix start "$server" | sed -n 's/^smtp=//p')
# What a server's owner sets against bad clients; the last entry of a name counts, and no daemon has read it yet.
cat >>"$server/etc/main.cf" <<END
smtpd_timeout = 2s
smtpd_per_request_deadline = yes
smtpd_hard_error_limit = 10
message_size_limit = 200000
END

for kind in "${!says[@]}"; do
    claim "of $kind Postfix says '${says[$kind]}'" is_seen "$kind"
done
claim "those who drop their sessions do so until the end" dropped_sessions_agree
close_claims
