using System.Globalization;
using System.Text;
using Cluster.Raft;
using Cluster.Rpc;
using Microsoft.Extensions.Logging;

namespace Cluster.Manager.Peers;

/// <summary>
/// The file <c>peers</c> beside the log: a line that says what it is and whose, then a line for each member. Only a hint: what cannot be read
/// or written costs a restarted group the time until somebody calls, and is logged.
/// </summary>
internal sealed partial class PeerBookFile(string directory, PeerOptions options, ILogger<PeerBookFile> logger)
{
    private const string Magic = "cluster-peers";
    private const int Version = 1;

    // Both are a few lines long; what is longer is not this file.
    private const int MaxBytes = 64 << 10;
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path = Path.Combine(directory, "peers");

    private string FirstLine => string.Create(CultureInfo.InvariantCulture, $"{Magic} {Version} {options.ClusterId} {options.Incarnation} {options.Self}");

    public IReadOnlyList<KeyValuePair<MemberId, string>> Load()
    {
        try
        {
            if (!File.Exists(_path)) return [];
            if (new FileInfo(_path).Length > MaxBytes) throw new InvalidDataException($"it is longer than {MaxBytes} bytes");
            string[] lines = File.ReadAllLines(_path);
            if (lines.Length == 0 || lines[0] != FirstLine) throw new InvalidDataException($"it begins with '{lines.FirstOrDefault()}', not with '{FirstLine}'");
            return [.. lines.Skip(1).Select(Parse)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or OverflowException or InvalidDataException)
        {
            LogUnreadable(logger, _path, e.Message);
            return [];
        }
    }

    public void Save(IReadOnlyList<KeyValuePair<MemberId, string>> members)
    {
        string unfinished = _path + ".tmp";
        try
        {
            StringBuilder text = new(FirstLine + "\n");
            foreach ((MemberId member, string address) in members) text.Append(CultureInfo.InvariantCulture, $"{member} {address}\n");
            using (FileStream file = new(unfinished, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OnlyOwner }))
            {
                file.Write(Encoding.UTF8.GetBytes(text.ToString()));
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnwritable(logger, _path, e.Message);
        }
    }

    private static KeyValuePair<MemberId, string> Parse(string line)
    {
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0) throw new FormatException($"'{line}' is no member and its address");
        MemberId member = new(ulong.Parse(line.AsSpan(0, space), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        return new(member, RpcAddress.Parse(line[(space + 1)..]).ToString());
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The list of managers in {Path} is not used: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string path, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The list of managers could not be written to {Path}: {Reason}")]
    private static partial void LogUnwritable(ILogger logger, string path, string reason);
}
