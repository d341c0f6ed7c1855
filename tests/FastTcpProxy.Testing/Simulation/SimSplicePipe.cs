using System.Net.Sockets;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Testing.Simulation;

/// <summary>
/// The pipe of a simulated loop. It holds the engine to the contract that it is empty between moves: else bytes of one session would reach
/// another. It may be missing at one move and there at the next, which is harsher than a real one. Belongs to the loop of its world.
/// </summary>
internal sealed class SimSplicePipe(SimWorld world, EngineCounters counters) : StreamPipe(counters)
{
    private byte[] _bytes = [];
    private int _start;

    /// <summary>Whether there is one at all.</summary>
    public bool IsThere { get; set; } = true;

    /// <summary>Whether a splice was refused, which is for good.</summary>
    public bool IsRefused { get; private set; }

    public override bool IsUsable => IsThere && !IsRefused && !world.Chance(world.Faults.PipeMissing);

    /// <summary>How often bytes went in, and how often a target took less than there were.</summary>
    public int Fills { get; private set; }

    public int Rests { get; private set; }

    public IoResult FillFrom(SimEnd end, int bytesMax)
    {
        if (Bytes > 0) throw new SeamBreachException($"a pipe is filled that still holds {Bytes} bytes");
        if (bytesMax is < 1 or > MoveBytesMax) throw new SeamBreachException($"{bytesMax} bytes in one move");
        if (IsRefusal()) return IoResult.Fail(SocketError.OperationNotSupported);
        int room = Math.Min(bytesMax, Math.Max(1, end.ReadableBytes));
        if (_bytes.Length < room) _bytes = new byte[room];
        _start = 0;
        IoResult received = end.Receive(_bytes.AsSpan(0, room), take: true);
        OnFilled(received.Bytes);
        if (received.Bytes > 0) Fills++;
        return received;
    }

    public IoResult DrainTo(SimEnd end, int bytesMax)
    {
        if (Bytes == 0) throw new SeamBreachException("a splice out of an empty pipe");
        if (IsRefusal()) return IoResult.Fail(SocketError.OperationNotSupported);
        IoResult sent = end.Send(_bytes.AsSpan(_start, Math.Min(bytesMax, Bytes)), hold: false);
        _start += sent.Bytes;
        OnDrained(sent.Bytes);
        if (Bytes > 0) Rests++;
        return sent;
    }

    protected override int Read(Span<byte> destination)
    {
        if (destination.Length < Bytes) throw new SeamBreachException($"{Bytes} bytes in the pipe and room for {destination.Length}");
        // In pieces, as a read may be.
        int count = Math.Max(1, Bytes / 2);
        _bytes.AsSpan(_start, count).CopyTo(destination);
        _start += count;
        return count;
    }

    private bool IsRefusal()
    {
        if (world.Chance(world.Faults.SpliceRefused)) IsRefused = true;
        return IsRefused;
    }
}
