# shellcheck shell=bash
# up, down and status: from nothing to a cluster with a service, and back.

demo_service=(--name web --replicas 3 --publish "mode=host,target=80" lab/web:1)

lab_up() {
    local managers=3 workers=2 service=1 wanted unwanted
    while (($#)); do
        case $1 in
            --managers) managers=${2:-}; shift ;;
            --workers) workers=${2:-}; shift ;;
            --no-service) service= ;;
            *) bad_usage "up does not know '$1'" ;;
        esac
        shift || bad_usage "an option of up needs a number"
    done
    [[ $managers =~ ^[1-9][0-9]*$ && $workers =~ ^(0|[1-9][0-9]*)$ ]] || bad_usage "--managers (at least 1) and --workers need a number"
    ((managers <= 9)) || die "$managers managers are more than a lab holds: use up to 9; 3 or 5 survive the loss of 1 or 2"
    ((workers <= 50)) || die "$workers workers are more than a lab holds: use up to 50"
    wanted=$(seq -f 'm%g' "$managers" && seq -f 'w%g' "$workers")
    unwanted=$(lab_nodes | grep -vxF -- "$wanted" || true)
    [[ -z $unwanted ]] || die "the lab '$lab' has hosts that this leaves out (${unwanted//$'\n'/ }): ask for them too (--managers, --workers), or run 'deploy/lab down' first"

    install_packages "${lab_packages[@]}"
    find_dotnet
    build_programs
    make_images

    mkdir -p "$lab_state" "$lab_run"
    rm -f "$lab_state"/programs.*
    printf '%s\n' "$programs" >"$lab_state/programs"
    printf '%s\n' "$DOTNET_ROOT" >"$lab_state/dotnet"
    printf '%s\n' "$wanted" >"$lab_state/nodes"

    step "starting hosts: ${wanted//$'\n'/ }"
    make_switch
    local name
    for name in $wanted; do
        set_node "$name"
        set_environment
        make_host
        # A daemon of an older build is replaced; its containers stay.
        cmp -s "$lab_state/programs" "$lab_run/$node.programs" || stop_clusterd
        start_clusterd
        form_cluster
    done
    step "loading images"
    for name in $wanted; do
        set_node "$name"
        set_environment
        load_images
    done
    set_node m1
    set_environment
    wait_until 60 all_nodes_ready "$wanted" || { on_node cluster node ls >&2 || true; die "not all nodes are ready after 60 s: see 'deploy/lab logs NODE'"; }
    [[ -z $service ]] || make_service
    print_cluster
}

# Makes the current node the first manager, another, or a worker, unless it is one: its daemon knows.
form_cluster() {
    local role token state
    wait_until 60 membership_is_known || die "$node does not come up as the member that it is: see 'deploy/lab logs $node'"
    case $state in
        active) return 0 ;;
        inactive) ;;
        *) die "$node is in the state '$state': see 'cluster version' there and 'deploy/lab logs $node'" ;;
    esac
    if [[ $node == m1 ]]; then
        step "$node: cluster node init"
        on_node cluster node init --advertise-addr "$address" >&2 || die "$node could not start a cluster: see its message above and 'deploy/lab logs $node'"
        return 0
    fi
    role=worker
    [[ $node != m* ]] || role=manager
    token=$(set_node m1 && set_environment && on_node cluster node join-token "$role" -q) || die "m1 gives no join token: see 'deploy/lab logs m1'"
    step "$node: cluster node join, as a $role"
    on_node cluster node join --token "$token" --advertise-addr "$address" "$(node_address m1):2377" >&2 ||
        die "$node could not join: see its message above and 'deploy/lab logs $node'"
}

# Sets $state to what the current node's daemon is: inactive, active, or what went wrong.
membership_is_known() {
    state=$(on_node cluster version --format '{{.Server.State}}') && [[ $state != starting ]]
}

load_images() {
    local image loaded=$lab_state/$node.images
    [[ $(cat "$loaded" 2>/dev/null) != "$image_key" ]] || return 0
    for image in "${image_files[@]}"; do
        on_node cluster image load -i "$image" >&2 || die "$node could not load $image: see its message above and 'deploy/lab logs $node'"
    done
    printf '%s\n' "$image_key" >"$loaded"
}

# all_nodes_ready NODES: every node of the list is ready, and every manager of it in the quorum.
all_nodes_ready() {
    local rows
    rows=$(on_node cluster node ls --format '{{.Hostname}} {{.Status}} {{.ManagerStatus}}' 2>/dev/null) || return 1
    [[ $(grep -c ' Ready ' <<<"$rows") -eq $(wc -l <<<"$1") && $(grep -cE ' Ready (Leader|Reachable)$' <<<"$rows") -eq $(grep -c '^m' <<<"$1") ]]
}

