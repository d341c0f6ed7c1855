namespace FastTcpProxy.Compare.Machine;

/// <summary>What figures were measured on. Immutable.</summary>
/// <param name="Cpus">CPUs that the program may use.</param>
/// <param name="Kernel">The release.</param>
/// <param name="Runtime">That of this program, and so of its load.</param>
public sealed record MachineFacts(string CpuModel, int Cpus, string Kernel, string Runtime)
{
    public static MachineFacts Read() => new(
        CpuModelOf("/proc/cpuinfo"), Affinity.Current.Length, "Linux " + File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        $".NET {Environment.Version}");

    private static string CpuModelOf(string path)
    {
        // ARM says nothing of the kind.
        string? line = File.ReadLines(path).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        if (line is null) return System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();
        return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
