using System.Runtime.InteropServices;
using static FastTcpProxy.Engine.Transport.Linux.Errno;

namespace FastTcpProxy.Daemon.Logging.Sessions;

/// <summary>
/// Descriptor 1, written by write(2). The framework's console stream hides a closed pipe, and its file stream keeps its own offset, which
/// overwrites what another process appended to the same file. Stateless; used by the thread of the log.
/// </summary>
internal sealed partial class StandardOutput : IByteSink
{
    private const int Descriptor = 1;
    private const short PollOut = 4;

    public unsafe int Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            while (true)
            {
                nint written = write(Descriptor, start, (nuint)bytes.Length);
                if (written > 0) return (int)written;
                int error = Marshal.GetLastPInvokeError();
                if (error == Eagain) WaitUntilWritable();
                else if (error != Eintr) return -error;
            }
        }
    }

    /// <summary>A process that shares the descriptor may have made it non-blocking.</summary>
    private static unsafe void WaitUntilWritable()
    {
        PollEntry entry = new() { Descriptor = Descriptor, Events = PollOut };
        _ = poll(&entry, 1, -1);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int poll(PollEntry* entries, nuint count, int timeout);

    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
