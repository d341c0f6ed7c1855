using System.Diagnostics;
using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>
/// The last packet of a connect's handshake: while it is held a server has accepted nothing, and a reset leaves no trace in it.
/// </summary>
public sealed class HandshakeEndTests
{
    private const int Connects = 20;

    /// <summary>The kernel lets an acknowledgement wait for 200 ms at most (TCP_DELACK_MAX).</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task Held_AndReset_IsNeverAccepted()
    {
        await using SaeaBed bed = new();
        for (int i = 0; i < Connects; i++)
        {
            StreamSocket stream = await bed.ConnectAsync(HandshakeEnd.Held);
            await bed.InLoopAsync(() => stream.Close(reset: true));
        }
        Assert.False(bed.HasAcceptable(LongestDelay));
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task AtOnce_AndReset_IsAccepted()
    {
        await using SaeaBed bed = new();
        StreamSocket stream = await bed.ConnectAsync(HandshakeEnd.AtOnce);
        await bed.InLoopAsync(() => stream.Close(reset: true));
        Assert.True(bed.HasAcceptable(LongestDelay));
        bed.Accept().Dispose();
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Held_AndAcknowledged_IsAcceptedAtOnce()
    {
        await using SaeaBed bed = new();
        StreamSocket stream = await bed.ConnectAsync(HandshakeEnd.Held);
        long started = Stopwatch.GetTimestamp();
        await bed.InLoopAsync(stream.Acknowledge);
        Assert.True(bed.HasAcceptable(LongestDelay));
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 0, 190);
        using Socket accepted = bed.Accept();
        await bed.InLoopAsync(() => stream.Close(reset: true));
        await bed.AssertDrainedAsync();
    }
}
