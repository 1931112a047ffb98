# shellcheck shell=bash
# The lab's network: a switch namespace with a bridge, a namespace for each host, a veth between. Nothing touches the machine's own.

network_exists() { [[ -e /run/netns/$1 ]]; }

make_switch() {
    network_exists "$switch" || ip netns add "$switch"
    ip -n "$switch" link set lo up
    ip -n "$switch" link show br0 >/dev/null 2>&1 || ip -n "$switch" link add br0 type bridge
    ip -n "$switch" address replace "$lan_address/24" dev br0
    ip -n "$switch" link set br0 up
}

# Makes the current node's namespaces and cable as far as they are not there. A cable that is cut stays cut.
make_host() {
    if ! network_exists "$netns"; then
        ip netns add "$netns"
        ip -n "$netns" link set lo up
    fi
    if ! ip -n "$switch" link show "$node" >/dev/null 2>&1; then
        ip -n "$switch" link add "$node" type veth peer name eth0 netns "$netns"
        ip -n "$switch" link set "$node" master br0 up
        ip -n "$netns" address add "$address/24" dev eth0
        ip -n "$netns" link set eth0 up
    fi
    if ! mountpoint -q "$node_uts"; then
        : >"$node_uts"
        unshare --uts="$node_uts" hostname "$node"
    fi
}

cable_state() {
    if ip -n "$switch" link show "$node" up 2>/dev/null | grep -q .; then echo up; else echo cut; fi
}

# The hosts that the current one is cut off from while its cable is in.
cut_peers() {
    local a b
    nsenter --net="/run/netns/$switch" nft list tables bridge 2>/dev/null | sed -n 's/^table bridge cut_//p' | while IFS=_ read -r a b; do
        case $node in "$a") echo "$b" ;; "$b") echo "$a" ;; esac
    done
}

# pair_table NODE NODE: sets $pair to the name of the table that stands in the switch while the two are cut off from each other.
pair_table() {
    local name
    [[ $1 != "$2" ]] || bad_usage "'$1' cannot be cut off from itself: name two hosts"
    for name in "$@"; do set_node "$name"; done
    if [[ $1 < $2 ]]; then pair=cut_$1_$2; else pair=cut_$2_$1; fi
}

lab_cut() {
    local pair
    if (($# == 2)); then
        pair_table "$@"
        nsenter --net="/run/netns/$switch" nft -f - <<TEXT
table bridge $pair
delete table bridge $pair
table bridge $pair {
    chain forward {
        type filter hook forward priority 0
        iifname "$1" oifname "$2" drop
        iifname "$2" oifname "$1" drop
    }
}
TEXT
    else
        (($# == 1)) || bad_usage "usage: cut NODE [NODE]"
        set_node "$1"
        ip -n "$switch" link set "$node" down
    fi
}

lab_heal() {
    local pair
    if (($# == 2)); then
        pair_table "$@"
        printf 'table bridge %s\ndelete table bridge %s\n' "$pair" "$pair" | nsenter --net="/run/netns/$switch" nft -f -
    else
        (($# == 1)) || bad_usage "usage: heal NODE [NODE]"
        set_node "$1"
        ip -n "$switch" link set "$node" up
    fi
}

remove_networks() {
    local name
    for name in $(ip netns list | sed -nE "s/^($lab-(switch|[mw][0-9]+))( .*)?\$/\1/p"); do
        ip netns delete "$name"
    done
}
