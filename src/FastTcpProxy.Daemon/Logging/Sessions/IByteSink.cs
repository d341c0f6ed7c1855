namespace FastTcpProxy.Daemon.Logging.Sessions;

/// <summary>Where the session log goes. Used by the one thread that writes the log.</summary>
internal interface IByteSink
{
    /// <summary>Writes some of the bytes, waiting while the other side does not read.</summary>
    /// <returns>How many were written, at least one; or the negated error number (errno(3)).</returns>
    int Write(ReadOnlySpan<byte> bytes);
}
