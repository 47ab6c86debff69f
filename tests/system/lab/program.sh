#!/usr/bin/env bash
# Tries the program as a person would. Usage: program.sh PATH-OF-DRYDOCK
set -u
drydock=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

expect() { # expect CLAIM STATUS PATTERN COMMAND…
    local claim=$1 status=$2 pattern=$3
    shift 3
    local out got
    out=$("$@" 2>&1 </dev/null)
    got=$?
    if [ "$got" -ne "$status" ] || ! grep -qE -- "$pattern" <<<"$out"; then
        printf 'FAILED: %s\n  wanted status %s and /%s/, got status %s and:\n%s\n' "$claim" "$status" "$pattern" "$got" "$out" | head -40
        failures=$((failures + 1))
    fi
}

unset DISPLAY
expect 'a mount without directories is refused' 2 'lowerdir is missing' "$drydock" mount -f -o ro "$scratch"
expect 'a store that is none is named' 1 'is no data root' "$drydock" doctor --store "$scratch"
expect 'help names the subcommands' 0 'Play a scenario' "$drydock" --help
expect 'plain TCP for everybody is refused, in the window as in the daemon' 2 '127.0.0.1 only' "$drydock" play --host tcp://0.0.0.0:2376 --text
for subcommand in play export daemon trace; do
    "$drydock" $subcommand --help | LC_ALL=C grep -qP '[\x00-\x08]' && { echo "FAILED: the help of $subcommand is no text"; failures=$((failures + 1)); }
done
expect 'an unknown subcommand is wrong usage' 2 'not expected|require' "$drydock" frobnicate
expect 'a scenario plays as text, simulated' 0 'Now it is your turn' "$drydock" play anatomy-of-docker-run --world simulated --text
expect 'a recording is written' 0 'Replay them with' "$drydock" play the-read-write-layer --world simulated --text --record "$scratch/a.trace"
expect 'and replayed without an engine' 0 'A file is copied up|is copied up first' "$drydock" trace "$scratch/a.trace" --text
"$drydock" play the-read-write-layer --world simulated --text --record "$scratch/b.trace" >/dev/null 2>&1
cmp -s "$scratch/a.trace" "$scratch/b.trace" || { echo 'FAILED: two runs of one seed differ'; failures=$((failures + 1)); }
expect 'a trace goes to Perfetto' 0 'ui.perfetto.dev' "$drydock" trace "$scratch/a.trace" --perfetto "$scratch/p.json"
jq -e '.traceEvents | length > 100' "$scratch/p.json" >/dev/null || { echo 'FAILED: the Perfetto file is no trace'; failures=$((failures + 1)); }
expect 'pictures need no display' 0 'Wrote [0-9]+ pictures' "$drydock" trace "$scratch/a.trace" --depth 1 --pictures "$scratch/pictures"
[ -s "$scratch/pictures/001.png" ] || { echo 'FAILED: no picture'; failures=$((failures + 1)); }
expect 'the shipped scenarios hold' 0 'Every scenario holds' "$drydock" check scenarios/anatomy-of-docker-run.toml scenarios/the-read-write-layer.toml

learner() { env HOME="$scratch/home" XDG_CONFIG_HOME= XDG_DATA_HOME= "$drydock" "$@"; }
expect 'the course is listed with what it refutes' 0 'Not so: The client runs the container' learner lessons
learner lessons --json | jq -e '.scenarios[] | select(.id == "anatomy-of-docker-run") | .number == 8 and .state == "not begun"' >/dev/null ||
    { echo 'FAILED: the course as JSON'; failures=$((failures + 1)); }
expect 'a test in which everything is skipped has nothing right' 0 '0 of 25 right' learner test-me
printf '2\n4\nnonsense\n1\n' | learner test-me --after >/dev/null
[ "$(grep -c ',before,' "$scratch/home/.local/share/drydock/concept-test.csv")" = 25 ] &&
    [ "$(grep -c ',after,.*,1$' "$scratch/home/.local/share/drydock/concept-test.csv")" = 3 ] ||
    { echo 'FAILED: the results of the test are not kept'; failures=$((failures + 1)); }
expect 'the results go where one says' 0 "Kept in $scratch/class.csv" learner test-me --csv "$scratch/class.csv"
expect 'a test before and after at once is wrong usage' 2 'excludes' learner test-me --before --after
expect 'the sheet to print ends with its answers, in German too' 0 'Verständnistest' learner --language de test-me --print
[ "$(learner test-me --print | sed -n '/## Answers/,$p' | grep -c '^[0-9]*\. \*\*[A-D]\*\*')" = 25 ] ||
    { echo 'FAILED: not every answer is on the last page'; failures=$((failures + 1)); }

