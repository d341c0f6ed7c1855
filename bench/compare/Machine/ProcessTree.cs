using System.Globalization;

namespace FastTcpProxy.Compare.Machine;

/// <summary>Looks into processes through /proc (proc(5)). What has ended meanwhile counts as nothing. Any thread.</summary>
internal static class ProcessTree
{
    /// <summary>A process and all its descendants.</summary>
    public static int[] Of(int process)
    {
        List<int> found = [process];
        for (int i = 0; i < found.Count; i++)
        {
            foreach (string task in Folders($"/proc/{found[i]}/task"))
                found.AddRange(Read($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture)));
        }
        return [.. found];
    }

    /// <summary>VmRSS of /proc/PID/status.</summary>
    public static long ResidentBytes(int process)
    {
        const string field = "VmRSS:";
        string? line = Read($"/proc/{process}/status").Split('\n').FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal));
        return line is null
            ? 0
            : long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }

    private static string[] Folders(string path)
    {
        try
        {
            return Directory.GetDirectories(path);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
