using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Engine;

namespace FastTcpProxy.Daemon.Host;

/// <summary>
/// Checks that the process may have the descriptors that the program needs to load itself. Without them the runtime ends it by an unhandled
/// exception, or silently. The main thread, before anything that loads more than the start has.
/// </summary>
internal static unsafe partial class StartDescriptors
{
    /// <summary>
    /// Some 70 are open when a command does its work, most of them for libraries, and a command then takes a few for its threads and its
    /// socket. What <c>run</c> takes beside that it finds out by itself (<see cref="DescriptorPlan"/>). The native build loads nothing.
    /// </summary>
    public const int Min = 128;

    private const int StandardError = 2;
    private const int DigitsMax = 20;

    /// <summary>Reports when they are too few, by calls that need none.</summary>
    public static bool AreEnough()
    {
        ulong* limit = stackalloc ulong[2];
        // The runtime has raised the soft limit to the hard one, as far as it may. The constant needs nothing of the engine to be loaded.
        if (!RuntimeFeature.IsDynamicCodeSupported || getrlimit(DescriptorLimit.RlimitNoFile, limit) != 0 || limit[0] >= Min) return true;
        Span<byte> digits = stackalloc byte[DigitsMax];
        _ = limit[0].TryFormat(digits, out int count);
        Say("error: the process may have "u8);
        Say(digits[..count]);
        Say(" descriptors, expected at least "u8);
        _ = Min.TryFormat(digits, out count);
        Say(digits[..count]);
        Say(": raise the hard limit (LimitNOFILE, ulimit -Hn)\n"u8);
        return false;
    }

    private static void Say(ReadOnlySpan<byte> text)
    {
        fixed (byte* start = text) _ = write(StandardError, start, (nuint)text.Length);
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, ulong* limit);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, byte* bytes, nuint count);
}
