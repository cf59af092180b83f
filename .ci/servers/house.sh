# shellcheck shell=bash
# What the scripts that start a real server have in common. Each is
#
#   .ci/servers/NAME start FOLDER   prints a line NAME=PORT for each listener, on 127.0.0.1 and on ::1
#   .ci/servers/NAME stop FOLDER    returns when every process of it has ended; FOLDER stays for its reader
#
# FOLDER gets
#
#   listeners   what was printed
#   log         what the server says
#   mail        a Maildir with all mail for kept.example.com, if the server is one that delivers
#   users       logins, a line each: user:password
#   tls         ca.pem; client.pem and client.key, a certificate for the first of users
#
# A server is the init of a pid namespace of its own, so that nothing of it outlives it, and has a mount namespace of its
# own, where no query for a name can leave the machine, and an account can be added that the system has not.

die() { echo "$(basename "$0"): $*" >&2; exit 1; }

# free_ports N: below those that the kernel gives to clients, so that no connection takes one meanwhile.
free_ports() {
    python3 - "$1" <<'PY'
import random, socket, sys
held = []
while len(held) < int(sys.argv[1]):
    port = random.randrange(20000, 32000)
    try:
        pair = [socket.create_server((host, port), family=family)
                for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6))]
    except OSError:
        continue
    held.append((port, pair))
print(*(port for port, _ in held))
PY
}

# Asks the kernel: a connection would stand in the log that checks count.
listens() { grep -qE "$(printf ':%04X 0+:0000 0A' "$1")" /proc/net/tcp /proc/net/tcp6; }

# new_folder FOLDER USER: what every server needs. The daemons of USER write mail.
new_folder() {
    local folder=$1 user=$2
    [ ! -e "$folder/listeners" ] || die "$folder already holds a server; stop it and use a new folder"
    mkdir -p "$folder"/{etc,mail/{tmp,new,cur},tls}
    chmod 755 "$folder" # daemons drop their privileges, and mktemp -d makes a folder for root alone
    chown -R "$user" "$folder/mail"
    printf '%s\n' "${users[@]}" >"$folder/users"
    echo 'nameserver 127.0.0.1' >"$folder/etc/resolv.conf"
    printf 'passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n' >"$folder/etc/nsswitch.conf"
    cp /etc/passwd /etc/group "$folder/etc"
    chmod 644 "$folder/etc"/*
    certificates "$folder/tls" >"$folder/start.out" 2>&1 || die "no certificates: $(tail -n 5 "$folder/start.out")"
}

# The second password has the characters that a file of logins or a mechanism could trip over.
# shellcheck disable=SC2034 # the scripts use it
users=('anna:sesame' 'bert:pass:word=, "x"' 'carl:open-it')

# certificates FOLDER: a CA, a server's certificate for localhost and its addresses, a client's for the first user.
certificates() {
    local tls=$1 name=anna
    {
        printf '[req]\ndistinguished_name = dn\n[dn]\n'
        printf '[ca]\nbasicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign\n'
        printf '[server]\nsubjectAltName = DNS:localhost, DNS:mail.example.com, IP:127.0.0.1, IP:::1\nextendedKeyUsage = serverAuth\n'
        printf '[client]\nsubjectAltName = email:%s@example.com\nextendedKeyUsage = clientAuth\n' "$name"
    } >"$tls/openssl.cnf"
    openssl req -x509 -config "$tls/openssl.cnf" -extensions ca -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -subj '/CN=mailmill test CA' -days 2 -keyout "$tls/ca.key" -out "$tls/ca.pem"
    local kind subject
    for kind in server client; do
        subject=/CN=$name
        [ $kind = client ] || subject=/CN=mail.example.com
        openssl req -new -config "$tls/openssl.cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
            -subj "$subject" -keyout "$tls/$kind.key" -out "$tls/$kind.csr"
        openssl x509 -req -in "$tls/$kind.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial -days 2 \
            -extfile "$tls/openssl.cnf" -extensions $kind -out "$tls/$kind.pem"
    done
    chmod 644 "$tls"/*
}

# addresses FOLDER: a line NAME=ADDRESS for each address of each listener.
addresses() { sed -E 's/^(.*)=([0-9]+)$/\1=127.0.0.1:\2\n\1=[::1]:\2/' "$1/listeners"; }

# settle FOLDER COMMAND…: runs COMMAND in the foreground of namespaces of its own, and waits until all ports listen.
settle() {
    local folder=$1 port
    shift
    # shellcheck disable=SC2016 # the inner shell expands it
    setsid unshare --mount --propagation private --pid --fork --kill-child sh -ec '
        for file in resolv.conf nsswitch.conf passwd group; do
            mount --bind "$0/etc/$file" "/etc/$file"
        done
        exec "$@"' "$folder" "$@" >>"$folder/start.out" 2>&1 </dev/null {turn}<&- &
    echo $! >"$folder/pid"
    for port in $(sed -nE 's/.*=([0-9]+)$/\1/p' "$folder/listeners"); do
        wait_for "$folder" listens "$port" || { stop "$folder"; die "nothing listens on port $port: $(what_it_says "$folder")"; }
    done
    cat "$folder/listeners"
}

# wait_for FOLDER COMMAND…: until COMMAND succeeds, for 15 s, while the server of FOLDER runs.
wait_for() {
    local folder=$1
    shift
    for _ in $(seq 300); do
        ! "$@" || return 0
        kill -0 "$(cat "$folder/pid")" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}

what_it_says() { cat "$1/start.out" "$1/log" 2>/dev/null | tail -n 8; }

# stop asks the init to end, and makes it end where it does not; the kernel then ends every process of its namespace.
stop() {
    local folder=$1 outer init
    outer=$(cat "$folder/pid" 2>/dev/null) || die "$folder holds no server"
    kill -0 "$outer" 2>/dev/null || return 0
    init=$(cat "/proc/$outer/task/$outer/children")
    [ -z "$init" ] || kill -TERM $init 2>/dev/null || true
    for _ in $(seq 100); do
        kill -0 "$outer" 2>/dev/null || return 0
        sleep 0.05
    done
    kill -KILL "$outer"
    while kill -0 "$outer" 2>/dev/null; do sleep 0.05; done
}

start_or_stop() {
    [ $# -eq 2 ] || die "usage: $0 start FOLDER | $0 stop FOLDER"
    case $1 in
    start)
        # One at a time: ports that are found free are taken only when the server listens.
        exec {turn}<"${BASH_SOURCE[0]}"
        flock "$turn"
        start "$(realpath -m "$2")"
        ;;
    stop) stop "$(realpath -m "$2")" ;;
    *) die "no action $1: start or stop" ;;
    esac
}
