namespace FastTcpProxy.Compare.Machine;

/// <summary>
/// The CPU time that processes have used, as the kernel counts it for all their threads (clock_getcpuclockid(3)). Any thread.
/// </summary>
internal static unsafe class CpuClock
{
    /// <summary>Seconds of the processes together; one that is gone counts nothing.</summary>
    public static double Seconds(ReadOnlySpan<int> processes)
    {
        double sum = 0;
        foreach (int process in processes)
        {
            int clock;
            if (Libc.clock_getcpuclockid(process, &clock) == 0) sum += Read(clock);
        }
        return sum;
    }

    /// <summary>Seconds of this process.</summary>
    public static double OwnSeconds => Read(Libc.ClockProcessCpu);

    private static double Read(int clock)
    {
        long* time = stackalloc long[2];
        return Libc.clock_gettime(clock, time) == 0 ? time[0] + (time[1] * 1e-9) : 0;
    }
}
