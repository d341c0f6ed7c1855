using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Testing.Simulation;

/// <summary>
/// A pipe of a simulated loop. It holds the engine to the contract that it is empty when a move begins: else bytes of one session would
/// reach another. It may be missing at one move and there at the next, which is harsher than a real one. Belongs to the loop of its world.
/// </summary>
internal sealed class SimSplicePipe(SimWorld world, SimTransport transport) : StreamPipe(world.Loop.Metrics)
{
    private byte[] _bytes = [];
    private int _start;
    private int _drains;

    public override bool IsUsable => !transport.SpliceRefused && !world.Chance(world.Faults.PipeMissing);

    public IoResult FillFrom(SimEnd end, int bytesMax)
    {
        if (Bytes > 0) throw new SeamBreachException($"a pipe is filled that still holds {Bytes} bytes");
        if (bytesMax < 1 || bytesMax > transport.Pipes.Terms.MoveBytesMax) throw new SeamBreachException($"{bytesMax} bytes in one move");
        if (transport.RefusesSplice()) return IoResult.Fail(SocketError.OperationNotSupported);
        if (world.Chance(world.Faults.SpliceGivesNothing))
        {
            transport.FalseSplices++;
            return world.Chance(0.5) ? IoResult.Of(0) : IoResult.Fail(SocketError.WouldBlock);
        }
        int room = Math.Min(bytesMax, Math.Max(1, end.ReadableBytes));
        if (_bytes.Length < room) _bytes = new byte[room];
        _start = _drains = 0;
        IoResult received = end.Receive(_bytes.AsSpan(0, room), take: true);
        OnFilled(received.Bytes);
        if (received.Bytes > 0) transport.Splices++;
        return received;
    }

    public IoResult DrainTo(SimEnd end, int bytesMax)
    {
        if (Bytes == 0) throw new SeamBreachException("a splice out of an empty pipe");
        // More than once: it was kept meanwhile.
        if (_drains++ == 1) transport.KeptPipes++;
        if (transport.RefusesSplice()) return IoResult.Fail(SocketError.OperationNotSupported);
        if (world.Chance(world.Faults.SpliceTakesNothing) && !end.IsBroken) return IoResult.Of(0);
        IoResult sent = end.Send(_bytes.AsSpan(_start, Math.Min(bytesMax, Bytes)), hold: false);
        _start += sent.Bytes;
        OnDrained(sent.Bytes);
        return sent;
    }

    protected override int ReadSome(Span<byte> destination)
    {
        // In pieces, as a read may be.
        int count = Math.Max(1, destination.Length / 2);
        _bytes.AsSpan(_start, count).CopyTo(destination);
        _start += count;
        return count;
    }
}
