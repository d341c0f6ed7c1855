using System.Globalization;

namespace FastTcpProxy.Compare.Machine;

/// <summary>Which CPUs a thread may run on (sched_setaffinity(2)). A process takes on the set of the thread that starts it.</summary>
internal static unsafe class Affinity
{
    /// <summary>The kernel's structure cpu_set_t: CPUs 0 to 1,023.</summary>
    private const int MaskBytes = 128;

    /// <summary>The CPUs of the calling thread, ascending.</summary>
    public static int[] Current
    {
        get
        {
            byte* mask = stackalloc byte[MaskBytes];
            new Span<byte>(mask, MaskBytes).Clear();
            if (Libc.sched_getaffinity(0, MaskBytes, mask) < 0) return [.. Enumerable.Range(0, Environment.ProcessorCount)];
            List<int> cpus = [];
            for (int cpu = 0; cpu < MaskBytes * 8; cpu++)
            {
                if ((mask[cpu / 8] & (1 << (cpu % 8))) != 0) cpus.Add(cpu);
            }
            return [.. cpus];
        }
    }

    /// <summary>Moves the calling thread. The kernel's refusal (a CPU that is not there) is an error of the caller.</summary>
    /// <exception cref="InvalidOperationException">The kernel refused.</exception>
    public static void Set(ReadOnlySpan<int> cpus)
    {
        byte* mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        foreach (int cpu in cpus)
        {
            if (cpu is >= 0 and < MaskBytes * 8) mask[cpu / 8] |= (byte)(1 << (cpu % 8));
        }
        if (Libc.sched_setaffinity(0, MaskBytes, mask) != 0 && Libc.LastError is var error)
            throw new InvalidOperationException($"cannot run on CPU {string.Join(',', cpus.ToArray())}: {Libc.Describe(error)}");
    }

    /// <summary>Runs something, as a rule the start of a process, with the calling thread on the CPUs, and moves it back.</summary>
    /// <param name="cpus">Empty: where it is.</param>
    public static T On<T>(ReadOnlySpan<int> cpus, Func<T> start)
    {
        if (cpus.Length == 0) return start();
        int[] before = Current;
        Set(cpus);
        try
        {
            return start();
        }
        finally
        {
            Set(before);
        }
    }

    /// <summary>
    /// The CPU of a proxy with one thread, and those of the load: never the other half of the proxy's core, unless there is nothing else.
    /// </summary>
    /// <param name="allowed">The CPUs of this process, ascending.</param>
    /// <param name="siblings">The CPUs that share a core with the one given, itself included.</param>
    /// <returns>Empty sets when there is only one CPU: nothing can be kept apart.</returns>
    public static (int[] Proxy, int[] Load) Divide(int[] allowed, Func<int, int[]> siblings)
    {
        if (allowed.Length < 2) return ([], []);
        int proxy = allowed[0];
        int[] apart = [.. allowed.Except(siblings(proxy)).Where(cpu => cpu != proxy)];
        return ([proxy], apart.Length > 0 ? apart : allowed[1..]);
    }

    /// <summary>The CPUs that share a core with this one, as sysfs lists them; itself alone where it does not say.</summary>
    public static int[] SiblingsOf(int cpu)
    {
        string path = $"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list";
        try
        {
            return ParseList(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return [cpu];
        }
    }

    /// <summary>Reads the kernel's way to write a set, such as "0-3,8".</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static int[] ParseList(string text)
    {
        List<int> cpus = [];
        foreach (string part in text.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = part.Split('-');
            int first = int.Parse(ends[0], CultureInfo.InvariantCulture), last = int.Parse(ends[^1], CultureInfo.InvariantCulture);
            for (int cpu = first; cpu <= last; cpu++) cpus.Add(cpu);
        }
        return [.. cpus];
    }
}
