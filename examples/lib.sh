# Shell functions that the examples share: hosts, wires, web servers, questions and checks. An example sources this file,
# builds its network, balances it with lvsctl alone, by the cluster.yaml beside it, and ends with `verdict`.
#
# A host is a network namespace, a network is a bridge in a namespace of its own, and a wire is a veth pair.
# shellcheck shell=bash
set -euo pipefail

if [[ ${LVSCTL_LAB-} != 1 ]]; then
    echo "This builds networks as root, which belongs into the disposable kernel. Run: scripts/in-kernel -- $0" >&2
    exit 2
fi

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
mkdir "$work/bin"
# Under its own name on the PATH, so that the commands read as one would type them.
ln -s "$(realpath "${LVSCTL_BIN:-$repository/artifacts/bin/lvsctl}")" "$work/bin/lvsctl"
PATH=$work/bin:$PATH
# What lvsctl remembers about the director; the real one keeps it in /var/lib/lvsctl.
export LVSCTL_STATE_DIR=$work/state
# So that commands name the manifest as one would beside it.
cd "$(dirname "${BASH_SOURCE[-1]}")"
# A slim Debian has no sysctl of its own.
command -v sysctl >/dev/null || ln -s "$(command -v busybox)" "$work/bin/sysctl"

hosts=() servers=() failures=0 judged=''

