using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Testing.Simulation;

/// <summary>
/// One end of a simulated TCP connection, as the owner of a socket sees it on Linux: bytes that have arrived stay readable after a reset,
/// the error is then told once, to whichever call comes first, and the end of the stream follows; a close with unread bytes sends a reset,
/// and so does a closed end to which bytes come. One thread; owns the pipe into which it sends.
/// </summary>
internal sealed class SimEnd
{
    private readonly SimWorld _world;
    private readonly SimPipe _out;
    private SocketError _error;
    private bool _errorTold;
    private int _held;
    private long _dropsBefore = -1;
    private long _sendOrder;

    private SimEnd(SimWorld world, int capacity, InetEndPoint local, InetEndPoint remote)
    {
        _world = world;
        _out = new SimPipe(capacity);
        Local = local;
        Remote = remote;
    }

    public InetEndPoint Local { get; }

    public InetEndPoint Remote { get; }

    public SimEnd Other { get; private set; } = null!;

    /// <summary>Called when there may be something to read, and when there may be room again.</summary>
    public Action? Readable { get; set; }

    public Action? Writable { get; set; }

    public bool IsClosed { get; private set; }

    public bool HasShutDown { get; private set; }

    /// <summary>Whether this end has sent a reset, by its own will or because it was closed with bytes unread or to come.</summary>
    public bool HasSentReset { get; private set; }

    /// <summary>Whether a reset or another error has come to this end.</summary>
    public bool IsBroken => _error != SocketError.Success;

    /// <summary>Whether the other end's stream is over, or the connection; bytes may still be unread.</summary>
    public bool IsEnded => In.EndArrived || IsBroken;

    public bool IsReadable => In.Arrived > 0 || In.EndArrived || IsBroken;

    /// <summary>Whether the path is cut: what is sent from here on, to this end and from it, is lost, and no one is told.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Bytes that have arrived and were not taken.</summary>
    public int ReadableBytes => In.Arrived;

    public bool CanSend => _out.Room > 0 || IsBroken;

    /// <summary>Bytes that were sent and have not arrived; none count any more when the connection is broken.</summary>
    public int UnarrivedBytes => IsBroken ? 0 : _out.Unarrived;

    /// <summary>Bytes that this end has accepted for sending.</summary>
    public long SentBytes { get; private set; }

    private SimPipe In => Other._out;

    public static (SimEnd Near, SimEnd Far) Connect(SimWorld world, int capacity, InetEndPoint near, InetEndPoint far)
    {
        SimEnd a = new(world, capacity, near, far);
        SimEnd b = new(world, capacity, far, near);
        (a.Other, b.Other) = (b, a);
        return (a, b);
    }

    public IoResult Receive(Span<byte> destination, bool take)
    {
        if (In.Arrived > 0)
        {
            int count = In.Read(destination, take);
            if (take) _world.Schedule(_world.Latency(), Other.NotifyWritable);
            return IoResult.Of(count);
        }
        if (TryTakeError(out SocketError error)) return IoResult.Fail(error);
        return In.EndArrived || _errorTold ? IoResult.Of(0) : IoResult.Fail(SocketError.WouldBlock);
    }

    /// <param name="hold">Keeps the bytes back until more is sent or the stream is ended (MSG_MORE).</param>
    public IoResult Send(ReadOnlySpan<byte> source, bool hold)
    {
        if (TryTakeError(out SocketError error)) return IoResult.Fail(error);
        if (IsBroken || HasShutDown || IsClosed) return IoResult.Fail(SocketError.Shutdown);
        int count = Math.Min(source.Length, _out.Room);
        if (count == 0) return IoResult.Fail(SocketError.WouldBlock);
        _out.Write(source[..count]);
        SentBytes += count;
        _held += count;
        // The kernel lets go of what it holds back when it cannot take all (tcp_sendmsg pushes before it says "would block").
        if (!hold || count < source.Length) Flush();
        return IoResult.Of(count);
    }

    /// <summary>Ends this end's stream.</summary>
    public void ShutDown()
    {
        if (HasShutDown || IsClosed || IsBroken) return;
        HasShutDown = true;
        Flush();
        long order = _sendOrder++;
        Deliver(() =>
        {
            if (order < _dropsBefore) return;
            _out.EndArrived = true;
            Other.NotifyReadable();
        });
    }

    public void Close(bool reset)
    {
        if (IsClosed) return;
        if (reset || In.Arrived > 0) SendReset();
        else ShutDown();
        IsClosed = true;
    }

    /// <summary>The connection breaks for this end alone, as when probes go unanswered.</summary>
    public void Break(SocketError error)
    {
        if (IsClosed || IsBroken) return;
        _error = error;
        _out.DropUnarrived();
        NotifyReadable();
        NotifyWritable();
    }

    /// <summary>Takes the error if it was not told yet.</summary>
    public bool TryTakeError(out SocketError error)
    {
        error = _errorTold ? SocketError.Success : _error;
        if (error == SocketError.Success) return false;
        _errorTold = true;
        return true;
    }

    /// <summary>Whether a wait would end with the error: nothing is left to read before it.</summary>
    public bool TryTakeErrorOfWait(out SocketError error)
    {
        error = SocketError.Success;
        return In.Arrived == 0 && !_world.Chance(_world.Faults.ErrorLeftToReceive) && TryTakeError(out error);
    }

    private void SendReset()
    {
        if (HasSentReset || IsBroken) return;
        HasSentReset = true;
        // What was sent before may be lost with it, or not.
        if (_world.Chance(_world.Faults.ResetDropsBytes)) _dropsBefore = _sendOrder;
        Deliver(() => Other.OnReset());
    }

    private void OnReset()
    {
        if (IsClosed || IsBroken) return;
        In.DropUnarrived();
        _error = SocketError.ConnectionReset;
        _out.DropUnarrived();
        NotifyReadable();
        NotifyWritable();
    }

    private void Flush()
    {
        int count = _held;
        _held = 0;
        if (count == 0) return;
        long order = _sendOrder++;
        Deliver(() => OnArrival(order, count));
    }

    private void OnArrival(long order, int count)
    {
        if (Other.IsBroken || order < _dropsBefore) return;
        if (Other.IsClosed)
        {
            Other.SendReset();
            return;
        }
        _out.Arrive(count);
        Other.NotifyReadable();
    }

    private void Deliver(Action arrival)
    {
        if (IsCutOff || Other.IsCutOff) return;
        _out.LastArrivalUs = Math.Max(_world.Clock.NowUs + _world.Latency(), _out.LastArrivalUs);
        _world.Schedule(_out.LastArrivalUs - _world.Clock.NowUs, arrival);
    }

    private void NotifyReadable() => Readable?.Invoke();

    private void NotifyWritable() => Writable?.Invoke();
}
