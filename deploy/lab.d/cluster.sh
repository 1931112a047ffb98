# shellcheck shell=bash
# up, down and status: from nothing to a cluster with a service, and back.

demo_service=(--name web --replicas 3 --publish "mode=host,target=80" lab/web:1)

lab_up() {
    local managers=1 workers=2 service=1 wanted
    while (($#)); do
        case $1 in
            --managers) managers=${2:-}; shift ;;
            --workers) workers=${2:-}; shift ;;
            --no-service) service= ;;
            *) bad_usage "up does not know '$1'" ;;
        esac
        shift || bad_usage "an option of up needs a number"
    done
    [[ $managers =~ ^[0-9]+$ && $workers =~ ^[0-9]+$ ]] || bad_usage "--managers and --workers need a number"
    ((managers == 1)) || die "$managers managers cannot be made yet, only one: leave out --managers"
    ((workers <= 50)) || die "$workers workers are more than a lab holds: use up to 50"
    wanted=$(echo m1 && seq -f 'w%g' "$workers")
    if lab_exists && [[ $(lab_nodes | wc -l) -gt $((workers + 1)) ]]; then
        die "the lab '$lab' has more hosts than that: run 'deploy/lab down' first"
    fi

    install_packages "${lab_packages[@]}"
    find_dotnet
    build_programs
    make_images

    mkdir -p "$lab_state" "$lab_run"
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

# Makes the current node the first manager, or a worker. A note on disk says that it is done; the daemon itself keeps the membership.
form_cluster() {
    local token note=$lab_state/$node.member
    [[ ! -e $note ]] || return 0
    if [[ $node == m1 ]]; then
        step "$node: cluster node init"
        on_node cluster node init --advertise-addr "$address" >&2 || die "$node could not start a cluster: see its message above and 'deploy/lab logs $node'"
    else
        token=$(set_node m1 && set_environment && on_node cluster node join-token worker -q) || die "m1 gives no join token: see 'deploy/lab logs m1'"
        step "$node: cluster node join"
        on_node cluster node join --token "$token" --advertise-addr "$address" "$(node_address m1):2377" >&2 ||
            die "$node could not join: see its message above and 'deploy/lab logs $node'"
    fi
    : >"$note"
}

load_images() {
    local image loaded=$lab_state/$node.images
    [[ $(cat "$loaded" 2>/dev/null) != "$image_key" ]] || return 0
    for image in "${image_files[@]}"; do
        on_node cluster image load -i "$image" >&2 || die "$node could not load $image: see its message above and 'deploy/lab logs $node'"
    done
    printf '%s\n' "$image_key" >"$loaded"
}

all_nodes_ready() {
    [[ $(on_node cluster node ls --format '{{.Hostname}} {{.Status}}' 2>/dev/null | grep -c ' Ready$') -eq $(wc -l <<<"$1") ]]
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
    local name pid daemon
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
    done
    set_node m1
    set_environment
    if clusterd_pid >/dev/null; then
        echo
        on_node cluster node ls
    fi
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
