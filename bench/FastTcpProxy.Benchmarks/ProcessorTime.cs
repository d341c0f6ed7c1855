using System.Globalization;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// The time of a thread on a processor, so that other work on the machine is not counted. It is the first field of schedstat (Linux,
/// Documentation/scheduler/sched-stats.rst). Any thread.
/// </summary>
internal static class ProcessorTime
{
    /// <summary>The folder of the calling thread.</summary>
    public const string ThisThread = "/proc/thread-self";

    /// <param name="folder">Of a process, whose first thread is meant, or of a thread.</param>
    public static long Ns(string folder) => long.Parse(File.ReadAllText($"{folder}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);
}
