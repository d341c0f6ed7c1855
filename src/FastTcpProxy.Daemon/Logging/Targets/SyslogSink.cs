using static FastTcpProxy.Engine.Transport.Linux.Errno;

namespace FastTcpProxy.Daemon.Logging.Targets;

/// <summary>
/// Sends each line as a message to a syslog server. While the server does not read, or is not there, the thread of the log waits and tries
/// again, so that records stay in their rings: a restart of the server loses none. A line that is too long even when it is cut is lost, and
/// holds up no other. Owns the socket.
/// </summary>
internal sealed class SyslogSink(SyslogSocket socket, string place) : IByteSink
{
    /// <summary>How long one attempt waits: what an end of the process or another configuration may be late.</summary>
    private static readonly TimeSpan Attempt = TimeSpan.FromMilliseconds(100);

    private volatile bool _abandoned;
    private volatile string? _obstacle;

    public string Name => $"syslog at {place}";

    public string? Obstacle => _obstacle;

    public int Write(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? bytes : bytes[..end];
        while (true)
        {
            bool isLast = _abandoned;
            string? why = socket.TrySend(line, Attempt);
            if (socket.IsTooLong) return -Emsgsize;
            _obstacle = why;
            if (why is null) return end < 0 ? bytes.Length : end + 1;
            if (isLast) return -Ecanceled;
            Thread.Sleep(Attempt);
        }
    }

    public void Abandon() => _abandoned = true;

    public void Dispose() => socket.Dispose();
}
