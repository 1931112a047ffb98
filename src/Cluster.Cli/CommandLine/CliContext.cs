using System.Buffers.Binary;
using System.Security.Cryptography;
using Cluster.Model.Ids;

namespace Cluster.Cli.CommandLine;

/// <summary>What a command has of the outside world; tests give their own.</summary>
internal sealed class CliContext
{
    public const string SocketVariable = "CLUSTER_SOCKET";
    public const string DefaultSocket = "/run/cluster/clusterd.sock";

    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Whether <see cref="Error"/>, where progress goes, can move its cursor.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Asks for a secret, or takes a line of standard input; null when there is none.</summary>
    public Func<string, string?> ReadSecret { get; init; } = _ => null;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public IIdSource Ids { get; init; } = new RandomIds();

    public Func<string, string?> Environment { get; init; } = _ => null;

    public static CliContext ForProcess() => new()
    {
        Output = Console.Out,
        Error = Console.Error,
        IsTerminal = !Console.IsErrorRedirected && System.Environment.GetEnvironmentVariable("TERM") is not (null or "dumb"),
        Environment = System.Environment.GetEnvironmentVariable,
        ReadSecret = SecretPrompt.Read,
    };

    private sealed class RandomIds : IIdSource
    {
        public UInt128 Next()
        {
            Span<byte> bytes = stackalloc byte[16];
            RandomNumberGenerator.Fill(bytes);
            return BinaryPrimitives.ReadUInt128BigEndian(bytes) | UInt128.One;
        }
    }
}
