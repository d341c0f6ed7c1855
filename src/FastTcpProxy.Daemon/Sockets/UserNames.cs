using System.Globalization;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Daemon.Sockets;

/// <summary>
/// The names of users, from a file like /etc/passwd (passwd(5)). Users that only a directory service knows have no name here: a query could
/// take a network's time. Any thread; reads a disk when it meets a user for the first time, or the file has changed.
/// </summary>
internal sealed class UserNames(string path = "/etc/passwd")
{
    /// <summary>Users that are remembered; with one more it starts again.</summary>
    public const int RememberedMax = 256;

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
            {
                _names[uid] = name = AccountFile.Find(path, (_, id) => id == uid)?.Name
                    ?? string.Create(CultureInfo.InvariantCulture, $"uid {uid}");
            }
            return name;
        }
    }
}
