using System.Net;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>Which servers that end sessions at once are held, and which one stays because it is the last.</summary>
public sealed class EjectionTests
{
    private static readonly PassivePolicy OneReset = new() { Resets = 1 };

    [Fact]
    public void TryHold_LastUpstream_Stays()
    {
        ServiceDefinition service = Service(OneReset, 1, 1);
        Assert.True(TryHold(service, OneReset, 0, 0));
        Assert.False(TryHold(service, OneReset, 1, 0));
        Assert.False(service.Upstreams[1].Addresses[0].Standing.IsEjected(nowMs: 1));
    }

    /// <summary>The upstream keeps its place by its other address.</summary>
    [Fact]
    public void TryHold_OneOfTwoAddresses_LeavesTheUpstream()
    {
        ServiceDefinition service = Service(OneReset, 2);
        Assert.True(TryHold(service, OneReset, 0, 0));
        Assert.False(TryHold(service, OneReset, 0, 1));
    }

    [Fact]
    public void TryHold_MoreThanAreToBeKept_Holds()
    {
        PassivePolicy passive = OneReset with { Keep = 2 };
        ServiceDefinition service = Service(passive, 1, 1, 1);
        Assert.True(TryHold(service, passive, 0, 0));
        Assert.False(TryHold(service, passive, 1, 0));
        Assert.False(TryHold(service, passive, 2, 0));
    }

    /// <summary>Two loops, each with the other's upstream as the one that is left.</summary>
    [Fact]
    public async Task TryHold_ByTwoLoopsAtOnce_KeepsOne()
    {
        const int Rounds = 5_000;
        ServiceDefinition[] services = [.. Enumerable.Range(0, Rounds).Select(_ => Service(OneReset, 1, 1))];
        int arrived = 0;
        bool[][] held = [new bool[Rounds], new bool[Rounds]];
        await Task.WhenAll(Run(0), Run(1));
        for (int round = 0; round < Rounds; round++)
        {
            Assert.False(held[0][round] && held[1][round]);
            // What is told to be held is held, and the other one is not.
            for (int i = 0; i < 2; i++)
                Assert.Equal(held[i][round], services[round].Upstreams[i].Addresses[0].Standing.IsEjected(nowMs: 1));
        }

        Task Run(int upstream) => Task.Factory.StartNew(
            () =>
            {
                for (int round = 0; round < Rounds; round++)
                {
                    // Closer together than a barrier of the runtime brings them.
                    Interlocked.Increment(ref arrived);
                    while (Volatile.Read(ref arrived) < 2 * (round + 1)) Thread.SpinWait(1);
                    held[upstream][round] = TryHold(services[round], OneReset, upstream, 0);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static bool TryHold(ServiceDefinition service, PassivePolicy passive, int upstream, int address) =>
        Ejection.TryHold(service, passive, service.Upstreams[upstream].Addresses[address], nowMs: 1);

    private static ServiceDefinition Service(PassivePolicy passive, params int[] addresses) => new()
    {
        Name = "s",
        Passive = passive,
        Upstreams = [.. addresses.Select((count, i) => new UpstreamDefinition($"u{i}", HeaderMode.Raw,
            [.. Enumerable.Range(0, count).Select(a => new UpstreamAddress(new IPEndPoint(i + 1, a + 1)))]))],
    };
}
