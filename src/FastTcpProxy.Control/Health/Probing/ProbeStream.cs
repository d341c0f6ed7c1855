using FastTcpProxy.Control.Connections;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// A probe's connection as a stream. Its caller continues on the thread pool, as <see cref="SocketOperation"/> says why.
/// </summary>
internal sealed class ProbeStream(ProbeConnection connection) : ChannelStream
{
    private ProbeConnection? _connection = connection;

    /// <summary>The first byte that came; null: none did.</summary>
    public byte? First { get; private set; }

    public override async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        if (_connection is not { } connection) return SocketOperation.Failed;
        int count = await connection.ReceiveAsync(buffer);
        if (count > 0) First ??= buffer.Span[0];
        // An end before the head of an answer is whole is no answer. The HTTP client would take it for the end of an old connection of its
        // pool and ask for another, in vain and at the cost of two more exceptions.
        return count == 0 && connection.Phase == ProbePhase.Answer ? SocketOperation.Failed : count;
    }

    public override ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes) => _connection?.SendAsync(bytes) ?? ValueTask.FromResult(false);

    /// <summary>Ends it for good: the connection may belong to the next probe from here on.</summary>
    public void Detach() => _connection = null;

    protected override void Dispose(bool disposing)
    {
        if (disposing) _connection?.Close();
        base.Dispose(disposing);
    }
}
