# shellcheck shell=bash
# What belongs to a lab, by name: directories, namespaces, addresses. All else finds it here.

# set_lab NAME: the paths of the lab. Names are short because unix socket paths end at 108 bytes, and without '-' because
# namespaces are named LAB-NODE.
set_lab() {
    [[ $1 =~ ^[a-z][a-z0-9]{0,15}$ ]] || bad_usage "'$1' is no name for a lab: use up to 16 small letters and digits"
    lab=$1
    lab_state=/var/lib/cluster-lab/$lab # what the hosts keep on disk, and the lab's own notes
    lab_run=/run/cluster-lab/$lab       # sockets and pins
    switch=$lab-switch
}

# One command at a time may change a lab. The lock is no part of the lab: 'down' removes that.
lock_lab() {
    mkdir -p /run/cluster-lab
    exec {lab_lock}>"/run/cluster-lab/$lab.lock"
    flock -w 600 "$lab_lock" || die "another command is still changing the lab '$lab': wait for it, then try again"
}

lab_exists() { [[ -f $lab_state/nodes ]]; }

require_lab() { lab_exists || die "there is no lab '$lab': make it with 'sudo deploy/lab up'"; }

# The hosts in order, one a line.
lab_nodes() { cat "$lab_state/nodes" 2>/dev/null || true; }

# set_node NODE: the paths and names of one host.
set_node() {
    require_lab
    grep -qxF -- "$1" "$lab_state/nodes" || die "the lab '$lab' has no host '$1', only: $(lab_nodes | tr '\n' ' ')"
    name_node "$1"
}

name_node() {
    node=$1
    node_state=$lab_state/$node
    node_run=$lab_run/$node
    node_socket=$node_run/clusterd.sock
    node_log=$lab_state/$node.log
    node_pid_file=$lab_run/$node.pid
    node_uts=$lab_run/$node.uts
    netns=$lab-$node
    container_namespace=$lab-$node
    containerd_socket=$node_run/containerd/containerd.sock
    address=$(node_address "$node")
}

# Managers are .11 to .19, workers from .21 on.
node_address() {
    case $1 in
        m*) echo "10.99.0.$((10 + ${1#m}))" ;;
        w*) echo "10.99.0.$((20 + ${1#w}))" ;;
    esac
}
lan_address=10.99.0.1
