using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Scenarios;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Tests.Running;

public sealed class RunPlanTests
{
    [Theory]
    [InlineData(9_000, 20_000, 32_000, null)]
    [InlineData(10_000, 20_000, 32_000,
        "it needs 20300 descriptors a process and may have 20000: lower --rate, or raise the hard limit (ulimit -Hn 20300)")]
    [InlineData(9_000, 20_000, 9_299, "it needs 9300 ephemeral ports and has 9299: lower --rate, or widen net.ipv4.ip_local_port_range")]
    [InlineData(9_850, 20_000, 10_150, null)]
    public void Missing_OfConnections_SaysWhatAndWhatToDo(int connections, int descriptors, int ports, string? expected) =>
        Assert.Equal(expected, RunPlan.Missing(Needs.ForConnections(connections), descriptors, ports));

    /// <summary>What the scenario said that it needs, it may also use; the runtime's own descriptors stay free.</summary>
    [Theory]
    [InlineData(20_000, 9_850)]
    [InlineData(2_300, 1_000)]
    [InlineData(100, 1)]
    public void ConnectionsMax_OfDescriptors_LeavesTheRuntimeItsOwn(int descriptors, int expected)
    {
        Assert.Equal(expected, Needs.ConnectionsMaxOf(descriptors));
        Assert.True(expected == 1 || Needs.ForConnections(expected).Descriptors <= descriptors);
    }

    [Fact]
    public async Task Step_MoreAreOpenThanDescriptorsAllow_IsNotBegun()
    {
        FullStage stage = new();
        Task<StepResult>[] open = [.. Enumerable.Range(0, stage.OpenMax)
            .Select(_ => stage.StepAsync(CancellationToken.None))];

        StepResult beyond = await stage.StepAsync(CancellationToken.None);
        stage.End();
        await Task.WhenAll(open);

        Assert.Equal(Fate.NotBegun, beyond.Fate);
        Assert.Equal(0, stage.Open);
        Assert.Equal(Fate.Served, (await stage.StepAsync(CancellationToken.None)).Fate);
    }

    [Fact]
    public void NotBegun_SaysHowManyAndWhatToDo()
    {
        Tally tally = new(TimeSpan.Zero);
        tally.Count(TimeSpan.Zero, TimeSpan.Zero, new StepResult(Fate.Served));
        Assert.Null(RunPlan.NotBegun(tally.ToResult("clients", "all", 1), 20_000));

        tally.Count(TimeSpan.Zero, TimeSpan.Zero, new StepResult(Fate.NotBegun));

        Assert.Equal("1 client was not begun: the load may have 9850 open at a time (of 20000 descriptors), and each needs a free port. "
            + "The machine is too slow for the rate: lower --rate, or raise the hard limit (ulimit -Hn)",
            RunPlan.NotBegun(tally.ToResult("clients", "all", 1), 20_000));
    }

    [Fact]
    public void Sampler_CountsTheDescriptorsOfAProcess()
    {
        using ChildProcess process = ChildProcess.Start("/bin/sleep", ["60"]);

        Assert.Equal(process.DescriptorCount, ProcessSampler.Descriptors(process.Id));
        Assert.Equal(0, ProcessSampler.Descriptors(int.MaxValue));
    }

    /// <summary>Steps that last until the end.</summary>
    private sealed class FullStage() : ProxyStage(LoadOptions.Of(Catalogue.All[0]), [])
    {
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void End() => _end.SetResult();

        protected override async Task<StepResult> RunStepAsync(CancellationToken stop)
        {
            await _end.Task;
            return new StepResult(Fate.Served);
        }
    }
}
