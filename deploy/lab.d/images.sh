# shellcheck shell=bash
# The lab's two images, as OCI layout archives, from Debian's packages. Built once: the name of the directory is the hash of what goes in.
#
#   lab/web:1    busybox httpd with a page that says the container's name and the client's address
#   lab/nginx:1  Debian's nginx with the same page, for load

declare -A image_packages=(
    [web]="busybox-static"
    [nginx]="nginx libc6 libcrypt1 libpcre2-8-0 libssl3 zlib1g"
)
image_recipes=$here/lab.d

# Sets $image_files to the archives and $image_key to the hash of their inputs; builds them where they are not there.
make_images() {
    local name directory staging
    as_caller mkdir -p "$out/images"
    image_key=$(image_inputs)
    directory=$out/images/$image_key
    image_files=("$directory/web.tar" "$directory/nginx.tar")
    [[ -d $directory ]] && return 0
    exec {image_lock}>"$out/images/.lock"
    flock "$image_lock"
    if [[ ! -d $directory ]]; then
        staging=$directory.new
        rm -rf "$staging"
        mkdir -p "$staging"
        for name in web nginx; do
            step "building the image lab/$name:1"
            build_image "$name" "$staging" || die "the image lab/$name:1 could not be built: see the messages above, then try again"
        done
        rm -rf "${staging:?}"/*.work
        mv "$staging" "$directory"
        find "$out/images" -mindepth 1 -maxdepth 1 -type d ! -name "$image_key" -exec rm -rf {} +
    fi
    exec {image_lock}>&-
}

# The recipes, and which versions of the packages apt would fetch.
image_inputs() {
    local all="${image_packages[web]} ${image_packages[nginx]}" versions
    # shellcheck disable=SC2086 # a list
    versions=$(package_versions $all)
    if grep -q '(none)' <<<"$versions" || [[ $(wc -l <<<"$versions") -ne $(wc -w <<<"$all") ]]; then
        update_package_lists
        # shellcheck disable=SC2086 # a list
        versions=$(package_versions $all)
    fi
    { echo "$versions" && cat "$image_recipes/images.sh" "$image_recipes"/images/*/*; } | sha256sum | cut -c1-16
}

package_versions() { LC_ALL=C apt-cache policy "$@" | sed -n 's/^  Candidate: //p'; }

# build_image NAME DIRECTORY: makes DIRECTORY/NAME.tar by way of a root file system and an OCI layout beside it.
build_image() {
    local name=$1 work=$2/$1.work
    local root=$work/root
    mkdir -p "$work/debs" "$root"
    # shellcheck disable=SC2086 # a list
    unpack_packages "$work/debs" "$work/unpacked" ${image_packages[$name]}
    base_files "$root"
    "${name}_files" "$work/unpacked" "$root"
    "${name}_config" >"$work/container.json"
    write_layout "lab/$name:1" "$root" "$work/container.json" "$work/layout"
    reproducible_tar "$work/layout" >"$2/$name.tar"
}

unpack_packages() {
    local debs=$1 target=$2 deb
    shift 2
    mkdir -p "$target"
    # apt fetches as its own user, which cannot write here; that is its warning, not our trouble.
    (cd "$debs" && { apt-get download -q "$@" || { update_package_lists && apt-get download -q "$@"; }; }) >&2 || return 1
    for deb in "$debs"/*.deb; do dpkg-deb --extract "$deb" "$target"; done
}

# What every image has: users, the usual directories, a resolver that knows files.
base_files() {
    mkdir -p "$1"/{bin,etc,dev,proc,sys,tmp,root,run,var/log,www}
    chmod 1777 "$1/tmp"
    printf 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/www:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$1/etc/passwd"
    printf 'root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n' >"$1/etc/group"
    printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$1/etc/nsswitch.conf"
}

web_files() {
    local applet
    install -m 755 "$1/bin/busybox" "$2/bin/busybox"
    for applet in $("$2/bin/busybox" --list); do
        [[ $applet == busybox ]] || ln -s busybox "$2/bin/$applet"
    done
    install -D -m 755 "$image_recipes/images/web/serve" "$2/usr/bin/serve"
    install -D -m 755 "$image_recipes/images/web/index.cgi" "$2/www/cgi-bin/index.cgi"
}

web_config() {
    printf '{"Env":["PATH=/usr/bin:/bin"],"Entrypoint":["/usr/bin/serve"],"WorkingDir":"/www","ExposedPorts":{"80/tcp":{}}}'
}

# nginx with its shared libraries and the loader; nothing else of the packages.
nginx_files() {
    local library loader
    # The loader looks into /lib without a cache or a multiarch path; on some architectures it lives there itself.
    mkdir -p "$2/usr/lib"
    ln -s usr/lib "$2/lib"
    loader=$(cd "$1" && find . -maxdepth 2 -name 'ld-linux*')
    install -D -m 755 "$1/$loader" "$2/$loader"
    install -D -m 755 "$1/usr/sbin/nginx" "$2/usr/sbin/nginx"
    for library in $(LD_LIBRARY_PATH="$(find "$1" -type d -name '*-linux-gnu' -printf '%p:')" "$1/$loader" --list "$1/usr/sbin/nginx" |
        awk '$2 == "=>" { print $3 }'); do
        install -D -m 644 "$library" "$2/usr/lib/$(basename "$library")"
    done
    install -D -m 644 "$image_recipes/images/nginx/nginx.conf" "$2/etc/nginx/nginx.conf"
    mkdir -p "$2/var/log/nginx"
}

nginx_config() {
    printf '{"Env":["PATH=/usr/sbin:/usr/bin:/bin"],"Entrypoint":["/usr/sbin/nginx","-c","/etc/nginx/nginx.conf"],"ExposedPorts":{"80/tcp":{}},"StopSignal":"SIGQUIT"}'
}
