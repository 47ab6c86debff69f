#!/usr/bin/env bash
# Containers on a bridge reach a machine beyond this one, under this one's address; from there nobody gets in. This
# machine and the one beyond are network namespaces. Usage: outside.sh PATH-OF-DRYDOCK
set -u
drydock=$1
for program in nft ip nsenter python3; do
    PATH=$PATH:/usr/sbin command -v $program >/dev/null || { echo "skipped: $program is not installed"; exit 77; }
done
[ "$(id -u)" -eq 0 ] || { echo 'skipped: takes root'; exit 77; }
if [ -z "${DRYDOCK_INSIDE:-}" ]; then
    unshare --net true 2>/dev/null && unshare --net nft 'add table ip probe' 2>/dev/null ||
        { echo 'skipped: no network namespaces with nf_tables here'; exit 77; }
    DRYDOCK_INSIDE=1 exec unshare --net "$0" "$@"
fi
export PATH=$PATH:/usr/sbin
scratch=$(mktemp -d)
failures=0
started=()
trap 'for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$scratch"' EXIT

same() { # same CLAIM WANTED GOT
    [ "$2" = "$3" ] || { printf 'FAILED: %s: wanted "%s", got "%s"\n' "$1" "$2" "$3"; failures=$((failures + 1)); }
}
start_daemon() {
    "$drydock" daemon --world live --data-root "$scratch/root" --host "unix://$scratch/socket" >"$scratch/daemon.out" 2>&1 &
    daemon=$!
    for _ in $(seq 300); do grep -q DOCKER_HOST "$scratch/daemon.out" && return; kill -0 $daemon 2>/dev/null || break; sleep 0.1; done
    echo "skipped: no live daemon here: $(cat "$scratch/daemon.out")"
    exit 77
}
docker() { DOCKER_HOST=unix://$scratch/socket timeout 30 "$drydock" docker "$@" 2>/dev/null; }
beyond() { nsenter -t "$world" -n "$@"; }

# ---- the machine beyond, which tells each caller its address ----
ip link set lo up
unshare --net sleep 600 &
world=$!
started+=($world)
sleep 0.2
ip link add way type veth peer name way netns $world
ip addr add 192.0.2.1/24 dev way
ip link set way up
beyond ip addr add 192.0.2.2/24 dev way
beyond ip link set way up
beyond ip route add 172.16.0.0/12 via 192.0.2.1
nsenter -t $world -n python3 -c '
import socket
server = socket.create_server(("192.0.2.2", 7))
while True:
    caller, address = server.accept()
    caller.sendall(address[0].encode())
    caller.close()' &
started+=($!)

start_daemon
started+=($daemon)
docker pull -q busybox >/dev/null
same 'a container reaches it, and seems to be this machine' 192.0.2.1 "$(docker run --rm busybox nc -w 5 192.0.2.2 7)"
docker network create other >/dev/null
same 'from a network of its own as well' 192.0.2.1 "$(docker run --rm --network other busybox nc -w 5 192.0.2.2 7)"
# ---- beside a dockerd, whose filter drops what it does not know ----
if [ -x /usr/sbin/iptables ]; then
    iptables -P FORWARD DROP
    iptables -N DOCKER-USER
    iptables -I FORWARD -j DOCKER-USER
    same 'a filter that came later is in the way' '' "$(docker run --rm busybox nc -w 2 192.0.2.2 7)"
    docker info >/dev/null
    same 'until somebody asks how things are' 192.0.2.1 "$(docker run --rm busybox nc -w 5 192.0.2.2 7)"
    same 'once' 2 "$(docker info >/dev/null; iptables -S DOCKER-USER | grep -c drydock)"
else
    echo 'not tried beside a dockerd: no iptables here'
fi
docker network create --internal inner >/dev/null
same 'not from an internal one' '' "$(docker run --rm --network inner busybox nc -w 2 192.0.2.2 7)"

docker run -d --name listener busybox sh -c 'while true; do echo inside | nc -l -p 9; done' >/dev/null
address=$(docker inspect -f '{{.NetworkSettings.IPAddress}}' listener)
call() { python3 -c '
import socket, sys
try:
    print(socket.create_connection((sys.argv[1], 9), 2).recv(99).decode().strip())
except OSError as error:
    print(type(error).__name__)' "$address"; }
same 'this machine reaches a container' inside "$(call)"
same 'a neighbour does' inside "$(docker run --rm busybox nc -w 5 "$address" 9)"
same 'from another network it is not reached' '' "$(docker run --rm --network other busybox nc -w 2 "$address" 9)"
same 'nor from beyond' TimeoutError "$(beyond python3 -c '
import socket, sys
try:
    print(socket.create_connection((sys.argv[1], 9), 2).recv(99))
except OSError as error:
    print(type(error).__name__)' "$address")"

# ---- what is left ----
kill -9 $daemon
wait $daemon 2>/dev/null
same 'a daemon that was killed leaves its rules' 1 "$(nft list tables ip | grep -c drydock)"
start_daemon
started+=($daemon)
[ ! -x /usr/sbin/iptables ] || same 'and its own rules are there once' 2 "$(iptables -S DOCKER-USER | grep -c drydock)"
same 'the next one sweeps them' 1 "$(nft list tables ip | grep -c drydock)"
docker network rm other >/dev/null
same 'a network that goes takes its elements along' 0 "$(nft list table ip "$(nft list tables ip | grep drydock | cut -d' ' -f3)" | grep -c '172.18.0.0')"
kill $daemon
wait $daemon
same 'one that ends leaves none' 0 "$(nft list tables ip | grep -c drydock)"
[ ! -x /usr/sbin/iptables ] || same 'and no rule elsewhere' 0 "$(iptables -S | grep -c drydock)"
exit $((failures > 0))
