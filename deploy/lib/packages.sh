# shellcheck shell=bash
# Debian packages: installs what is missing, with apt, and nothing else.

# install_packages NAME…: a no-op, without network, when all of them are there.
install_packages() {
    local name missing=()
    for name in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
    done
    ((${#missing[@]} == 0)) && return 0
    [[ $EUID -eq 0 ]] || die "packages are missing: run 'sudo apt-get install ${missing[*]}'"
    command -v apt-get >/dev/null || die "these packages are missing and this is no Debian with apt-get: ${missing[*]}"
    step "installing ${missing[*]}"
    apt_install "${missing[@]}" || { update_package_lists && apt_install "${missing[@]}"; } ||
        die "apt could not install ${missing[*]}: see its messages above, then try again"
}

apt_install() {
    # A service that a package would start belongs to this machine, not to us: policy-rc.d says no for the time of the call.
    local policy=/usr/sbin/policy-rc.d placed="" status=0
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        placed=1
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null >&2 || status=$?
    [[ -z $placed ]] || rm -f "$policy"
    return "$status"
}

update_package_lists() {
    step "updating apt's package lists"
    apt-get update -q </dev/null >&2 || die "apt-get update failed: check the network and /etc/apt/sources.list, then try again"
}