# shellcheck disable=SC2317  # reached by the trap
clean_up() {
    local code=$?
    [[ $code -eq 0 || -n $judged ]] || printf '\nFAIL %s: it ended at the last command above\n' "$(basename "$PWD")"
    [[ ${#servers[@]} -eq 0 ]] || kill "${servers[@]}" 2>/dev/null || true
    local host
    for host in "${hosts[@]}"; do ip netns del "$host" 2>/dev/null || true; done
    rm -rf "$work"
}
trap clean_up EXIT

# --- telling -----------------------------------------------------------------------------------------------------------

title() { printf '\n=== %s\n' "$1"; }

say() { printf '\n'; fmt -w 110 <<<"$*"; }

on() {
    local host=$1
    shift
    ip netns exec "$host" "$@"
}

# Runs a command on a host, and shows it as typed there.
show() {
    printf '[%s] $ %s\n' "$1" "${*:2}"
    on "$@" 2>&1 | sed 's/^/    /'
}

# Notes a failure when the command that follows the words fails.
check() {
    if "${@:2}"; then
        echo "  ok    $1"
    else
        echo "  WRONG $1"
        failures=$((failures + 1))
    fi
}

# Whether the input has a line like that. It reads to the end: whoever still writes when `grep -q` leaves would be said to have failed.
has() { grep -- "$1" >/dev/null; }

verdict() {
    judged=yes
    echo
    if [[ $failures -eq 0 ]]; then
        echo "PASS $1"
    else
        echo "FAIL $1: $failures of the checks above went wrong"
        exit 1
    fi
}

# --- building ----------------------------------------------------------------------------------------------------------

host() {
    ip netns add "$1"
    hosts+=("$1")
    on "$1" ip link set lo up
    # Whatever this machine is used to, the example starts from the kernel's own defaults.
    on "$1" sysctl -qw net.ipv4.conf.{all,default,lo}.{rp_filter,arp_ignore,arp_announce}=0 net.ipv4.ip_forward=0
}

network() {
    host "$1"
    on "$1" ip link add bridge type bridge
    on "$1" ip link set bridge up
}

# wire HOST NETWORK ADDRESS/PREFIX: gives the host a card eth0 (eth1, …) on the network.
wire() {
    local card=eth0 number=0
    while on "$1" ip link show "$card" >/dev/null 2>&1; do
        number=$((number + 1))
        card=eth$number
    done
    ip link add "$card" netns "$1" type veth peer name "$1" netns "$2"
    on "$2" ip link set "$1" master bridge up
    on "$1" ip addr add "$3" dev "$card"
    on "$1" ip link set "$card" up
}

# web HOST: a web server whose page says who it is in the first line, and is 64 KiB long, so that the way it takes shows
# in the counters of the machines it passes.
web() {
    mkdir -p "$work/$1"
    { echo "$1" && head -c 65536 /dev/zero | tr '\0' '.'; } >"$work/$1/index.html"
    ip netns exec "$1" busybox httpd -f -p 80 -h "$work/$1" &
    servers+=($!)
    local tries
    for tries in {1..100}; do
        ! on "$1" curl -s --noproxy '*' -o /dev/null http://127.0.0.1/ || return 0
        sleep 0.05
    done
    echo "the web server on $1 did not start ($tries tries)" >&2
    exit 1
}

# programmed HOST: the host's table is as the manifest beside us wants it, and a plan finds nothing left to do.
programmed() { on "$1" lvsctl plan --manifest cluster.yaml --detailed-exitcode >/dev/null; }

# --- asking ------------------------------------------------------------------------------------------------------------

# ask HOST URL NUMBER: that many requests, each on a connection of its own; after two silences in a row it gives up. Sets
# `answers` (who answered, in order; "nobody" for silence) and `received` (bytes of pages).
ask() {
    local number size
    answers=() received=0
    echo "[$1] \$ curl $2     ($3 times)"
    for ((number = 0; number < $3; number++)); do
        if size=$(on "$1" curl -s --noproxy '*' --max-time "${patience:-5}" -o "$work/page" -w '%{size_download}' "$2"); then
            answers+=("$(head -n 1 "$work/page")")
            received=$((received + size))
        else
            answers+=(nobody)
            [[ ${answers[*]: -2} != "nobody nobody" ]] || break
        fi
    done
    echo "    answered: ${answers[*]}"
    printf '%s\n' "${answers[@]}" | sort | uniq -c | sed 's/^ *\([0-9]*\) \(.*\)/    \2: \1/'
}

# about NUMBER COUNT: one more or less, as a SYN that is sent twice may be scheduled twice.
about() { (($2 >= $1 - 1 && $2 <= $1 + 1)); }

# Prints how often the server answered the last questions.
count() { printf '%s\n' "${answers[@]}" | grep -cx "$1" || true; }

# Prints a counter (rx_bytes, tx_bytes) of a host's card.
card_counter() { on "$1" cat "/sys/class/net/$2/statistics/$3" 2>/dev/null || echo 0; }

# The kernel adds its counters up every two seconds only; -Z takes what is not added up yet for new.
settle() { sleep 2.2; }

# Prints one column of the director's counters for its one virtual service: Conns, InPkts, OutPkts, InBytes or OutBytes.
service_counter() {
    on director lvsctl -L -n --stats --exact | awk -v column="$1" '
        $1 == "Prot" { for (i = 1; i <= NF; i++) if ($i == column) field = i }
        $1 == "TCP" { print $field }'
}

# Prints what a preparation may change on a host.
state() {
    on "$1" ip -4 -o addr
    on "$1" ip -o link show up
    on "$1" sysctl net.ipv4.conf.{all,lo}.{arp_ignore,arp_announce,rp_filter}
}

# --- virtual routers ---------------------------------------------------------------------------------------------------

# vrrp HOST MANIFEST: starts `lvsctl vrrp` on a host, as the director of that name, in the background. What it says goes to
# $work/HOST.log, and it is asked at $work/HOST.sock; its number is ${speakers[HOST]}.
declare -A speakers=()
vrrp() {
    echo "[$1] \$ lvsctl vrrp --manifest $2 --node $1 &"
    ip netns exec "$1" lvsctl vrrp --manifest "$2" --node "$1" --state-dir "$work/$1.state" --socket "$work/$1.sock" 2>>"$work/$1.log" &
    speakers[$1]=$!
    servers+=($!)
}

# quit HOST SIGNAL: ends it, and waits for its end.
quit() {
    kill "-$2" "${speakers[$1]}"
    wait "${speakers[$1]}" 2>/dev/null || true
}

holds() { on "$1" ip -4 -o addr show | has " $2/"; }

# moved TO FROM ADDRESS: waits until the first host has the address and the second has not.
moved() {
    local tries
    for tries in {1..200}; do
        ! { holds "$1" "$3" && ! holds "$2" "$3"; } || return 0
        sleep 0.05
    done
    echo "    $3 did not move to $1 ($tries tries)"
    return 1
}
