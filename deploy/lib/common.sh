# shellcheck shell=bash
# What every script in deploy/ needs: messages, root, and the places in the tree. Sourced, never run.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
program=${program:-$(basename "$0")}

# A command that fails unforeseen ends the script; say which, instead of ending in silence.
set -E
trap 'warn "unexpected failure in ${BASH_SOURCE[0]##*/} line $LINENO: $BASH_COMMAND"' ERR

# Everything that is built for or by these scripts, out of git's sight.
out=$top/out

step() { printf '==> %s\n' "$*" >&2; }
warn() { printf '%s: %s\n' "$program" "$*" >&2; }

# One line that says what to do; every error of these scripts goes through here.
die() { warn "$*"; exit 1; }

# bad_usage MESSAGE: like die, with the exit code of a wrong call.
bad_usage() { warn "$1 (see '$program --help')"; exit 2; }

require_root() {
    [[ $EUID -eq 0 ]] || die "needs root for namespaces and containers: run it as 'sudo $0'"
}

# Runs a command as the user who called sudo, so that a build leaves no files of root in that user's tree.
as_caller() {
    local home
    if [[ $EUID -eq 0 && -n ${SUDO_USER:-} && $SUDO_USER != root && $(stat -c %U "$top") == "$SUDO_USER" ]]; then
        home=$(getent passwd "$SUDO_USER" | cut -d: -f6)
        runuser -u "$SUDO_USER" -- env HOME="$home" "$@"
    else
        "$@"
    fi
}

# wait_until SECONDS COMMAND…: polls until the command succeeds; fails when the time is over.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

# Runs a command with nothing open but its standard files: what it leaves running (a daemon, a compiler server) must hold neither this
# script's locks nor the caller's pipes.
with_standard_files() (
    for entry in "/proc/$BASHPID/fd"/*; do
        entry=${entry##*/}
        ((entry <= 2)) || exec {entry}>&-
    done
    "$@"
)