make_service() {
    on_node cluster service ls --format '{{.Name}}' | grep -qxF web || {
        step "creating the service web"
        on_node cluster service create "${demo_service[@]}" >&2 || die "the service could not be created: see the message above and 'deploy/lab logs m1'"
    }
    wait_until 120 service_runs || { on_node cluster service ps web >&2 || true; die "web has not all its replicas after 120 s: see 'deploy/lab logs m1'"; }
}

service_runs() {
    local replicas
    replicas=$(on_node cluster service ls --format '{{.Name}} {{.Replicas}}' 2>/dev/null | sed -n 's/^web //p')
    [[ $replicas =~ ^([0-9]+)/([0-9]+) && ${BASH_REMATCH[1]} -eq ${BASH_REMATCH[2]} ]]
}

print_cluster() {
    local lab_option=""
    [[ $lab == lab ]] || lab_option=" --name $lab"
    on_node cluster node ls
    echo
    on_node cluster service ls
    if on_node cluster service ls --format '{{.Name}}' | grep -qxF web; then
        echo
        on_node cluster service ps web
    fi
    cat <<TEXT

Try next:
  sudo deploy/lab$lab_option exec m1 cluster service scale web=6
  sudo deploy/lab$lab_option exec m1 cluster service logs web
  sudo deploy/lab$lab_option kill w1 --all        (and watch: sudo deploy/lab$lab_option exec m1 cluster service ps web)
  sudo deploy/lab$lab_option start w1
  sudo deploy/lab$lab_option shell m1
  sudo deploy/lab$lab_option check
  sudo deploy/lab$lab_option down
TEXT
}

lab_status() {
    local name pid daemon peers
    (($# == 0)) || bad_usage "status takes no arguments"
    require_lab
    printf '%-6s %-12s %-16s %-6s %s\n' HOST ADDRESS CLUSTERD CABLE PROCESSES
    for name in $(lab_nodes); do
        set_node "$name"
        if ! network_exists "$netns"; then
            printf '%-6s %-12s %s\n' "$node" "$address" "gone (a crash or restart of the machine): sudo deploy/lab up"
            continue
        fi
        daemon=down
        if pid=$(clusterd_pid); then daemon="up ($pid)"; fi
        printf '%-6s %-12s %-16s %-6s %s\n' "$node" "$address" "$daemon" "$(cable_state)" "$(node_processes | wc -l)"
        peers=$(cut_peers)
        [[ -z $peers ]] || printf '%-6s is cut off from %s\n' "$node" "${peers//$'\n'/ }"
    done
    # What the first manager says that answers.
    for name in $(lab_nodes | grep '^m'); do
        set_node "$name"
        set_environment
        clusterd_pid >/dev/null || continue
        echo
        ! on_node cluster node ls || break
    done
}

# Works on whatever is left: after a crash, a half-made lab, a second time.
lab_down() {
    local name
    (($# == 0)) || bad_usage "down takes no arguments"
    for name in $( { lab_nodes; ip netns list | sed -nE "s/^$lab-([mw][0-9]+)( .*)?\$/\1/p"; } | sort -u); do
        name_node "$name"
        kill_node_processes
        remove_cgroups
        # Where runc keeps its notes of containers that 'ctr' made.
        rm -rf "/run/containerd/runc/$container_namespace"
    done
    ! network_exists "$switch" || ip netns pids "$switch" | xargs -r kill -KILL 2>/dev/null || true
    unmount_below "$lab_run"
    unmount_below "$lab_state"
    remove_networks
    remove_dead_shim_sockets
    rm -rf --one-file-system "${lab_run:?}" "${lab_state:?}"
}

# The latest mount first, since later ones may lie on earlier ones.
unmount_below() {
    local target
    awk -v root="$1/" 'index($2, root) == 1 { print $2 }' /proc/self/mounts | tac | while read -r target; do
        umount "$target" 2>/dev/null || umount --lazy "$target"
    done
}

# A shim that is killed leaves its socket in containerd's directory, which all instances share and whose names are hashes. Those on
# which nobody listens any more, in whatever network, are garbage. The files are listed first: a socket is bound before it is seen.
remove_dead_shim_sockets() {
    local sockets
    sockets=$(find /run/containerd/s -type s 2>/dev/null) || return 0
    comm -23 <(sort <<<"$sockets") <({ cat /proc/[0-9]*/net/unix 2>/dev/null || true; } | awk 'NF == 8 { print $8 }' | sort -u) | xargs -r rm -f
}

remove_cgroups() {
    local directory
    find /sys/fs/cgroup -depth -type d \( -name "$container_namespace" -o -path "*/$container_namespace/*" \) | while read -r directory; do
        rmdir "$directory"
    done
    # The directory of all nodes on this machine goes with the last of them.
    find /sys/fs/cgroup -maxdepth 2 -type d -name cluster -exec rmdir {} + 2>/dev/null || true
}
