# shellcheck shell=bash
# What is on a host that no task and no part of the system owns. Each list_… prints "KIND NAME" lines; lab_check filters and counts.

# The ids of the tasks that the current node's daemon holds, one a line. A task's containers, snapshots, leases, mounts, control groups,
# rules and directories carry its id in their names.
owned_tasks() { on_node cluster debug owned --format json | jq -r '.tasks[]'; }

lab_check() {
    local name found total=0
    (($# == 0)) || bad_usage "check takes no arguments"
    require_lab
    for name in $(lab_nodes); do
        set_node "$name"
        set_environment
        clusterd_listens || die "clusterd on $node is not running, so nobody knows what is owned: start it with 'deploy/lab start $node'"
        # Something may be on its way out while we look: what counts is what stays.
        wait_until 15 host_is_clean || true
        found=$leftovers
        [[ -n $found ]] || continue
        printf '%s\n' "$node: ${found//$'\n'/$'\n'$node: }"
        total=$((total + $(wc -l <<<"$found")))
    done
    ((total == 0)) || die "$total things are owned by no task: the part of the system that made each must remove it"
    echo "clean: every host has only what its tasks and the system own"
}

# Sets $leftovers to what the current host has too much; succeeds when that is nothing.
host_is_clean() {
    local owned
    owned=$(owned_tasks) || die "$node does not say which tasks it holds: see 'deploy/lab logs $node'"
    leftovers=$({
        list_containerd
        list_processes
        list_mounts
        list_cgroups
        list_links
        list_network_namespaces
        list_rules
        list_directories
    } | without_owned "$owned")
    [[ -z $leftovers ]]
}

# Drops the lines of stdin that name an owned task.
without_owned() {
    if [[ -n $1 ]]; then grep -vF -- "$1" || true; else cat; fi
}

containerd_ctl() { on_node ctr "$@" 2>/dev/null; }

list_containerd() {
    containerd_ctl namespaces list -q | grep -vxF "$container_namespace" | sed 's/^/containerd-namespace /' || true
    containerd_ctl tasks list -q | sed 's/^/containerd-task /'
    containerd_ctl containers list -q | sed 's/^/container /'
    containerd_ctl leases list -q | sed 's/^/lease /'
    list_snapshots
}

# Snapshots of image layers belong to the system as long as the image is there; all others must be a task's.
list_snapshots() {
    local layers
    layers=$(image_layers)
    containerd_ctl snapshots list | awk 'NR > 1 { print "snapshot", $1 }' | { grep -vF -- "${layers:-no image}" || true; }
}

# The chain ids of all layers of all images.
image_layers() {
    local manifest config diff chain
    containerd_ctl images list | awk 'NR > 1 { print $3 }' | sort -u | while read -r manifest; do
        config=$(containerd_ctl content get "$manifest" | jq -r '.config.digest // empty')
        [[ -n $config ]] || continue
        chain=
        for diff in $(containerd_ctl content get "$config" | jq -r '.rootfs.diff_ids[]'); do
            if [[ -z $chain ]]; then chain=$diff; else chain=sha256:$(printf '%s %s' "$chain" "$diff" | sha256sum | cut -d' ' -f1); fi
            echo "$chain"
        done
    done
}

# clusterd and containerd belong to the system, this script's own commands are of the moment; a shim must be a task's, and what runs in a
# container is below its shim. A process with another parent has lost its shim.
list_processes() {
    local pids
    pids=$(node_processes | tr '\n' ' ')
    ps -e -o pid=,ppid=,args= | awk -v pids="$pids" -v clusterd="$(clusterd_pid)" -v self=$$ '
        BEGIN { count = split(pids, p, " "); for (i = 1; i <= count; i++) on_node[p[i]] = 1 }
        { parent[$1] = $2; args[$1] = $0; sub(/^ *[0-9]+ +[0-9]+ /, "", args[$1]) }
        function below(pid, what) {
            for (; pid in parent && pid != 0; pid = parent[pid]) if (args[pid] ~ what || pid == what) return 1
            return 0
        }
        END {
            for (pid in on_node) {
                if (!(pid in args) || pid == clusterd || below(pid, self) || below(pid, clusterd)) continue
                if (args[pid] ~ /^([^ ]*\/)?containerd( |$)/) continue
                if (args[pid] ~ /^([^ ]*\/)?containerd-shim/) print "shim", pid, args[pid]
                else if (!below(pid, "containerd-shim")) print "process", pid, args[pid]
            }
        }'
}

list_mounts() {
    awk -v run="$node_run/" -v state="$node_state/" '
        index($2, run) == 1 || index($2, state) == 1 { print "mount", $2, $3 }' /proc/self/mounts
}

# The directory of the node's own containers is the system's.
list_cgroups() {
    find /sys/fs/cgroup -depth -type d -path "*/$container_namespace/*" -printf 'cgroup %p\n' 2>/dev/null
}

# lo, the cable and the bridge of the node are the system's. A task's end of a veth carries the task in its alias.
list_links() {
    ip -n "$netns" -j -d link show | jq -r '
        .[] | select(.ifname != "lo" and .ifname != "eth0" and (.linkinfo.info_kind // "") != "bridge")
            | "link \(.ifname) \(.ifalias // "")"'
}

list_network_namespaces() {
    ip netns list | awk '{ print $1 }' | grep -E "^$netns." | sed 's/^/network-namespace /' || true
}

# Rules and elements that were made for a task carry it in their comment; the tables and chains are the system's.
list_rules() {
    on_node nft -j list ruleset | jq -r '
        .nftables[] | .rule // empty | select(.comment // "" | startswith("task")) | "nft-rule \(.table) \(.chain) \(.comment)"'
}

# What containerd, runc and the agent keep for each task, network namespaces, and logs.
list_directories() {
    local directory
    for directory in "$node_run"/containerd/state/*task*/"$container_namespace" "$node_run/containerd/runc/$container_namespace" \
        "$node_run/tasks" "$node_run/netns" "$node_state/logs/tasks"; do
        [[ -d $directory ]] || continue
        find "$directory" -mindepth 1 -maxdepth 1 -printf 'directory %p\n'
    done
}
