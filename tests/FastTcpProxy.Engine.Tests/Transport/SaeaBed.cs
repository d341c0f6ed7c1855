using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Saea;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>
/// One loop on real sockets, without engine or clock, and a listening socket of the framework to connect to. Owned by a test, which reaches
/// the loop by <see cref="InLoopAsync"/> alone.
/// </summary>
internal sealed class SaeaBed : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public SaeaBed()
    {
        SaeaTransportFactory transports = new(threads: 1);
        Loop = new EventLoop(0, TimeProvider.System, new SlabBufferPool(new BufferBudget(64 << 20)), MetricsRegistry.Small().Loops[0],
            transports.CreateDriver(new BackgroundWork()));
        Transport = (SaeaTransport)transports.Create(Loop, DescriptorLimit.RecycledPerLoopMax);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(16);
    }

    public EventLoop Loop { get; }

    public SaeaTransport Transport { get; }

    public RecordingOwner Owner { get; } = new();

    public UpstreamAddress Address => new((IPEndPoint)_listener.LocalEndPoint!);

    public Task<T> InLoopAsync<T>(Func<T> function)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Dispatch(new LoopCommand(() =>
        {
            try
            {
                done.SetResult(function());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }));
        return done.Task.WaitAsync(Deadline.Patient);
    }

    public Task InLoopAsync(Action action) => InLoopAsync(() =>
    {
        action();
        return true;
    });

    /// <summary>Whether a connection waits to be accepted.</summary>
    public bool HasAcceptable(TimeSpan within) => _listener.Poll(within, SelectMode.SelectRead);

    public Socket Accept() => _listener.Accept();

    /// <summary>A stream whose connect has ended well.</summary>
    public async Task<StreamSocket> ConnectAsync(HandshakeEnd handshake)
    {
        StreamSocket stream = null!;
        IoStatus status = await InLoopAsync(() =>
        {
            stream = Transport.Rent();
            return stream.Connect(Owner, Address, default, handshake);
        });
        if (status == IoStatus.Pending) Assert.Equal(SocketError.Success, await Owner.NextAsync("connected"));
        else Assert.Equal(IoStatus.Done, status);
        return stream;
    }

    /// <summary>A connected stream, and its peer.</summary>
    public async Task<(StreamSocket Stream, Socket Peer)> ConnectAsync()
    {
        StreamSocket stream = await ConnectAsync(HandshakeEnd.AtOnce);
        using CancellationTokenSource end = new(Deadline.Patient);
        return (stream, await _listener.AcceptAsync(end.Token));
    }

    /// <summary>Waits in the loop until the stream is readable.</summary>
    public async Task<SocketError> WaitReadableAsync(StreamSocket stream)
    {
        (IoStatus status, SocketError error) = await InLoopAsync(() => (stream.WaitReadable(), stream.LastError));
        return status switch
        {
            IoStatus.Pending => await Owner.NextAsync("readable"),
            IoStatus.Done => SocketError.Success,
            _ => error,
        };
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await InLoopAsync(() => Transport.Close());
    }

    /// <summary>Waits until everything is back in its pool. The last line of each test, so that it hides no failure before it.</summary>
    public async Task AssertDrainedAsync()
    {
        await Eventually.EqualsAsync((0, 0, 0, 0), () => InLoopAsync(
            () => (Transport.Streams.Rented, Transport.Sends.Rented, Loop.Buffers.Rented, Transport.Pipes.Rented)).GetAwaiter().GetResult(),
            "all is back in its pool");
        Assert.Equal(0, Loop.Metrics.Counts.Faults);
        Assert.False(Owner.HasNews, "the owner was told something that no one expected");
    }
}
