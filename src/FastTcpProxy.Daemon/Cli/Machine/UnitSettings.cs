using System.Collections.Immutable;
using FastTcpProxy.Daemon.Kernel;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>
/// The settings of a unit of systemd with its drop-ins, read from the files as systemd.unit(5) orders them; nothing is asked of the service
/// manager. Immutable.
/// </summary>
internal sealed class UnitSettings
{
    /// <summary>The first one has precedence.</summary>
    private static readonly ImmutableArray<string> Folders =
        ["/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    private readonly Dictionary<string, List<string>> _values = [];

    private UnitSettings(string name) => Name = name;

    public string Name { get; }

    /// <summary>The unit; null: there is none of that name, or it cannot be read.</summary>
    public static UnitSettings? Read(ISystemFiles files, string name)
    {
        if (Folders.Select(folder => files.Read($"{folder}/{name}").Text).FirstOrDefault(text => text is not null) is not { } main)
            return null;
        UnitSettings unit = new(name);
        unit.Add(main);
        HashSet<string> seen = [];
        var dropIns = from folder in Folders
            from file in files.List($"{folder}/{name}.d")
            where file.EndsWith(".conf", StringComparison.Ordinal) && seen.Add(file)
            orderby file
            select $"{folder}/{name}.d/{file}";
        foreach (string path in dropIns) unit.Add(files.Read(path).Text ?? "");
        return unit;
    }

    /// <summary>The name of the unit in which a process runs, or the usual one.</summary>
    public static string NameOf(ISystemFiles files, string process)
    {
        IEnumerable<string> parts = (files.Read($"/proc/{process}/cgroup").Text ?? "").Split('\n').SelectMany(line => line.Split('/'));
        return process == "self" ? Usual : parts.LastOrDefault(p => p.EndsWith(".service", StringComparison.Ordinal)) ?? Usual;
    }

    /// <summary>The last value of a key, which is the one that holds; null: the default does.</summary>
    public string? Last(string key) => _values.TryGetValue(key, out List<string>? values) && values is [.., var last] ? last : null;

    /// <summary>All words of a list.</summary>
    public IEnumerable<string> Words(string key) => _values.TryGetValue(key, out List<string>? values)
        ? values.SelectMany(v => v.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : [];

    private const string Usual = "fasttcpproxy.service";

    private void Add(string text)
    {
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || line[0] is '#' or ';' or '[') continue;
            string key = line[..equals].TrimEnd(), value = line[(equals + 1)..].TrimStart();
            // An empty value takes the former ones away.
            if (value.Length == 0) _values.Remove(key);
            else if (_values.TryGetValue(key, out List<string>? values)) values.Add(value);
            else _values[key] = [value];
        }
    }
}
