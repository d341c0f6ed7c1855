using System.Globalization;
using FastTcpProxy.Daemon.Kernel;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>
/// The limits of a process's control groups, of version 2 or 1 (cgroups(7)). A limit of a parent holds for its children, so each value is
/// the least on the way up. In a namespace the way up ends at its root. Any thread.
/// </summary>
internal sealed class Cgroup
{
    private const string Root = "/sys/fs/cgroup";

    private readonly ISystemFiles _files;
    private readonly string[] _paths;

    public Cgroup(ISystemFiles files, string process)
    {
        _files = files;
        File = $"/proc/{process}/cgroup";
        _paths = [.. (files.Read(File).Text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>Where the groups of the process are listed.</summary>
    public string File { get; }

    /// <summary>Whether the process is in groups that can be seen.</summary>
    public bool IsKnown => _paths.Length > 0 && !_files.List(Root).IsEmpty;

    /// <summary>Bytes; null: no limit.</summary>
    public (long Value, string File)? MemoryMax => Least("memory", "memory.max", "memory.limit_in_bytes");

    /// <summary>Bytes, beyond which the group is slowed down; null: no limit, or version 1.</summary>
    public (long Value, string File)? MemoryHigh => Least("memory", "memory.high", null);

    public (long Value, string File)? TasksMax => Least("pids", "pids.max", "pids.max");

    /// <summary>Tasks that are there, in the group with that limit.</summary>
    public long? Tasks => TasksMax is (_, var file) ? Number(Path.GetDirectoryName(file) + "/pids.current") : null;

    /// <summary>How many CPUs the quotas come to; null: no quota.</summary>
    public (double Cpus, string File)? CpuMax
    {
        get
        {
            (double Cpus, string File)? least = null;
            foreach ((string folder, bool isUnified) in Folders("cpu"))
            {
                string file = folder + (isUnified ? "/cpu.max" : "/cpu.cfs_quota_us");
                string[] words = (_files.Read(file).Text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                long period = isUnified
                    ? words.Length == 2 && NumberText.TryRead(words[1], out long p) ? p : 0
                    : Number(folder + "/cpu.cfs_period_us") ?? 0;
                if (words.Length == 0 || !NumberText.TryRead(words[0], out long quota) || period <= 0) continue;
                double cpus = (double)quota / period;
                if (least is null || cpus < least.Value.Cpus) least = (cpus, file);
            }
            return least;
        }
    }

    /// <summary>How often the group was throttled for its quota, since it was made.</summary>
    public long Throttled => Sum("cpu", "cpu.stat", "nr_throttled");

    /// <summary>How often a process of it was killed for its memory limit.</summary>
    public long MemoryKills => Sum("memory", "memory.events", "oom_kill") + Sum("memory", "memory.oom_control", "oom_kill");

    /// <summary>How often it was slowed down for memory.high.</summary>
    public long MemoryThrottles => Sum("memory", "memory.events", "high");

    /// <summary>How often a thread or process was refused.</summary>
    public long TasksRefused => Sum("pids", "pids.events", "max");

    private (long Value, string File)? Least(string controller, string unified, string? legacy)
    {
        (long Value, string File)? least = null;
        foreach ((string folder, bool isUnified) in Folders(controller))
        {
            if ((isUnified ? unified : legacy) is not { } name) continue;
            // Version 1 writes a number near 2^63 for no limit.
            if (Number($"{folder}/{name}") is { } value and < long.MaxValue / 2 && !(least?.Value <= value))
                least = (value, $"{folder}/{name}");
        }
        return least;
    }

    /// <summary>Of the process's own group: the counts of parents are those of others too.</summary>
    private long Sum(string controller, string name, string key) => Folders(controller).Take(1)
        .Sum(f => new KernelSettings(_files).Field($"{f.Folder}/{name}", key) ?? 0);

    /// <summary>The group's folder and those above it, in the hierarchy that has the controller.</summary>
    private IEnumerable<(string Folder, bool IsUnified)> Folders(string controller)
    {
        foreach (string line in _paths)
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length < 3) continue;
            bool isUnified = parts[0] == "0";
            if (!isUnified && !parts[1].Split(',').Contains(controller)) continue;
            string root = isUnified ? UnifiedRoot : $"{Root}/{controller}";
            // A hierarchy of version 2 beside those of version 1 mostly has no controller.
            if (isUnified && root != Root && _paths.Any(other => other.Split(':', 3) is [_, var names, _]
                && names.Split(',').Contains(controller)))
                continue;
            for (string path = parts[2].TrimEnd('/'); ; path = path[..Math.Max(path.LastIndexOf('/'), 0)])
            {
                yield return (root + path, isUnified);
                if (path.Length == 0) break;
            }
        }
    }

    private string UnifiedRoot => _files.List(Root).Contains("unified") ? Root + "/unified" : Root;

    private long? Number(string path) => long.TryParse((_files.Read(path).Text ?? "").Trim(), NumberStyles.None,
        CultureInfo.InvariantCulture, out long value) ? value : null;
}
