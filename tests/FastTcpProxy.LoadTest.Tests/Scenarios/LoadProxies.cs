using System.Globalization;

namespace FastTcpProxy.LoadTest.Tests.Scenarios;

/// <summary>The processes that a load test has started, by /proc. Any thread.</summary>
internal static class LoadProxies
{
    /// <summary>The children of a process.</summary>
    public static int[] Of(int process) => [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
        .Select(name => int.TryParse(name, CultureInfo.InvariantCulture, out int id) ? id : 0)
        .Where(id => id > 0 && ParentOf(id) == process)];

    /// <summary>Whether a process is there and no zombie.</summary>
    public static bool Runs(int process) => Fields(process) is { } fields && fields[0] != "Z";

    private static int? ParentOf(int process) =>
        Fields(process) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : null;

    /// <summary>Of /proc/PID/stat, behind the name, which may hold spaces: state, parent. Null: the process has ended.</summary>
    private static string[]? Fields(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
