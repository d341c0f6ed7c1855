using FastTcpProxy.Engine.Transport.Linux;
using static FastTcpProxy.Engine.Transport.Linux.Errno;

namespace FastTcpProxy.Daemon.Logging.Targets;

/// <summary>
/// Descriptor 1, written by write(2). The framework's console stream hides a closed pipe, and its file stream keeps its own offset, which
/// overwrites what another process appended to the same file. Stateless; used by the thread of the log.
/// </summary>
internal sealed class StandardOutput : IByteSink
{
    private const int Descriptor = 1;

    public string Name => "standard output";

    public int Write(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            int written = NativeDescriptor.Write(Descriptor, bytes);
            if (written != -Eagain) return written;
            WaitUntilWritable();
        }
    }

    public void Dispose()
    {
    }

    /// <summary>A process that shares the descriptor may have made it non-blocking.</summary>
    private static void WaitUntilWritable()
    {
        PollFd output = new(Descriptor, PollFd.Out);
        _ = NativeDescriptor.Poll(new Span<PollFd>(ref output), -1);
    }
}
