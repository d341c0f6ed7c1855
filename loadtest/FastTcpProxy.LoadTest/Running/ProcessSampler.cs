using System.Collections.Immutable;
using System.Globalization;
using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.LoadTest.Running;

/// <summary>Looks at the proxy's processes once a second (proc(5)). One task; the samples are read when it has ended.</summary>
internal sealed class ProcessSampler(Func<int> processId, Func<TimeSpan> elapsed)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Samples that are kept: a day.</summary>
    public const int SamplesMax = 86_400;

    private readonly List<ProcessSample> _samples = [];

    public ImmutableArray<ProcessSample> Samples => [.. _samples];

    public async Task RunAsync(CancellationToken stop)
    {
        double before = -1, at = 0;
        while (!stop.IsCancellationRequested && _samples.Count < SamplesMax)
        {
            int[] processes = ProcessTree.Of(processId());
            double cpu = processes.Sum(CpuSeconds), now = elapsed().TotalSeconds;
            double cores = before < 0 || now <= at || cpu < before ? 0 : (cpu - before) / (now - at);
            (before, at) = (cpu, now);
            _samples.Add(new ProcessSample(Math.Round(now, 2), processes.Sum(ProcessTree.ResidentBytes), Math.Round(cores, 3),
                processes.Sum(Descriptors)));
            await Task.Delay(Interval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>User and system time of a process so far.</summary>
    public static double CpuSeconds(int process)
    {
        try
        {
            // The name, in parentheses, may hold spaces: fields 14 and 15 are counted from behind it.
            string[] fields = File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>
    /// Open descriptors (proc_pid_fdinfo(5)). Entries of fd are links, and each of twenty thousand would cost two system calls that ask
    /// where it leads, on processors that the proxy needs.
    /// </summary>
    public static int Descriptors(int process)
    {
        try
        {
            return Directory.GetFiles($"/proc/{process}/fdinfo").Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
