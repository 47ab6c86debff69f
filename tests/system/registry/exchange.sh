#!/usr/bin/env bash
# Images on their way between programs: our daemon and our registry, the real docker command line, skopeo, umoci, and
# Debian's docker-registry. Usage: exchange.sh PATH-OF-DRYDOCK
set -u
drydock=$1
scratch=$(mktemp -d)
failures=0
started=()
trap 'for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done; wait; rm -rf "$scratch"' EXIT

has() { command -v "$1" >/dev/null || { echo "skipped: $1 is not installed"; return 1; }; }
expect() { # expect CLAIM STATUS PATTERN COMMAND…
    local claim=$1 status=$2 pattern=$3
    shift 3
    local out got
    out=$(timeout 60 "$@" 2>&1 </dev/null)
    got=$?
    if [ "$got" -ne "$status" ] || ! grep -qE -- "$pattern" <<<"$out"; then
        printf 'FAILED: %s\n  wanted status %s and /%s/, got status %s and:\n%s\n' "$claim" "$status" "$pattern" "$got" "$out" | head -40
        failures=$((failures + 1))
    fi
}
same() { # same CLAIM A B
    [ -n "$2" ] && [ "$2" = "$3" ] || { printf 'FAILED: %s: "%s" is not "%s"\n' "$1" "$2" "$3"; failures=$((failures + 1)); }
}
start() { # start NAME WORD COMMAND…: waits until it prints WORD=VALUE, which becomes $value
    local name=$1 word=$2
    shift 2
    "$@" >"$scratch/$name.out" 2>"$scratch/$name.err" &
    started+=($!)
    for _ in $(seq 300); do
        value=$(sed -n "s/^$word=//p" "$scratch/$name.out")
        [ -n "$value" ] && return
        sleep 0.1
    done
    echo "FAILED: $name does not begin: $(cat "$scratch/$name.err")"
    exit 1
}
hash_of() { sha256sum | cut -d' ' -f1; }

has docker || exit 77
has openssl || exit 77
export DOCKER_CONFIG=$scratch/config
unset DOCKER_TLS_VERIFY DOCKER_CERT_PATH

"$drydock" daemon --world live --data-root "$scratch/first" --record "$scratch/first.trace" >"$scratch/first.out" 2>&1 &
first_pid=$!
started+=($first_pid)
for _ in $(seq 300); do grep -q DOCKER_HOST "$scratch/first.out" && break; kill -0 $first_pid 2>/dev/null || break; sleep 0.1; done
first=$(sed -n 's/^DOCKER_HOST=//p' "$scratch/first.out")
[ -n "$first" ] || { echo "skipped: no live daemon here: $(cat "$scratch/first.out")"; exit 77; }
start second DOCKER_HOST "$drydock" daemon --world live --data-root "$scratch/second"
second=$value

