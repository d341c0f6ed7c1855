using System.Runtime.InteropServices;
using FastTcpProxy.Engine.Transport.Linux;
using static FastTcpProxy.Engine.Transport.Linux.Errno;

namespace FastTcpProxy.Daemon.Logging.Sessions;

/// <summary>
/// Descriptor 1, written by write(2). The framework's console stream hides a closed pipe, and its file stream keeps its own offset, which
/// overwrites what another process appended to the same file. Stateless; used by the thread of the log.
/// </summary>
internal sealed partial class StandardOutput : IByteSink
{
    private const int Descriptor = 1;

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
    private static void WaitUntilWritable()
    {
        PollFd output = new(Descriptor, PollFd.Out);
        _ = NativeDescriptor.Poll(new Span<PollFd>(ref output), -1);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(int fd, byte* buffer, nuint count);
}
