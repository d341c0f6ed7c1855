using System.Globalization;

namespace FastTcpProxy.LoadTest.Stage.Proxies;

/// <summary>
/// A control group with a memory limit, of version 1 or 2, as a container has one. One task; it owns the group's directory, and its
/// processes must have ended when it is disposed.
/// </summary>
internal sealed class MemoryGroup : IDisposable
{
    private const string Mounts = "/proc/self/mountinfo";

    /// <summary>
    /// How often, and how long between, the kernel is asked to remove the group: it lets go of the last process a moment after its end.
    /// </summary>
    private const int RemovalsMax = 40;
    private static readonly TimeSpan RemovalPause = TimeSpan.FromMilliseconds(50);

    private readonly string _directory;
    private readonly bool _isVersion2;

    private MemoryGroup(string directory, bool isVersion2)
    {
        _directory = directory;
        _isVersion2 = isVersion2;
    }

    /// <summary>A process that writes 0 into it is in the group.</summary>
    public string ProcessesFile => Path.Combine(_directory, "cgroup.procs");

    /// <summary>
    /// The most that it held, in bytes; of version 2 with what the kernel holds for its sockets. Null: this kernel does not say.
    /// </summary>
    public long? BytesMax => Read(_isVersion2 ? "memory.peak" : "memory.max_usage_in_bytes") is { } text
        && long.TryParse(text.Trim(), CultureInfo.InvariantCulture, out long bytes) ? bytes : null;

    /// <summary>How many processes the kernel ended because of the limit.</summary>
    public long Killed => Read(_isVersion2 ? "memory.events" : "memory.oom_control") is { } text
        && text.Split('\n').FirstOrDefault(l => l.StartsWith("oom_kill ", StringComparison.Ordinal)) is { } line
        ? long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)
        : 0;

    /// <summary>Makes a group.</summary>
    /// <param name="mib">Its limit.</param>
    /// <param name="missing">Why there is none, for the report.</param>
    public static MemoryGroup? TryCreate(int mib, out string? missing)
    {
        missing = null;
        string reason = "no memory controller is mounted";
        foreach ((string root, bool isVersion2) in Hierarchies(File.ReadAllLines(Mounts)))
        {
            MemoryGroup group = new(Path.Combine(root, $"fasttcpproxy-load-{Environment.ProcessId}"), isVersion2);
            try
            {
                // Version 2 gives a controller to a group's children only when it is told to.
                if (isVersion2 && !File.ReadAllText(Path.Combine(root, "cgroup.subtree_control"))
                    .Contains("memory", StringComparison.Ordinal))
                    File.WriteAllText(Path.Combine(root, "cgroup.subtree_control"), "+memory");
                Directory.CreateDirectory(group._directory);
                string limit = ((long)mib << 20).ToString(CultureInfo.InvariantCulture);
                File.WriteAllText(Path.Combine(group._directory, isVersion2 ? "memory.max" : "memory.limit_in_bytes"), limit);
                return group;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                reason = $"{root}: {e.Message}";
                group.Dispose();
            }
        }
        missing = $"the proxy has no memory limit of {mib} MiB, it runs without: {reason} (run as root, "
            + "where control groups can be written)";
        return null;
    }

    public void Dispose()
    {
        for (int i = 0; i < RemovalsMax && Directory.Exists(_directory); i++)
        {
            try
            {
                // Not with its contents: the files are the kernel's and go with the directory.
                Directory.Delete(_directory);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Thread.Sleep(RemovalPause);
            }
        }
    }

    /// <summary>
    /// Where a memory controller is mounted, version 1 first: where both are, the controller is there (cgroups(7)). Pure.
    /// </summary>
    /// <param name="mounts">Lines as proc_pid_mountinfo(5) has them.</param>
    internal static IEnumerable<(string Root, bool IsVersion2)> Hierarchies(IEnumerable<string> mounts)
    {
        List<(string Root, bool IsVersion2)> found = [];
        foreach (string line in mounts)
        {
            // ID PARENT MAJOR:MINOR ROOT MOUNT OPTIONS [FIELDS...] - TYPE SOURCE SUPEROPTIONS
            string[] fields = line.Split(' ');
            int dash = Array.IndexOf(fields, "-");
            if (dash < 6 || fields.Length < dash + 4) continue;
            if (fields[dash + 1] == "cgroup" && fields[dash + 3].Split(',').Contains("memory")) found.Insert(0, (fields[4], false));
            else if (fields[dash + 1] == "cgroup2") found.Add((fields[4], true));
        }
        return found;
    }

    private string? Read(string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(_directory, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
