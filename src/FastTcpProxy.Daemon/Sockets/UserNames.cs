using System.Globalization;

namespace FastTcpProxy.Daemon.Sockets;

/// <summary>
/// The names of users, from a file like /etc/passwd (passwd(5)). Users that only a directory service knows have no name here: a query could
/// take a network's time. Any thread; reads a disk when it meets a user for the first time, or the file has changed.
/// </summary>
internal sealed class UserNames(string path = "/etc/passwd")
{
    /// <summary>Users that are remembered; with one more it starts again.</summary>
    public const int RememberedMax = 256;

    /// <summary>Lines that are read: more users than a machine has that keeps them in a file.</summary>
    private const int LinesMax = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<uint, string> _names = [];
    private DateTime _changed;

    /// <summary>Users that are in memory.</summary>
    internal int Count
    {
        get
        {
            lock (_lock) return _names.Count;
        }
    }

    /// <summary>The user's name, or <c>uid N</c>.</summary>
    public string Find(uint uid)
    {
        lock (_lock)
        {
            DateTime changed = File.GetLastWriteTimeUtc(path);
            if (changed != _changed || _names.Count >= RememberedMax) _names.Clear();
            _changed = changed;
            if (!_names.TryGetValue(uid, out string? name))
                _names[uid] = name = Read(uid) ?? string.Create(CultureInfo.InvariantCulture, $"uid {uid}");
            return name;
        }
    }

    /// <summary>The first of the names that this user has.</summary>
    private string? Read(uint uid)
    {
        try
        {
            foreach (string line in File.ReadLines(path).Take(LinesMax))
            {
                string[] fields = line.Split(':');
                if (fields.Length > 2 && fields[0].Length > 0 && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture,
                    out uint found) && found == uid)
                    return fields[0];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without the file everybody is a number.
        }
        return null;
    }
}
