# shellcheck shell=bash
# The Debian packages that a lab needs on the machine that it runs on.
lab_packages=(containerd runc iproute2 nftables util-linux procps jq curl)
