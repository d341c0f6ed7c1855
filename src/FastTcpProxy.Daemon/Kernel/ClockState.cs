using System.Runtime.InteropServices;

namespace FastTcpProxy.Daemon.Kernel;

/// <summary>What the kernel says of its clock (adjtimex(2)). Immutable.</summary>
/// <param name="IsSynchronised">Whether a daemon keeps it.</param>
/// <param name="ErrorMaxMs">The greatest error, by that daemon's estimate.</param>
internal sealed partial record ClockState(bool IsSynchronised, double ErrorMaxMs)
{
    /// <summary>More than the 208 bytes of struct timex.</summary>
    private const int TimexBytes = 256;

    private const int MaxErrorAt = 24, StatusAt = 40, Unsynchronised = 0x40, TimeError = 5;

    /// <summary>Asks, and changes nothing; null: it may not be asked here.</summary>
    public static unsafe ClockState? Read()
    {
        if (nint.Size != sizeof(long)) return null;
        byte* timex = stackalloc byte[TimexBytes];
        new Span<byte>(timex, TimexBytes).Clear();
        int state = adjtimex(timex);
        if (state < 0) return null;
        bool isOff = state == TimeError || (*(int*)(timex + StatusAt) & Unsynchronised) != 0;
        return new ClockState(!isOff, *(long*)(timex + MaxErrorAt) / 1000.0);
    }

    [LibraryImport("libc")]
    private static unsafe partial int adjtimex(byte* timex);
}
