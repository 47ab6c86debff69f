#!/usr/bin/env bash
# The program's own window on a virtual screen, driven by real keys and clicks through a whole scenario and beyond it: a
# command typed in its terminal, undone, and what was done saved as a scenario, which then plays by itself.
#
# Nothing waits for a time: X keeps keys in order however slow the program is, and what has been done is asked of the
# program itself, which writes it down at Ctrl+S. "-r" is for the same reason: without it, a key that a busy machine
# is late to release repeats itself.
#
#   xvfb-run -a -s "-screen 0 1280x720x24 -r" tests/system/window/play.sh PROGRAM
set -u
program=$(realpath "$1")
place=$(mktemp -d)
trap 'kill "$window" 2>/dev/null; rm -rf "$place"' EXIT
cd "$place" || exit 1
export XDG_CONFIG_HOME=$place/config HOME=$place LIBGL_ALWAYS_SOFTWARE=1
patience=200 # seconds for all of it

fail() { printf 'window: %s after %s s\n' "$1" "$SECONDS" >&2; sed 's/^/  /' "$place/stderr" >&2; exit 1; }
press() { xdotool key --clearmodifiers "$@"; }
# Whether it holds in the end; not where the window is gone or patience is.
becomes_true() {
    until "$@"; do
        kill -0 "$window" 2>/dev/null || return 1
        [ "$SECONDS" -lt "$patience" ] || return 1
        sleep 0.1
    done
}
newest() { ls -t -- *.toml 2>/dev/null | head -1; }
is_open() { xdotool search --onlyvisible --name Drydock >/dev/null 2>&1; }
is_written() { local file; file=$(newest); [ "$file" != "$before" ] && [ -s "$file" ]; }
# Saves what was done until it says so: every Ctrl+S writes another file. What did not arrive is pressed again.
recorded() { # with or without, a word, keys that bring it about
    local before attempt
    for attempt in $(seq 60); do
        before=$(newest)
        [ $((attempt % 10)) = 1 ] && [ $# -gt 2 ] && press "${@:3}"
        press ctrl+s
        becomes_true is_written || return 1
        if grep -q -- "$2" "$(newest)"; then [ "$1" = with ] && return 0; else [ "$1" = without ] && return 0; fi
        sleep 0.5
    done
    return 1
}

"$program" play the-read-write-layer --world simulated --record run.trace 2>"$place/stderr" &
window=$!
becomes_true is_open || fail 'it did not open'
xdotool mousemove 640 300 click 1
press Escape
press space
press Right
press Right
press Left
press 3
press 1
press End
# Before its first command is done it says only that there is nothing to save.
something_is_saved() { press ctrl+s; sleep 0.5; [ -n "$(newest)" ]; }
becomes_true something_is_saved || fail 'the scenario was not begun'
recorded with 'docker images' || fail 'the scenario was not played'
press grave
xdotool type --delay 40 'docker run -d --name carl greeter:1 sleep 1000'
press Return
press Escape
recorded with 'name carl' || fail 'the command did not arrive'
xdotool mousemove 640 300 click 1
recorded without 'name carl' ctrl+z || fail 'it was not undone'
recorded with 'name carl' ctrl+y || fail 'it was not done again'
kill -TERM "$window"
wait "$window" || fail 'it did not end well'
"$program" trace run.trace --text | grep -q 'Everything is as it was after' || fail 'the trace says nothing of going back'
"$program" play "$(newest)" --world simulated --text --no-wait >played 2>"$place/stderr" || fail 'the recording does not play'
grep -q 'carl is running' played || fail 'the recording does not do what was done'