sed 's/title/titel/' scenarios/anatomy-of-docker-run.toml >"$scratch/bad.toml"
expect 'a bad scenario is named with line, column and remedy' 1 'bad.toml:3:1: unknown key `titel`: did you mean `title`' "$drydock" check "$scratch/bad.toml"
expect 'a missing scenario lists the shipped ones' 1 'the-read-write-layer' "$drydock" play nosuch --text
expect 'a missing trace is named' 1 'nosuch.trace' "$drydock" trace "$scratch/nosuch.trace" --text
sed "5s/sequence/seqence/" "$scratch/a.trace" | sed "5s/.\{40\}$/}/" >"$scratch/cut.trace"
expect 'a damaged trace is named with its line' 1 'line [0-9]+' "$drydock" trace "$scratch/cut.trace" --text
expect 'no daemon: one sentence and the remedy' 1 'drydock daemon' env -u DOCKER_HOST "$drydock" docker ps
expect 'a dead socket is said so' 1 'Is the docker daemon running|Cannot connect' env DOCKER_HOST="unix://$scratch/none.sock" "$drydock" docker ps
expect 'a broken address is said so' 1 'unix://' env DOCKER_HOST=nonsense "$drydock" docker ps

if "$drydock" doctor >/dev/null 2>&1; then
    "$drydock" daemon --data-root "$scratch/root" >"$scratch/daemon.out" 2>&1 &
    daemon=$!
    for _ in $(seq 100); do grep -q DOCKER_HOST "$scratch/daemon.out" && break; sleep 0.1; done
    DOCKER_HOST=$(sed -n 's/^DOCKER_HOST=//p' "$scratch/daemon.out")
    export DOCKER_HOST
    expect 'the daemon runs a container for our client' 0 '^hi$' "$drydock" docker run --rm busybox echo hi
    # Nobody types and nobody closes the input: the fifo stays open for writing.
    mkfifo "$scratch/nobody"
    exec 9<>"$scratch/nobody"
    timeout 20 "$drydock" docker run -i --rm busybox true <"$scratch/nobody"
    status=$?
    exec 9>&-
    [ $status -eq 0 ] || { echo "FAILED: docker run -i did not end with its container (status $status)"; failures=$((failures + 1)); }
    expect 'a second daemon on the same root is refused' 1 'drydock|use|lock' "$drydock" daemon --data-root "$scratch/root"
    kill -9 $daemon 2>/dev/null
    wait $daemon 2>/dev/null
    "$drydock" daemon --data-root "$scratch/root" >"$scratch/daemon.out" 2>&1 &
    daemon=$!
    for _ in $(seq 100); do grep -q DOCKER_HOST "$scratch/daemon.out" && break; sleep 0.1; done
    expect 'after kill -9 the image is still there' 0 'busybox' "$drydock" docker images
    expect 'and the store is whole' 0 'All of it is whole' "$drydock" doctor --store "$scratch/root"
    kill -TERM $daemon
    wait $daemon
    [ $? -eq 0 ] || { echo 'FAILED: SIGTERM does not end the daemon cleanly'; failures=$((failures + 1)); }
    layer=$(find "$scratch/root/daemon/layers" -name tar | head -n 1)
    printf 'x' | dd of="$layer" bs=1 seek=600 conv=notrunc 2>/dev/null
    expect 'a flipped byte in a layer is found' 1 'fault layers/' "$drydock" doctor --store "$scratch/root"

    mkdir "$scratch"/{top,bottom,upper,work,union}
    echo top >"$scratch/top/both"
    echo bottom | tee "$scratch/bottom/both" >"$scratch/bottom/below"
    options=lowerdir=$scratch/top:$scratch/bottom,upperdir=$scratch/upper,workdir=$scratch/work
    if "$drydock" mount -o "$options" "$scratch/union" 2>"$scratch/mount.err"; then
        expect 'the topmost directory answers' 0 '^top$' cat "$scratch/union/both"
        rm "$scratch/union/below"
        expect 'a deleted file leaves a whiteout' 0 'character special file' stat -c %F "$scratch/upper/below"
        expect 'and stays where it was' 0 '^bottom$' cat "$scratch/bottom/below"
        umount "$scratch/union"
    else
        expect 'who may not mount is told how to' 0 'unshare' cat "$scratch/mount.err"
    fi
else
    echo 'the live world does not work here: its part is skipped'
fi
[ "$failures" -eq 0 ] && echo 'The program keeps its word.'
exit "$failures"
