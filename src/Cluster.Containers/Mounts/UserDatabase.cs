using System.Globalization;
using Cluster.Agent.Runtime;
using Cluster.Containers.Spec;

namespace Cluster.Containers.Mounts;

/// <summary>
/// Finds <c>user[:group]</c> in an image's /etc/passwd and /etc/group, by Docker's rules: a number need not be in the files, a name must; the
/// groups that list the user's name are added unless a group is given.
/// </summary>
internal sealed class UserDatabase(string passwd, string group)
{
    private readonly List<string[]> _users = Parse(passwd, 4);
    private readonly List<string[]> _groups = Parse(group, 3);

    public ResolvedUser Resolve(string text, IEnumerable<string> extraGroups)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string user = colon < 0 ? text : text[..colon], givenGroup = colon < 0 ? "" : text[(colon + 1)..];
        if (user.Length == 0) user = "0";
        string[]? entry = _users.Find(fields => fields[0].Equals(user, StringComparison.Ordinal));
        uint uid;
        if (entry is not null) uid = Number(entry[2]) ?? throw Wrong($"the user '{user}' has no valid number in the image's /etc/passwd");
        else uid = Number(user) ?? throw Wrong($"unable to find user {user}: no matching entries in the image's /etc/passwd");
        entry ??= _users.Find(fields => Number(fields[2]) == uid);

        uint gid = givenGroup.Length > 0 ? Group(givenGroup) : entry is null ? 0 : Number(entry[3]) ?? 0;
        SortedSet<uint> additional = [.. extraGroups.Select(Group)];
        if (givenGroup.Length == 0 && entry is not null)
        {
            foreach (string[] fields in _groups)
            {
                if (fields.Length > 3 && fields[3].Split(',').Contains(entry[0], StringComparer.Ordinal) && Number(fields[2]) is { } number) additional.Add(number);
            }
        }

        return new ResolvedUser(uid, gid, [.. additional]);
    }

    private uint Group(string text)
    {
        string[]? entry = _groups.Find(fields => fields[0].Equals(text, StringComparison.Ordinal));
        return Number(entry is null ? text : entry[2]) ?? throw Wrong($"unable to find group {text}: no matching entries in the image's /etc/group");
    }

    private static uint? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number <= int.MaxValue ? number : null;

    private static List<string[]> Parse(string file, int leastFields) =>
        [.. file.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(':')).Where(fields => fields.Length >= leastFields)];

    private static RuntimeException Wrong(string message) => new(message, IsTemporary: false);
}