# ---- a private registry that asks for a password ----
printf 'alice:%s\n' '$2b$04$oJ40IjbUIp9dfJgvAot/3OZ3udzn5gnV9rHWazMAg5TXxexxJ.AnW' >"$scratch/htpasswd"
start private REGISTRY "$drydock" registry --addr 127.0.0.1:0 --root "$scratch/private" --auth "$scratch/htpasswd"
private=${value#http://}
image=$private/team/app:1
expect 'pull from the hub' 0 'Downloaded newer image for busybox:latest' docker -H "$first" pull busybox
expect 'tag for the private registry' 0 '' docker -H "$first" tag busybox "$image"
expect 'nobody pushes without a password' 1 'no basic auth credentials' docker -H "$first" push "$image"
expect 'a wrong password is refused' 1 'failed with status: 401 Unauthorized' bash -c "echo wrong | docker -H $first login -u alice --password-stdin $private"
expect 'the right one is taken' 0 'Login Succeeded' bash -c "echo secret | docker -H $first login -u alice --password-stdin $private"
expect 'push' 0 '1: digest: sha256:[0-9a-f]{64} size: [0-9]+' docker -H "$first" push "$image"
expect 'a second push sends nothing' 0 'Layer already exists' docker -H "$first" push "$image"
expect 'another repository of the registry gets the layer without its bytes' 0 'Mounted from|Layer already exists' \
    bash -c "docker -H $first tag busybox $private/team/copy:1 && docker -H $first push $private/team/copy:1"
expect 'the other daemon pulls it back' 0 'Downloaded newer image' docker -H "$second" pull "$image"
same 'it is the same image' "$(docker -H "$first" inspect -f '{{.Id}}' busybox)" "$(docker -H "$second" inspect -f '{{.Id}}' "$image")"
expect 'by digest as well' 0 'Image is up to date|Downloaded newer' docker -H "$second" pull "$(docker -H "$first" inspect -f '{{index .RepoDigests 0}}' "$image")"
expect 'our own client pushes too' 0 'Layer already exists' env DOCKER_HOST="$first" "$drydock" docker push "$image"
expect 'logout' 0 'Removing login credentials' docker -H "$first" logout "$private"
expect 'and then no more' 1 'no basic auth credentials' docker -H "$first" push "$image"
if grep -qE 'c2VjcmV0|"password' "$scratch/first.trace"; then
    echo 'FAILED: a password is in the trace'
    failures=$((failures + 1))
fi

# ---- tokens ----
start tokens REGISTRY "$drydock" registry --addr 127.0.0.1:0 --token "$scratch/htpasswd"
tokens=${value#http://}
docker -H "$first" tag busybox "$tokens/app:1"
expect 'a push wants a token of somebody' 1 'authentication required|denied' docker -H "$first" push "$tokens/app:1"
expect 'login by token' 0 'Login Succeeded' bash -c "echo secret | docker -H $first login -u alice --password-stdin $tokens"
expect 'push by token' 0 '1: digest:' docker -H "$first" push "$tokens/app:1"
expect 'anybody pulls' 0 'Downloaded newer image|up to date' env DOCKER_CONFIG="$scratch/nobody" docker -H "$second" pull "$tokens/app:1"

# ---- TLS ----
(
    cd "$scratch" || exit
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Test authority' -keyout ca.key -out ca.crt
    for name in server client; do
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout $name.key -out $name.csr
        openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1') -out $name.crt
    done
    mkdir certificates stranger
    cp ca.crt stranger/ca.pem
    cp ca.crt certificates/ca.pem; cp client.crt certificates/cert.pem; cp client.key certificates/key.pem
) 2>/dev/null
start secure REGISTRY "$drydock" registry --addr 127.0.0.1:0 --tls-cert "$scratch/server.crt" --tls-key "$scratch/server.key"
secure=${value#https://}
mkdir -p "$scratch/first/certs.d/$secure" "$scratch/second/certs.d/$secure"
docker -H "$first" tag busybox "$secure/app:1"
: >"$scratch/first/certs.d/$secure/README"
expect 'a registry nobody vouches for is not spoken to' 1 'failed to verify certificate.*ca.crt' docker -H "$first" push "$secure/app:1"
cp "$scratch/ca.crt" "$scratch/first/certs.d/$secure/ca.crt"
cp "$scratch/ca.crt" "$scratch/second/certs.d/$secure/ca.crt"
expect 'push over TLS' 0 '1: digest:' docker -H "$first" push "$secure/app:1"
expect 'pull over TLS' 0 'Downloaded newer image|up to date' docker -H "$second" pull "$secure/app:1"

port=$(((RANDOM % 20000) + 30000))
expect 'no plain TCP unasked' 2 'root on this machine' "$drydock" daemon --host tcp://127.0.0.1:$port --data-root "$scratch/no"
expect 'nor for other machines' 2 '127.0.0.1 only' "$drydock" daemon --host tcp://0.0.0.0:$port --allow-plain-tcp --data-root "$scratch/no"
start third DOCKER_HOST "$drydock" daemon --world live --data-root "$scratch/third" --host tcp://127.0.0.1:$port --tlsverify \
    --tlscacert "$scratch/ca.crt" --tlscert "$scratch/server.crt" --tlskey "$scratch/server.key"
third=$value
export DOCKER_CERT_PATH=$scratch/certificates
expect 'docker over TLS with a certificate' 0 'Downloaded newer image' docker -H "$third" --tlsverify pull busybox
expect 'a container over TLS' 0 '^ahoy$' docker -H "$third" --tlsverify run --rm busybox echo ahoy
expect 'with its input' 0 '^typed$' bash -c "echo typed | docker -H $third --tlsverify run --rm -i busybox cat"
expect 'our client over TLS' 0 'busybox' env DOCKER_HOST="$third" DOCKER_TLS_VERIFY=1 "$drydock" docker images
expect 'nobody without a certificate' 1 'certificate|tls|Cannot connect' env DOCKER_CERT_PATH="$scratch/stranger" docker -H "$third" --tlsverify version
expect 'nobody in plain' 1 'HTTP|EOF|Cannot connect|reset' env DOCKER_HOST="$third" docker version
unset DOCKER_CERT_PATH

# ---- archives ----
expect 'save' 0 '' docker -H "$first" save -o "$scratch/saved.tar" busybox "$image"
expect 'load elsewhere' 0 "Loaded image: $private/team/app:1" docker -H "$second" load -i "$scratch/saved.tar"
docker -H "$second" save busybox "$image" >"$scratch/again.tar"
same 'saved again, it is the same archive' "$(hash_of <"$scratch/saved.tar")" "$(hash_of <"$scratch/again.tar")"
mkdir "$scratch/layout" && tar -xf "$scratch/saved.tar" -C "$scratch/layout"
digest=$(docker -H "$first" inspect -f '{{index .RepoDigests 0}}' busybox | cut -d@ -f2)
printf 'root' >"$scratch/rootfile"
tar -C "$scratch" -cf "$scratch/root.tar" rootfile
expect 'import' 0 'sha256:[0-9a-f]{64}' docker -H "$first" import -c 'CMD ["/rootfile"]' -m mine "$scratch/root.tar" made:1
same 'the command is in it' "$(docker -H "$first" inspect -f '{{json .Config.Cmd}}' made:1)" '["/rootfile"]'
expect 'search' 0 'busybox' docker -H "$first" search busy
expect 'image prune' 0 'Total reclaimed space' docker -H "$first" image prune -a -f --filter until=1h

if has skopeo; then
    expect 'skopeo reads our archive as docker wrote it' 0 'Digest|RepoTags|Architecture' skopeo inspect "docker-archive:$scratch/saved.tar:busybox:latest"
    expect 'and as an OCI layout' 0 '' skopeo copy -q --preserve-digests --insecure-policy "oci:$scratch/layout:latest" "oci:$scratch/copied:latest"
    expect 'skopeo pushes to us, with a password' 0 '' skopeo --insecure-policy copy -q --preserve-digests --dest-tls-verify=false --dest-creds alice:secret \
        "oci:$scratch/layout:latest" "docker://$private/by/skopeo:1"
    expect 'and pulls' 0 '' skopeo --insecure-policy copy -q --preserve-digests --src-tls-verify=false --src-creds alice:secret \
        "docker://$private/by/skopeo:1" "oci:$scratch/fetched:1"
    same 'the manifest kept its digest' "$(skopeo inspect --format '{{.Digest}}' "oci:$scratch/fetched:1")" \
        "$(skopeo inspect --format '{{.Digest}}' "oci:$scratch/layout:latest")"
    expect 'skopeo pushes by token' 0 '' skopeo --insecure-policy copy -q --dest-tls-verify=false --dest-creds alice:secret \
        "oci:$scratch/layout:latest" "docker://$tokens/by/skopeo:1"
    skopeo --insecure-policy copy -q "oci:$scratch/layout:latest" "docker-archive:$scratch/skopeo.tar:by/skopeo:2" 2>/dev/null
    expect 'we load what skopeo archived' 0 'Loaded image: by/skopeo:2' docker -H "$first" load -i "$scratch/skopeo.tar"
fi
if has umoci; then
    expect 'umoci reads the layout' 0 'latest' umoci list --layout "$scratch/layout"
    expect 'and unpacks it' 0 '' umoci unpack --rootless --image "$scratch/layout:latest" "$scratch/bundle"
    [ -e "$scratch/bundle/rootfs/bin/sh" ] || { echo 'FAILED: umoci finds no shell in our image'; failures=$((failures + 1)); }
fi
if has docker-registry; then
    debian=127.0.0.1:$((port + 1))
    printf 'version: 0.1\nlog: {level: error}\nstorage:\n  filesystem: {rootdirectory: %s}\nhttp: {addr: "%s"}\n' "$scratch/debian" "$debian" >"$scratch/registry.yml"
    docker-registry serve "$scratch/registry.yml" >"$scratch/debian.out" 2>&1 &
    started+=($!)
    for _ in $(seq 200); do (exec 3<>"/dev/tcp/127.0.0.1/${debian##*:}") 2>/dev/null && break; sleep 0.1; done
    docker -H "$second" tag "$image" "$debian/app:1"
    expect "push to Debian's registry" 0 '1: digest:' docker -H "$second" push "$debian/app:1"
    docker -H "$second" tag "$image" "$debian/copy:1"
    expect 'it mounts the layer into another repository' 0 'Mounted from app' docker -H "$second" push "$debian/copy:1"
    expect "pull from Debian's registry" 0 'Downloaded newer image|up to date' docker -H "$first" pull "$debian/app:1"
    kill "$first_pid"
    wait "$first_pid" 2>/dev/null
    expect 'the hub takes an image from there' 0 'guest/app:1' "$drydock" hub import --data-root "$scratch/first" --name guest/app "$debian/app:1"
    expect 'and a docker archive' 0 'library/busybox:latest' "$drydock" hub import --data-root "$scratch/first" "$scratch/saved.tar"
    expect 'and an OCI layout' 0 'guest/layout:latest' "$drydock" hub import --data-root "$scratch/first" --name guest/layout "$scratch/layout"
    expect 'and says what it holds' 0 'guest/layout:latest' "$drydock" hub list --data-root "$scratch/first"
fi

[ "$failures" -eq 0 ] && echo 'all claims hold'
exit $((failures > 0))
