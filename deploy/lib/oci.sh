# shellcheck shell=bash
# Writes a directory tree as an OCI image layout with one layer. Equal trees give equal bytes.

# reproducible_tar DIRECTORY: on stdout, sorted, without times, users and names of this machine.
reproducible_tar() {
    tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=pax \
        --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime --directory "$1" .
}

# add_blob FILE LAYOUT: moves a file into the layout's blobs and prints "sha256:DIGEST SIZE".
add_blob() {
    local digest size
    digest=$(sha256sum "$1" | cut -d' ' -f1)
    size=$(stat -c %s "$1")
    mv "$1" "$2/blobs/sha256/$digest"
    echo "sha256:$digest $size"
}

# write_layout NAME:TAG ROOT CONFIG LAYOUT: ROOT is the file system, CONFIG a file with the image's "config" object.
write_layout() {
    local reference=$1 root=$2 config=$3 layout=$4 diff layer image manifest architecture part=$4/part
    architecture=$(dpkg --print-architecture)
    mkdir -p "$layout/blobs/sha256"

    reproducible_tar "$root" >"$part"
    diff=$(sha256sum "$part" | cut -d' ' -f1)
    gzip --no-name --best "$part"
    layer=$(add_blob "$part.gz" "$layout")

    printf '{"created":"1970-01-01T00:00:00Z","architecture":"%s","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "$architecture" "$(cat "$config")" "$diff" >"$part"
    image=$(add_blob "$part" "$layout")

    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}' \
        "$(descriptor application/vnd.oci.image.config.v1+json "$image")" \
        "$(descriptor application/vnd.oci.image.layer.v1.tar+gzip "$layer")" >"$part"
    manifest=$(add_blob "$part" "$layout")

    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}' \
        "$(descriptor application/vnd.oci.image.manifest.v1+json "$manifest" \
            ",\"platform\":{\"architecture\":\"$architecture\",\"os\":\"linux\"},\"annotations\":{\"io.containerd.image.name\":\"docker.io/$reference\",\"org.opencontainers.image.ref.name\":\"${reference##*:}\"}")" \
        >"$layout/index.json"
    printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
}

# descriptor MEDIA-TYPE "DIGEST SIZE" [MORE]
descriptor() { printf '{"mediaType":"%s","digest":"%s","size":%s%s}' "$1" "${2% *}" "${2#* }" "${3:-}"; }
