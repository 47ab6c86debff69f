#!/usr/bin/env bash
# The program's own window on a virtual screen, driven by real keys and clicks through a whole scenario and beyond it: a
# command typed in its terminal, undone, and what was done saved as a scenario, which then plays by itself.
#
#   xvfb-run -a -s "-screen 0 1280x720x24" tests/system/window/play.sh PROGRAM
set -u
program=$1
place=$(mktemp -d)
trap 'kill "$window" 2>/dev/null; rm -rf "$place"' EXIT
cd "$place" || exit 1
export XDG_CONFIG_HOME=$place/config HOME=$place LIBGL_ALWAYS_SOFTWARE=1

fail() { printf 'window: %s\n' "$1" >&2; sed 's/^/  /' "$place/stderr" >&2; exit 1; }
press() { xdotool key --clearmodifiers "$@"; sleep 0.3; }
# Until a recording says so: every Ctrl+S writes another file.
recorded() { # whether with or without a word, the word
    local i newest
    for i in $(seq 60); do
        press ctrl+s
        newest=$(ls -t ./*.toml 2>/dev/null | head -1)
        if [ -n "$newest" ]; then
            if grep -q "$2" "$newest"; then [ "$1" = with ] && return 0; else [ "$1" = without ] && return 0; fi
        fi
        sleep 0.7
    done
    return 1
}

"$program" play the-read-write-layer --world simulated --record run.trace 2>"$place/stderr" &
window=$!
timeout 60 xdotool search --sync --onlyvisible --name Drydock >/dev/null || fail 'it did not open'
sleep 2
xdotool mousemove 640 300 click 1
press Escape
press space
press Right
press Right
press Left
press 3
press 1
press End
recorded with 'docker images' || fail 'the scenario was not played'
press grave
sleep 1
xdotool type --delay 40 'docker run -d --name carl greeter:1 sleep 1000'
press Return
recorded with 'name carl' || fail 'the command did not arrive'
press Escape
xdotool mousemove 640 300 click 1
press ctrl+z
recorded without 'name carl' || fail 'it was not undone'
press ctrl+y
recorded with 'name carl' || fail 'it was not done again'
kill -TERM "$window"
wait "$window" || fail 'it did not end well'
"$program" trace run.trace --text | grep -q 'Everything is as it was after' || fail 'the trace says nothing of going back'
newest=$(ls -t ./*.toml | head -1)
"$program" play "$newest" --world simulated --text --no-wait >played 2>"$place/stderr" || fail 'the recording does not play'
grep -q 'carl is running' played || fail 'the recording does not do what was done'
