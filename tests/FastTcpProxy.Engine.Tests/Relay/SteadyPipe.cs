using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Tests.Relay;

/// <summary>A pipe that holds a number of bytes and no bytes, and allocates nothing. One thread; owned by a test.</summary>
internal sealed class SteadyPipe(LoopMetrics metrics) : StreamPipe(metrics)
{
    public override bool IsUsable => true;

    public IoResult Put(int bytes)
    {
        OnFilled(bytes);
        return IoResult.Of(bytes);
    }

    public IoResult Take(int bytes)
    {
        OnDrained(bytes);
        return IoResult.Of(bytes);
    }

    protected override int ReadSome(Span<byte> destination) => destination.Length;
}
