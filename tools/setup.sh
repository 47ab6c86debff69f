# Sourced by ./drydock and ./test: brings the packages of tools/packages onto the machine.
# shellcheck shell=bash

say() { printf '\033[1mdrydock:\033[0m %s\n' "$*" >&2; }

# packages_of SECTION: its names, with the alternative chosen that this distribution has.
packages_of() {
    local section=$1 current='' name rest
    while read -r name rest; do
        case $name in
        '' | '#'*) ;;
        '['*) current=${name//[\[\]]/} ;;
        *'|'*) [ "$current" = "$section" ] && choose "$name" ;;
        *) [ "$current" = "$section" ] && echo "$name" ;;
        esac
    done <"$root/tools/packages"
    return 0
}

choose() { # the first of A|B that is installed or can be
    local name
    for name in ${1//|/ }; do
        if installed "$name" || apt-cache show "$name" >/dev/null 2>&1; then
            echo "$name"
            return
        fi
    done
    echo "${1%%|*}"
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# need_packages SECTION...: installs what is missing, or says how.
need_packages() {
    command -v apt-get >/dev/null || {
        say "this set-up knows Debian 12 and Ubuntu 24.04 (apt-get); elsewhere install what tools/packages lists and use cmake --preset release"
        return 1
    }
    local missing=() section name
    for section in "$@"; do
        for name in $(packages_of "$section"); do
            installed "$name" || missing+=("$name")
        done
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    say "these Debian packages are needed and missing: ${missing[*]}"
    local install=(apt-get install -y --no-install-recommends "${missing[@]}")
    if [ "$(id -u)" -eq 0 ]; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive "${install[@]}" >&2
    elif command -v sudo >/dev/null && [ -t 0 ]; then
        say "installing them with sudo (you may be asked for your password)"
        sudo apt-get update -qq && sudo DEBIAN_FRONTEND=noninteractive "${install[@]}" >&2
    else
        say "not root, and sudo cannot ask here. Please run:"
        printf '    sudo apt-get update && sudo %s\n' "${install[*]}" >&2
        return 1
    fi || {
        say "apt-get failed; its words are above. The line was:"
        printf '    sudo %s\n' "${install[*]}" >&2
        return 1
    }
}

# build PRESET TARGET...: configures where needed and builds, with ninja's progress on the terminal.
build() {
    local preset=$1
    shift
    [ -f "$root/build/$preset/build.ninja" ] || {
        say "configuring (build/$preset)"
        (cd "$root" && cmake --preset "$preset") >"$root/build/configure.log" 2>&1 || {
            cat "$root/build/configure.log" >&2
            return 1
        }
    }
    say "building (build/$preset)"
    NINJA_STATUS='[%f/%t, %e s] ' cmake --build "$root/build/$preset" --target "$@" >&2
}
