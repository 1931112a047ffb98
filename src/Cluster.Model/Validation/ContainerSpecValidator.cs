using System.Net;
using Cluster.Model.Parsing;
using Cluster.Model.Specs;

namespace Cluster.Model.Validation;

/// <summary>The container part of a service spec.</summary>
internal static class ContainerSpecValidator
{
    private const int LowestOomScore = -1000;
    private const int HighestOomScore = 1000;

    private static readonly TimeSpan LongestGrace = TimeSpan.FromDays(1);

    private static readonly string[] UlimitNames =
    [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    ];

    public static Refusal? Validate(ContainerSpec container, NetworkMode network) =>
        Image(container.Image)
        ?? TextRules.Texts("command", container.Command)
        ?? TextRules.Texts("arguments", container.Args)
        ?? Environment(container.Env)
        ?? Hostname(container.Hostname)
        ?? WorkingDirectory(container.WorkingDirectory)
        ?? User(container)
        ?? TextRules.Labels("container labels", container.Labels)
        ?? MountValidator.Validate(container.Mounts)
        ?? Stop(container)
        ?? Capabilities(container.CapabilityAdd)
        ?? Capabilities(container.CapabilityDrop)
        ?? Hosts(container.Hosts)
        ?? Dns(container.Dns)
        ?? Sysctls(container.Sysctls, network)
        ?? Ulimits(container.Ulimits)
        ?? OomScore(container.OomScoreAdj);

    private static Refusal? Image(string image)
    {
        if (image.Length == 0) return Refusal.Invalid("no image is given: name one, such as lab/web:1");
        return ImageReference.Parse(image).Refusal;
    }

    private static Refusal? Environment(ValueList<string> env)
    {
        if (TextRules.Texts("environment", env) is { } size) return size;
        foreach (string entry in env)
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) return Refusal.Invalid($"environment variable '{entry}' has no value: write NAME=value");
            if (EnvironmentSyntax.NameProblem(entry[..equals]) is { } problem) return Refusal.Invalid($"environment variable '{entry}': {problem}");
        }

        return null;
    }

    private static Refusal? Hostname(string? hostname) =>
        hostname is null || hostname.Contains(TextRules.Placeholder, StringComparison.Ordinal) || TextRules.IsHostname(hostname)
            ? null
            : Refusal.Invalid($"hostname '{hostname}' is not allowed: labels of 1 to 63 letters, digits and '-', separated by dots");

    private static Refusal? WorkingDirectory(string? directory) =>
        directory is null || (directory[0] == '/' && !TextRules.HasControlCharacter(directory))
            ? null
            : Refusal.Invalid($"working directory '{directory}' is not an absolute path");

    private static Refusal? User(ContainerSpec container)
    {
        if (container.User is { } user && (user.Length > 256 || user.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) || user.Count(c => c == ':') > 1 || user[0] == ':'))
            return Refusal.Invalid($"user '{user}' is not user[:group], names or numbers");
        foreach (string group in container.Groups)
            if (group.Length is 0 or > 256 || group.Any(c => char.IsWhiteSpace(c) || c == ':' || char.IsControl(c))) return Refusal.Invalid($"group '{group}' is not a name or number");
        return TextRules.Texts("groups", container.Groups);
    }

    private static Refusal? Stop(ContainerSpec container)
    {
        if (container.StopSignal is { } signal && SignalName.NumberOf(signal) is null)
            return Refusal.Invalid($"stop signal '{signal}' is not known: give a Linux signal, such as SIGTERM or 15");
        return container.StopGracePeriod is { } grace ? TextRules.Span("stop grace period", grace, LongestGrace) : null;
    }

    private static Refusal? Capabilities(ValueList<string> names)
    {
        foreach (string name in names)
            if (CapabilityName.Normalise(name) is null)
                return Refusal.Invalid($"capability '{name}' is not known: give a name of capabilities(7), such as NET_ADMIN, or ALL");
        return TextRules.Texts("capabilities", names);
    }

    private static Refusal? Hosts(ValueList<string> hosts)
    {
        foreach (string host in hosts)
        {
            int colon = host.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || !TextRules.IsHostname(host[..colon]) || !IPAddress.TryParse(host[(colon + 1)..], out _))
                return Refusal.Invalid($"host entry '{host}' is not name:address, such as db:10.0.0.5");
        }

        return TextRules.Texts("host entries", hosts);
    }

    private static Refusal? Dns(DnsSpec dns)
    {
        foreach (string server in dns.Servers)
            if (!IPAddress.TryParse(server, out _)) return Refusal.Invalid($"DNS server '{server}' is not an address");
        foreach (string domain in dns.Search)
            if (domain != "." && !TextRules.IsHostname(domain.TrimEnd('.'))) return Refusal.Invalid($"DNS search domain '{domain}' is not a domain");
        foreach (string option in dns.Options)
            if (option.Length == 0 || option.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))) return Refusal.Invalid($"DNS option '{option}' is not an option of resolv.conf(5)");
        return TextRules.Texts("DNS servers", dns.Servers) ?? TextRules.Texts("DNS search domains", dns.Search) ?? TextRules.Texts("DNS options", dns.Options);
    }

    /// <summary>Only those that belong to a container's own namespaces; the rest would change the node.</summary>
    private static Refusal? Sysctls(Labels sysctls, NetworkMode network)
    {
        foreach (string key in sysctls.Items.Keys)
        {
            bool isNet = key.StartsWith("net.", StringComparison.Ordinal);
            bool isIpc = key is "kernel.msgmax" or "kernel.msgmnb" or "kernel.msgmni" or "kernel.sem" or "kernel.shmall" or "kernel.shmmax" or "kernel.shmmni"
                or "kernel.shm_rmid_forced" or "kernel.domainname" || key.StartsWith("fs.mqueue.", StringComparison.Ordinal);
            bool isPath = key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') && !key.Contains("..", StringComparison.Ordinal);
            if (!isPath || !(isNet || isIpc))
                return Refusal.Invalid($"sysctl '{key}' is not of a container's own namespaces: allowed are net.*, fs.mqueue.*, kernel.domainname and the System V IPC ones of kernel.*");
            if (isNet && network == NetworkMode.Host) return Refusal.Invalid($"sysctl '{key}' would change the node: net.* is not allowed with network host");
        }

        return TextRules.Labels("sysctls", sysctls);
    }

    private static Refusal? Ulimits(ValueList<Ulimit> ulimits)
    {
        HashSet<string> seen = [];
        foreach (Ulimit ulimit in ulimits)
        {
            if (!UlimitNames.Contains(ulimit.Name)) return Refusal.Invalid($"ulimit '{ulimit.Name}' is not known: allowed are {string.Join(", ", UlimitNames)}");
            if (!seen.Add(ulimit.Name)) return Refusal.Invalid($"ulimit {ulimit.Name} is given twice");
            bool inOrder = ulimit.Soft >= -1 && ulimit.Hard >= -1 && (ulimit.Hard == -1 || (ulimit.Soft != -1 && ulimit.Soft <= ulimit.Hard));
            if (!inOrder) return Refusal.Invalid($"ulimit {ulimit.Name}={ulimit.Soft}:{ulimit.Hard}: the soft limit is above the hard one, or one is below -1 (unlimited)");
        }

        return null;
    }

    private static Refusal? OomScore(int score) => score is >= LowestOomScore and <= HighestOomScore
        ? null
        : Refusal.Invalid($"OOM score adjustment {score} is not allowed: {LowestOomScore} to {HighestOomScore}");
}
