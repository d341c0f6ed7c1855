namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// A probe's connection as the stream that the HTTP client and TLS read and write. Whoever awaits it continues on the thread pool, as
/// <see cref="SocketOperation"/> says why. Time and bounds are the connection's, so tokens are not looked at. One user at a time for each direction.
/// </summary>
internal sealed class ProbeStream(ProbeConnection connection) : Stream
{
    private ProbeConnection? _connection = connection;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="IOException">It failed; the connection knows why.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_connection is not { } connection) throw Ended();
        if (buffer.Length == 0) return 0;
        int count = await connection.ReceiveAsync(buffer);
        // An end before the head of an answer is whole is no answer. If it were reported as an end, the client would take the connection
        // for an old one of its pool and ask for another, in vain and at the cost of two more exceptions.
        if (count > 0 || (count == 0 && connection.Phase != ProbePhase.Answer)) return count;
        throw Ended();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <exception cref="IOException">It failed; the connection knows why.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_connection is not { } connection || !await connection.SendAsync(buffer)) throw Ended();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    // Blocking calls would hold a thread of the pool for as long as an origin likes; neither the HTTP client nor TLS makes them.
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Ends it for good: the connection may belong to the next probe from here on.</summary>
    public void Detach() => _connection = null;

    protected override void Dispose(bool disposing)
    {
        if (disposing) _connection?.Close();
        base.Dispose(disposing);
    }

    public override ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static IOException Ended() => new("the probe's connection has ended");
}
