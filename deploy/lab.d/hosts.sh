# shellcheck shell=bash
# Programs on hosts: running a command there, starting and killing clusterd, finding every process of a host.

# on_node COMMAND…: in the current node's network and under its name, with the programs of the lab. Not 'ip netns exec', which mounts
# a new /sys and so hides the cgroup mounts that containers need.
on_node() { nsenter --net="/run/netns/$netns" --uts="$node_uts" -- "${node_environment[@]}" "$@"; }

# The file that names the directory of the current node's programs: the lab's, but for a node with others.
programs_file() { if [[ -e $lab_state/programs.${node:-} ]]; then echo "$lab_state/programs.$node"; else echo "$lab_state/programs"; fi; }

# Sets the environment of programs on the current node.
set_environment() {
    local programs_of_lab
    programs_of_lab=$(cat "$(programs_file)" 2>/dev/null || true)
    node_environment=(env "DOTNET_ROOT=$(cat "$lab_state/dotnet" 2>/dev/null || true)" DOTNET_NOLOGO=1
        "PATH=$programs_of_lab:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        "CLUSTER_SOCKET=$node_socket" "CONTAINERD_ADDRESS=$containerd_socket" "CONTAINERD_NAMESPACE=$container_namespace")
}

# The current node's clusterd, or nothing. The pid file holds the start time too, because process ids come round again.
clusterd_pid() {
    local pid started
    read -r pid started 2>/dev/null <"$node_pid_file" || return 1
    [[ $(start_time "$pid") == "$started" ]] || return 1
    ! process_is_gone "$pid" || return 1
    echo "$pid"
}

# In clock ticks since boot. The name before the parenthesis may hold anything.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# A socket file alone proves nothing: it outlives a killed daemon.
clusterd_listens() {
    local pid
    pid=$(clusterd_pid) && grep -q " 00010000 .* $node_socket\$" "/proc/$pid/net/unix"
}

clusterd_listens_or_died() { clusterd_listens || ! clusterd_pid >/dev/null; }

# Run by the shell that becomes clusterd; written aside and renamed, so that a reader sees all or nothing.
# shellcheck disable=SC2016 # expanded by that shell
record_process='echo "$$ $(sed "s/.*) //" /proc/$$/stat | cut -d" " -f20)" >"$1.new"; mv "$1.new" "$1"; shift'

# Starts the current node's clusterd in a session of its own and waits until it answers.
start_clusterd() {
    # One that is there may be about to end: killed a moment ago, and not out of memory yet.
    ! clusterd_pid >/dev/null || wait_until 60 clusterd_listens_or_died || die "clusterd on $node does not listen on $node_socket after 60 s: see $node_log"
    if ! clusterd_pid >/dev/null; then
        mkdir -p "$node_state" "$node_run"
        rm -f "$node_pid_file"
        # shellcheck disable=SC2016 # expanded by the inner shell
        with_standard_files on_node setsid -f bash -c "$record_process"'; exec "$@"' - "$node_pid_file" \
            clusterd --state-dir "$node_state" --run-dir "$node_run" --container-namespace "$container_namespace" \
            </dev/null >>"$node_log" 2>&1
        wait_until 10 test -s "$node_pid_file" || die "clusterd on $node did not start: see $node_log"
        cat "$(programs_file)" >"$lab_run/$node.programs"
    fi
    wait_until 60 clusterd_listens_or_died || die "clusterd on $node does not listen on $node_socket after 60 s: see $node_log"
    clusterd_listens || { tail -n 20 "$node_log" >&2; die "clusterd on $node ended: its last lines are above, the rest is in $node_log"; }
}

# Ends the current node's clusterd as an upgrade does: containers keep running.
stop_clusterd() {
    local pid
    pid=$(clusterd_pid) || return 0
    kill -TERM "$pid" 2>/dev/null || true
    wait_until 30 process_is_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
}

process_is_gone() { [[ ! -e /proc/$1 || $(awk '/^State:/ {print $2}' "/proc/$1/status" 2>/dev/null) == Z ]]; }

# Every process of the current node: all that lives in its network or under its name, all that it started (containers have namespaces
# of their own), and all in the control groups of its containers (whose parent may have died).
node_processes() {
    {
        ! network_exists "$netns" || ip netns pids "$netns"
        find /proc/[0-9]*/ns/uts -maxdepth 0 -lname "$(uts_identity)" -printf '%h\n' 2>/dev/null | tr -dc '0-9\n' || true
        grep -lE ":(/[^:]*)?/$container_namespace(/|$)" /proc/[0-9]*/cgroup 2>/dev/null | tr -dc '0-9\n' || true
    } | with_descendants
}

# The identity of the current node's pinned UTS namespace as /proc shows it.
uts_identity() {
    local inode
    if mountpoint -q "$node_uts"; then inode=$(stat -c %i "$node_uts"); fi
    echo "uts:\\[${inode:-none}\\]"
}

# Process ids on stdin; these and all below them on stdout, but never this script.
with_descendants() {
    local seeds
    seeds=$(tr '\n' ' ')
    ps -e -o pid=,ppid= | awk -v self=$$ -v seeds="$seeds" '
        { parent[$1] = $2 }
        END {
            count = split(seeds, seed, " ")
            for (i = 1; i <= count; i++) wanted[seed[i]] = 1
            for (pid in parent) {
                for (p = pid; p in parent && p != 1; p = parent[p]) if (p in wanted) { if (pid != self) print pid; break }
            }
        }'
}

# Kills until nothing is left, since a shim may start something between the look and the kill.
kill_node_processes() {
    local pids round
    for round in {1..50}; do
        pids=$(node_processes)
        [[ -n $pids ]] || return 0
        # shellcheck disable=SC2086 # a list
        kill -KILL $pids 2>/dev/null || true
        sleep 0.1
    done
    die "processes of $node do not end after SIGKILL: look at them with 'ps -fp ${pids//$'\n'/,}'"
}

lab_kill() {
    local all=
    (($# == 1)) || { (($# == 2)) && [[ $2 == --all ]] && all=1; } || bad_usage "usage: kill NODE [--all]"
    set_node "$1"
    local pid
    if [[ -n $all ]]; then
        kill_node_processes
    else
        pid=$(clusterd_pid) || die "clusterd on $node is not running: start it with 'deploy/lab start $node'"
        kill -KILL "$pid"
        wait_until 10 process_is_gone "$pid" || die "clusterd on $node (process $pid) does not end after SIGKILL"
    fi
    rm -f "$node_pid_file"
}

lab_start() {
    (($# == 1)) || bad_usage "usage: start NODE"
    set_node "$1"
    set_environment
    start_clusterd
}

lab_upgrade() {
    (($# == 2)) || bad_usage "usage: upgrade NODE DIR"
    set_node "$1"
    [[ -x $2/clusterd && -x $2/cluster ]] || die "$2 does not hold clusterd and cluster"
    realpath "$2" >"$lab_state/programs.$node"
    set_environment
    stop_clusterd
    start_clusterd
}

lab_exec() {
    (($# >= 2)) || bad_usage "usage: exec NODE COMMAND…"
    enter_node "$1"
    shift
    exec nsenter "${enter[@]}" -- "${node_environment[@]}" "$@"
}

lab_shell() {
    (($# == 1)) || bad_usage "usage: shell NODE"
    enter_node "$1"
    exec nsenter "${enter[@]}" -- "${node_environment[@]}" bash
}

# Sets how to enter a host, or the network beside the hosts.
enter_node() {
    if [[ $1 == lan ]]; then
        require_lab
        enter=("--net=/run/netns/$switch")
        node_environment=(env)
    else
        set_node "$1"
        set_environment
        enter=("--net=/run/netns/$netns" "--uts=$node_uts")
    fi
    [[ -e ${enter[0]#--net=} ]] || die "the network of '$1' is gone: make it again with 'sudo deploy/lab up'"
}

lab_logs() {
    (($# >= 1)) || bad_usage "usage: logs NODE [OPTION OF TAIL…]"
    set_node "$1"
    shift
    [[ -f $node_log ]] || die "$node has no log yet: its clusterd was never started"
    exec tail "${@:--n200}" "$node_log"
}
