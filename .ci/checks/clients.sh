#!/usr/bin/env bash
# Clients that others wrote, against mailmill sink
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. .ci/claims.sh

# start_sink NAME FLAGS… leaves the process in $sink, the port in $port, and what it prints in $scratch/NAME.
start_sink() {
    local out=$scratch/$1
    shift
    env --default-signal=INT "$mailmill" sink --listen 127.0.0.1:0 --counters json "$@" >"$out" 2>&1 </dev/null &
    sink=$!
    at_end kill -KILL $sink
    wait_until 10 grep -q listening "$out"
    port=$(jq -r 'select(.listening).listening | split(":")[-1]' "$out")
}

# end_sink NAME interrupts the sink and leaves its last counters in $scratch/NAME.counters.
end_sink() {
    kill -INT $sink
    wait $sink || true
    tail -n 1 "$scratch/$1" >"$scratch/$1.counters"
}

counts() {
    cat "$scratch/$1.counters"
    [ "$(jq "$2" "$scratch/$1.counters")" = true ]
}

smtp_source_sends() { timeout 60 smtp-source -s 20 -m 1000 -l 1024 "$@" -f a@example.com -t b@example.com "127.0.0.1:$port"; }
swaks_sends() { timeout 60 swaks --server "127.0.0.1:$port" --helo client.example.com --from a@example.com --to b@example.com; }
msmtp_sends() {
    printf 'Subject: one\n\none\n' |
        timeout 60 msmtp -C /dev/null --host=127.0.0.1 --port="$port" --domain=client.example.com --from=a@example.com b@example.com
}
smtplib_sends() {
    timeout 60 python3 - "$port" "$scratch/dots" <<'END'
import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), "client.example.com", timeout=10) as session:
    refused = session.sendmail("a@example.com", ["b@example.com"], open(sys.argv[2], "rb").read())
sys.exit(f"refused: {refused}" if refused else 0)
END
}

# The store may put header fields of its own in front; what was sent must be the rest, octet for octet.
stored_as_sent() {
    local stored
    stored=$(find "$scratch/mail" -type f -path '*/new/*')
    echo "stored: $stored"
    [ "$(wc -l <<<"$stored")" -eq 1 ]
    python3 - "$stored" "$scratch/dots" <<'END'
import sys
stored, sent = (open(name, "rb").read().replace(b"\r\n", b"\n") for name in sys.argv[1:])
sys.exit(0 if stored.endswith(sent) else f"stored {stored!r}, sent {sent!r}")
END
}

build_mailmill
printf 'Subject: dots\r\n\r\n.\r\n..\r\n.a line\r\n\r\nend.\r\n' >"$scratch/dots"

start_sink taken
claim "smtp-source sends 1000 messages, a session each" smtp_source_sends
claim "smtp-source sends 1000 messages over kept sessions" smtp_source_sends -d
claim "swaks sends a message" swaks_sends
claim "Python's smtplib sends a message" smtplib_sends
claim "msmtp sends a message" msmtp_sends
end_sink taken
claim "the sink counted what they sent" counts taken '.messages == 2003 and .recipients == 2003 and .sessions == 1023'
claim "the sink refused and lost nothing" counts taken '.messages_refused + .messages_unknown + .abandoned + .broken + .active_sessions == 0'

start_sink stored --store "maildir:$scratch/mail"
claim "smtplib sends lines that begin with dots" smtplib_sends
end_sink stored
claim "the sink stored them octet for octet" stored_as_sent
close_claims
