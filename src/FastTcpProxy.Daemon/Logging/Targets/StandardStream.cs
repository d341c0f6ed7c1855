using FastTcpProxy.Engine.Transport.Linux;
using static FastTcpProxy.Engine.Transport.Linux.Errno;

namespace FastTcpProxy.Daemon.Logging.Targets;

/// <summary>
/// Descriptor 1 or 2, written by write(2). The framework's console stream hides a closed pipe, and its file stream keeps its own offset,
/// which overwrites what another process appended to the same file. The descriptor is shared with other processes and so stays blocking:
/// poll(2) waits in place of write(2), and can be told to end. Used by the thread of a log.
/// </summary>
internal sealed class StandardStream : IByteSink
{
    /// <summary>
    /// Bytes at once. A pipe that poll(2) calls writable takes so many without a wait, and does not mix them with those of another process
    /// (PIPE_BUF, pipe(7)).
    /// </summary>
    private const int PieceBytes = 4096;

    /// <summary>What <see cref="Abandon"/> may be late.</summary>
    private const int LookMs = 100;

    private readonly int _descriptor;
    private readonly bool _isFile;
    private volatile bool _abandoned;

    private StandardStream(int descriptor, string name)
    {
        _descriptor = descriptor;
        Name = name;
        // A write to a file does not wait for a reader.
        _isFile = UnixSocketFile.IsRegular(descriptor);
    }

    public string Name { get; }

    public static StandardStream Output() => new(1, "standard output");

    public static StandardStream Error() => new(2, "standard error");

    public int Write(ReadOnlySpan<byte> bytes)
    {
        if (!_isFile) bytes = Piece(bytes);
        while (true)
        {
            bool isLast = _abandoned;
            PollFd output = new(_descriptor, PollFd.Out);
            int ready = NativeDescriptor.Poll(new Span<PollFd>(ref output), isLast ? 0 : LookMs);
            // A process that shares the descriptor may have made it non-blocking.
            if (ready is not (0 or -Eintr) && NativeDescriptor.Write(_descriptor, bytes) is not -Eagain and int written) return written;
            if (isLast) return -Ecanceled;
        }
    }

    public void Abandon() => _abandoned = true;

    public void Dispose()
    {
    }

    /// <summary>Whole lines, where one ends within it.</summary>
    private static ReadOnlySpan<byte> Piece(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= PieceBytes) return bytes;
        int end = bytes[..PieceBytes].LastIndexOf((byte)'\n') + 1;
        return bytes[..(end > 0 ? end : PieceBytes)];
    }
}
