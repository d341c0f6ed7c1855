using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>Those who read what operators have set do not wait for the disk, however long it takes.</summary>
public sealed class OverrideReadTests : StoreBed
{
    [Fact]
    public async Task Read_WhileAFlushBlocks_SeesTheStateBefore_AndAWriterWaits()
    {
        using ManualResetEventSlim flushing = new(), go = new();
        ServiceComposer composer = new(Overridden.Two);
        OverrideFile file = new(Folder.Path, _ =>
        {
            flushing.Set();
            go.Wait();
        });
        using OverrideStore store = new(composer, file, Observer, Time);
        store.Restore();
        Task<OverrideOutcome> first = Task.Run(() => store.Set("s", "a", OverrideState.Disabled));
        Assert.True(flushing.Wait(Deadline.Patient));
        Task<OverrideOutcome> second = Task.Run(() => store.SetOrder("s", ["c"]));
        try
        {
            OverrideOutcome seen = await Task.Run(() => store.Find("s", "a")).WaitAsync(Deadline.Patient);
            ServiceStatus status = await Task.Run(() => new StatusReader(composer).Services[0]).WaitAsync(Deadline.Patient);

            Assert.Null(seen.Set);
            Assert.All(status.Upstreams, u => Assert.True(u is { Override: null, IsServing: true }));
            Assert.False(first.IsCompleted || second.IsCompleted);
        }
        finally
        {
            go.Set();
        }

        Assert.Equal([OverrideError.None, OverrideError.None], (await Task.WhenAll(first, second)).Select(o => o.Error));
        Assert.Equal(OverrideState.Disabled, (store.Find("s", "a").Set as UpstreamOverride)?.State);
        Assert.Equal("c b", Serves(composer));
    }

    /// <summary>The clock is no other operator: what was read before it was set may still be changed.</summary>
    [Fact]
    public void Change_OfWhatWasReadBeforeTheClockWasSet_IsMade()
    {
        OverrideStore store = Open();
        string tag = store.Set("s", "a", OverrideState.Disabled, TimeSpan.FromMinutes(30)).Tag;
        Time.SetWallClock(TimeSpan.FromHours(1));
        Assert.Equal(tag, store.Find("s", "a").Tag);

        Assert.Equal(OverrideError.None, store.Set("s", "a", OverrideState.Draining, TimeSpan.FromMinutes(30), tag).Error);
    }
}
