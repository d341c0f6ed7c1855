using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Tests.Relay;

/// <summary>A pipe in memory, which a test can take away. One thread; owned by a test.</summary>
internal sealed class ScriptedPipe(LoopMetrics metrics) : StreamPipe(metrics)
{
    private readonly Queue<byte> _bytes = new();

    public bool IsThere { get; set; } = true;

    public override bool IsUsable => IsThere;

    public void Put(byte[] bytes)
    {
        Assert.Equal(0, Bytes);
        foreach (byte b in bytes) _bytes.Enqueue(b);
        OnFilled(bytes.Length);
    }

    public byte[] Take(int count)
    {
        byte[] taken = [.. Enumerable.Range(0, count).Select(_ => _bytes.Dequeue())];
        OnDrained(count);
        return taken;
    }

    /// <summary>One byte at a time: a read may bring less than there is.</summary>
    protected override int ReadSome(Span<byte> destination)
    {
        destination[0] = _bytes.Dequeue();
        return 1;
    }
}
