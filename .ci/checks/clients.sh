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
swaks_sends() { timeout 60 swaks --server "127.0.0.1:$port" --helo client.example.com --from a@example.com --to b@example.com "$@"; }
msmtp_sends() {
    printf 'Subject: one\n\none\n' |
        timeout 60 msmtp -C /dev/null --host=127.0.0.1 --port="$port" --domain=client.example.com --from=a@example.com "$@" b@example.com
}
smtplib_sends() {
    timeout 60 python3 - "$port" "$scratch/dots" <<'END'
import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), "client.example.com", timeout=10) as session:
    refused = session.sendmail("a@example.com", ["b@example.com"], open(sys.argv[2], "rb").read())
sys.exit(f"refused: {refused}" if refused else 0)
END
}

# One message each, over TLS and as a user, by each mechanism that the client knows. msmtp and Python verify the certificate.
swaks_logs_in() { swaks_sends --tls --auth "$1" --auth-user user --auth-password secret; }
msmtp_logs_in() {
    msmtp_sends --tls --tls-trust-file="$scratch/cert.pem" --host=localhost --auth="$1" --user=user --passwordeval='echo secret' "${@:2}"
}
# GnuTLS 3.7, which msmtp speaks through, shows the certificate in TLS 1.2 only.
msmtp_shows_certificate() {
    msmtp_sends --tls --tls-trust-file="$scratch/cert.pem" --host=localhost --auth=external --user=user --tls-priorities=NORMAL:-VERS-TLS1.3 \
        --tls-cert-file="$scratch/client.pem" --tls-key-file="$scratch/client.key"
}

# smtplib_session MECHANISM|- starttls|tls|lmtp
smtplib_session() {
    timeout 60 python3 - "$port" "$scratch/cert.pem" "$1" "$2" <<'END'
import smtplib, ssl, sys
port, cert, mechanism, how = int(sys.argv[1]), *sys.argv[2:]
context = ssl.create_default_context(cafile=cert)
if how == "tls":
    session = smtplib.SMTP_SSL("localhost", port, "client.example.com", context=context, timeout=10)
elif how == "lmtp":
    session = smtplib.LMTP("127.0.0.1", port, "client.example.com")
else:
    session = smtplib.SMTP("localhost", port, "client.example.com", timeout=10)
with session:
    if how == "starttls":
        session.starttls(context=context)
    session.ehlo_or_helo_if_needed()
    if mechanism != "-":
        session.user, session.password = "user", "secret"
        session.auth(mechanism, getattr(session, "auth_" + mechanism.lower().replace("-", "_")))
    to = ["b@example.com"] if how == "lmtp" else ["b@example.com", "c@example.com"] # of several replies it reads one
    refused = session.sendmail("a@example.com", to, b"Subject: x\r\n\r\ny\r\n", ["SMTPUTF8", "BODY=8BITMIME"])
sys.exit(f"refused: {refused}" if refused else 0)
END
}

# A certificate that is its own authority, for a name.
make_certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" -addext "subjectAltName=DNS:$1" \
        -keyout "$scratch/$2.key" -out "$scratch/$2.pem" 2>/dev/null
}

logged() {
    cat "$scratch/$1.log"
    [ "$(grep -c -- "$2" "$scratch/$1.log")" -eq "$3" ]
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

make_certificate localhost cert
make_certificate user client
printf 'user:secret\n' >"$scratch/users"
secure=(--tls "$scratch/cert.pem,$scratch/cert.key" --tls-client-ca "$scratch/client.pem" --auth-users "$scratch/users" --require-auth)
start_sink secure "${secure[@]}" --require-tls --log "$scratch/secure.log"
for mechanism in PLAIN LOGIN CRAM-MD5; do
    claim "swaks logs in by $mechanism, in TLS" swaks_logs_in $mechanism
    claim "Python's smtplib logs in by $mechanism, in TLS" smtplib_session $mechanism starttls
done
for mechanism in plain login cram-md5 scram-sha-1 scram-sha-256 oauthbearer xoauth2; do
    claim "msmtp logs in by $mechanism, in TLS" msmtp_logs_in $mechanism
done
claim "msmtp logs in by its certificate" msmtp_shows_certificate
end_sink secure
claim "each was in TLS, and authenticated" counts secure '.messages == 14 and .authenticated == 14 and .tls_sessions == 14 and .auth_failures == 0'
claim "the log says as whom" logged secure ' event=message .*login="user"' 14

start_sink implicit "${secure[@]}" --implicit-tls
claim "swaks sends in implicit TLS" swaks_sends --tls-on-connect --auth PLAIN --auth-user user --auth-password secret
claim "msmtp sends in implicit TLS" msmtp_logs_in plain --tls-starttls=off
claim "Python's smtplib sends in implicit TLS" smtplib_session PLAIN tls
end_sink implicit
claim "the sink took all three" counts implicit '.messages == 3 and .tls_sessions == 3'

start_sink any --auth-any --require-auth
claim "swaks logs in where anybody may" swaks_sends --auth CRAM-MD5 --auth-user nobody --auth-password whatever
end_sink any
claim "somebody was authenticated" counts any '.messages == 1 and .authenticated == 1'

start_sink lmtp --lmtp
claim "smtp-source sends by LMTP" smtp_source_sends -L -d -r 3
claim "swaks sends by LMTP" swaks_sends --protocol LMTP
claim "msmtp sends by LMTP" msmtp_sends --protocol=lmtp
claim "Python's smtplib sends by LMTP" smtplib_session - lmtp
end_sink lmtp
claim "the sink replied to each recipient" counts lmtp '.messages == 1003 and .recipients == 3003 and .messages_refused + .commands_refused == 0'

start_sink passed --log "$scratch/passed.log"
claim "swaks pipelines" swaks_sends --pipeline
claim "swaks speaks for another by XCLIENT" swaks_sends --xclient-addr 192.0.2.7
end_sink passed
claim "the log says for whom" logged passed ' event=message client="192.0.2.7" helo="client.example.com"' 1

start_sink proxied --proxy --log "$scratch/proxied.log"
proxy=(--proxy-source 192.0.2.8 --proxy-source-port 4000 --proxy-dest 127.0.0.1 --proxy-dest-port 25)
claim "swaks sends a PROXY header, version 1" swaks_sends --proxy-version 1 --proxy-family TCP4 "${proxy[@]}"
claim "swaks sends a PROXY header, version 2" swaks_sends --proxy-version 2 --proxy-family AF_INET --proxy-protocol STREAM --proxy-command PROXY "${proxy[@]}"
end_sink proxied
claim "the log says where the client was" logged proxied ' client="192.0.2.8" ' 2
close_claims
