using System.Net.Sockets;
using System.Threading.Channels;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>
/// An owner of streams that passes what it is told to the test, which waits for it on a thread of its own. Written in the loop, read by the
/// test.
/// </summary>
internal sealed class RecordingOwner : IStreamOwner
{
    private readonly Channel<(string What, SocketError Error)> _told = Channel.CreateUnbounded<(string What, SocketError Error)>();

    public bool HasNews => _told.Reader.TryPeek(out _);

    public async Task<SocketError> NextAsync(string what)
    {
        using CancellationTokenSource end = new(Deadline.Patient);
        (string actual, SocketError error) = await _told.Reader.ReadAsync(end.Token);
        Assert.Equal(what, actual);
        return error;
    }

    public void OnConnected(StreamSocket stream, SocketError error) => _told.Writer.TryWrite(("connected", error));

    public void OnReadable(StreamSocket stream, SocketError error) => _told.Writer.TryWrite(("readable", error));

    public void OnSent(StreamSocket stream, SocketError error) => _told.Writer.TryWrite(("sent", error));

    public void OnStreamFault(StreamSocket stream, Exception fault) => _told.Writer.TryWrite(("fault", SocketError.SocketError));
}
