using System.Runtime.InteropServices;

namespace FastTcpProxy.LoadTest.Running;

/// <summary>Sleeps for less than a millisecond, which <see cref="Thread.Sleep(TimeSpan)"/> cannot. Any thread.</summary>
internal static partial class PreciseSleep
{
    /// <summary>Never wakes early but for a signal; late by the timer slack of the thread, 50 us (prctl(2), PR_SET_TIMERSLACK).</summary>
    public static void For(TimeSpan time)
    {
        Timespec wanted = new() { Seconds = (long)time.TotalSeconds, Nanoseconds = (long)(time.TotalNanoseconds % 1e9) };
        _ = NanoSleep(in wanted, 0);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in Timespec wanted, nint remaining);
}
