using System.CommandLine;
using System.Globalization;
using Cluster.Api.V1;
using Cluster.Cli.Certificates;
using Cluster.Cli.CommandLine;
using Cluster.Cli.Connection;

namespace Cluster.Cli.Nodes;

/// <summary><c>node init</c>: makes this machine the first manager of a new cluster.</summary>
internal sealed class NodeInitCommand : CliCommand
{
    private readonly Option<string> _advertise;
    private readonly Option<string> _listen;
    private readonly Option<string> _availability;
    private readonly ClusterSettingFlags _settings;
    private readonly Option<bool> _forceNewCluster;
    private readonly Option<string> _rootCertificate;
    private readonly Option<string> _rootKey;

    public NodeInitCommand(CliContext context)
        : base(context, "init", "Make a new cluster, with this machine as its first manager")
    {
        _advertise = Text("--advertise-addr", "Address that other nodes reach this one at, as address[:port] (default: found out, port 2377)");
        _listen = Text("--listen-addr", "Address to listen on, as address[:port] (default: 0.0.0.0:2377)");
        _availability = Text("--availability", "Whether tasks may run here: active (default), pause or drain");
        _settings = new ClusterSettingFlags(this);
        _forceNewCluster = Switch("--force-new-cluster", "This manager's cluster has lost its quorum for good: go on with this manager alone, with all that its log holds");
        _rootCertificate = Text("--ca-cert", "File with a root certificate for the cluster, PEM (default: the cluster makes one)");
        _rootKey = Text("--ca-key", "File with its key, PEM; without it an --external-ca signs");
        NotBuilt(
            "--data-path-addr", "--data-path-port", "--default-addr-pool", "--default-addr-pool-mask-length",
            "--max-snapshots", "--snapshot-interval");
    }

    protected override async Task RunAsync(ParseResult flags, DaemonConnection daemon, CancellationToken ct)
    {
        ClusterSpec spec = new();
        _settings.ApplyTo(spec, flags);
        InitRequest request = new()
        {
            AdvertiseAddress = flags.GetValue(_advertise) ?? "",
            ListenAddress = flags.GetValue(_listen) ?? "",
            Availability = NodeText.ParseAvailability(flags.GetValue(_availability)),
            Spec = spec,
            ForceNewCluster = flags.GetValue(_forceNewCluster),
        };
        if (flags.GetValue(_rootCertificate) is { } root) request.RootCertificateDer = PemFile.ReadCertificate(root);
        else if (flags.GetValue(_rootKey) is not null) throw new CliException("--ca-key goes with --ca-cert");
        if (flags.GetValue(_rootKey) is { } key) request.RootKeyPkcs8 = PemFile.ReadKey(key);
        if (request.ForceNewCluster) RefuseOthers(flags);
        InitResponse response = await daemon.CallAsync(() => daemon.Node.InitAsync(request, cancellationToken: ct));
        if (request.ForceNewCluster)
        {
            await Output.WriteLineAsync($"Cluster goes on: this node ({response.NodeId}) is now its only manager. The other managers of before are workers when they come back; 'cluster node promote' makes them managers again.");
            return;
        }

        await Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""
            Cluster initialized: this node ({response.NodeId}) is now a manager.

            To add a worker to this cluster, run this on the other machine:

                cluster node join --token {response.WorkerToken} {response.ManagerAddress}

            'cluster node join-token worker' shows this again; 'cluster node join-token manager' is for more managers.
            """));
        if (spec.Autolock) await UnlockKeyText.WriteAsync(daemon, Output, ct);
    }

    /// <summary>The cluster keeps its settings, so there is nothing that they could do.</summary>
    private void RefuseOthers(ParseResult flags)
    {
        foreach (Option option in new Option[] { _advertise, _listen, _availability, _rootCertificate, _rootKey }.Where(option => flags.GetResult(option) is not null).Concat(_settings.GivenIn(flags)))
        {
            throw new CliException($"{option.Name} has no place beside --force-new-cluster: the cluster keeps its settings");
        }
    }
}
