# shellcheck shell=bash
# Finds the .NET SDK (sudo drops it from PATH) and builds the two programs for scripts that run them.

# Sets DOTNET_ROOT and PATH to the SDK, or says how to get one.
find_dotnet() {
    local home candidate wanted
    home=$(getent passwd "${SUDO_USER:-root}" | cut -d: -f6)
    wanted=$(sed -n 's/.*"version": *"\([0-9]*\)\..*/\1/p' "$top/global.json")
    for candidate in "$(command -v dotnet || true)" "${DOTNET_ROOT:-}/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet \
        /usr/local/share/dotnet/dotnet "$home/.dotnet/dotnet"; do
        [[ -n $candidate && -x $candidate ]] || continue
        "$candidate" --list-sdks 2>/dev/null | grep -q "^$wanted\." || continue
        DOTNET_ROOT=$(dirname "$(readlink -f "$candidate")")
        export DOTNET_ROOT DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
        export PATH=$DOTNET_ROOT:$PATH
        return 0
    done
    die "the .NET SDK $wanted is missing: get it with 'curl -fsSL https://dot.net/v1/dotnet-install.sh | sudo bash -s -- --channel $wanted.0 --install-dir /usr/share/dotnet', or see https://learn.microsoft.com/dotnet/core/install/linux-debian, then try again"
}

# dotnet as the caller, with what find_dotnet found.
dotnet_as_caller() {
    with_standard_files as_caller "$DOTNET_ROOT/dotnet" "$@"
}

# For the simulator: it makes much garbage that is dead soon, and a sixth of its time went into collecting it early.
use_large_generations() {
    export DOTNET_GCgen0size=0x10000000 DOTNET_GCSegmentSize=0x80000000
}

# The name of the state that the programs are built from: paths, times and sizes of all that goes into them.
programs_inputs() {
    local parts=(src Directory.Build.props Directory.Packages.props global.json BannedSymbols.txt .editorconfig)
    [[ ! -d $top/proto ]] || parts+=(proto)
    (cd "$top" && find "${parts[@]}" \( -name bin -o -name obj \) -prune -o -type f -printf '%p %T@ %s\n') |
        LC_ALL=C sort | sha256sum | cut -c1-16
}

# Builds clusterd and cluster into a directory named by their inputs and sets $programs to it. A directory is never written twice,
# because a daemon that is running maps its files. CLUSTER_PROGRAMS names a directory with programs that are built already.
build_programs() {
    local inputs staging
    if [[ -n ${CLUSTER_PROGRAMS:-} ]]; then
        programs=$CLUSTER_PROGRAMS
        [[ -x $programs/clusterd && -x $programs/cluster ]] || die "CLUSTER_PROGRAMS names $programs, where clusterd and cluster are not"
        return
    fi
    as_caller mkdir -p "$out"
    exec {build_lock}>"$out/.build.lock"
    flock "$build_lock"
    inputs=$(programs_inputs)
    programs=$out/programs/$inputs
    if [[ ! -x $programs/clusterd || ! -x $programs/cluster ]]; then
        step "building clusterd and cluster"
        staging=$programs.new
        rm -rf "$staging"
        publish_programs "$staging"
        mv "$staging" "$programs"
        remove_old_programs
    fi
    as_caller touch "$programs"
    exec {build_lock}>&-
}

# The same programs as a build of the next feature level, as after a release that writes something new. Sets $next_programs.
build_next_programs() {
    next_programs=$out/next-level/$(basename "$programs")
    [[ ! -e $next_programs ]] || return 0
    local level staging=$next_programs.new
    as_caller rm -rf "$out/next-level"
    level=$(sed -n "s/.*== ''\">\([0-9]*\)<.*/\1/p" "$top/src/Cluster.Model/Cluster.Model.csproj")
    as_caller mkdir -p "$out/next-level"
    as_caller cp -r "$programs" "$staging"
    dotnet_as_caller build "$top/src/Cluster.Model" -c Release --no-restore -v q -nologo -clp:NoSummary -p:RunAnalyzers=false \
        "-p:ClusterFeatureLevel=$((level + 1))" "-p:IntermediateOutputPath=$out/next-level/obj/" -o "$staging" </dev/null ||
        die "building the next feature level failed: mend what the compiler says above, then try again"
    mv "$staging" "$next_programs"
}

# publish_programs DIRECTORY: both programs beside each other, for a machine that has the runtime.
publish_programs() {
    local project log=$out/build.log
    as_caller mkdir -p "$1"
    for project in Cluster.Daemon Cluster.Cli; do
        dotnet_as_caller publish "$top/src/$project" -c Release -o "$1" -v q -nologo -p:RestoreLockedMode=true \
            -p:DebugType=portable -p:RunAnalyzers=false </dev/null >"$log" 2>&1 ||
            { cat "$log" >&2; die "building $project failed: mend what the compiler says above, then try again"; }
    done
    precompile "$1" >"$log" 2>&1 || { cat "$log" >&2; die "compiling $1 to native code failed: see the compiler's messages above"; }
}

# precompile DIRECTORY: native code beside the other in the programs' assemblies (ReadyToRun). A daemon that starts, and a manager that begins
# to lead, would else compile first: a third of the processor time until clusterd answers.
precompile() {
    local packages compiler references=() framework
    packages=$(dotnet_as_caller nuget locals global-packages --list | sed 's/^global-packages: //')
    compiler=$(find "$packages"/microsoft.netcore.app.crossgen2.*/ -name crossgen2 -type f | sort -V | tail -n 1)
    for framework in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
        references+=(--reference "$(find "$DOTNET_ROOT/shared/$framework" -mindepth 1 -maxdepth 1 | sort -V | tail -n 1)/*.dll")
    done
    as_caller mkdir "$1/native"
    find "$1" -maxdepth 1 -name '*.dll' -printf '%f\0' | with_standard_files as_caller xargs -0 -P "$(nproc)" -I{} \
        "$compiler" "$1/{}" --out "$1/native/{}" "${references[@]}" --reference "$1/*.dll" -O || return
    mv "$1"/native/*.dll "$1"
    rmdir "$1/native"
}

# Keeps the three newest builds and those that some lab runs.
remove_old_programs() {
    local directory
    # shellcheck disable=SC2012 # names are hashes
    ls -1dt "$out"/programs/*/ 2>/dev/null | tail -n +4 | while read -r directory; do
        directory=${directory%/}
        grep -qsxF "$directory" /var/lib/cluster-lab/*/programs || rm -rf "$directory"
    done
}
