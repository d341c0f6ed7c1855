using FastTcpProxy.Daemon.Metrics;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;
using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Daemon.Tests.Metrics;

/// <summary>Totals and rates as the status has them.</summary>
public sealed class TrafficSamplerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TrafficSampler _sampler;
    private ServiceCounts _service;
    private UpstreamCounts _upstream;
    private readonly LoopCounts[] _loops = new LoopCounts[2];

    public TrafficSamplerTests() => _sampler = new TrafficSampler(Read, _time);

    [Fact]
    public void Take_TheFirst_HasTotalsAndNoRates()
    {
        Assert.Null(_sampler.Latest.Process);
        _service.Accepted = 7;

        _sampler.Take();

        Assert.Equal((7, 7, null), (_sampler.Latest.Process!.Accepted, _sampler.Latest.Process.Active, _sampler.Latest.Process.PerSecond));
        Assert.Null(_sampler.Latest.Process.FailoverCostMs);
    }

    [Fact]
    public void Take_EachSecond_RatesGoOverTheLastTen()
    {
        for (int second = 0; second <= 20; second++)
        {
            _sampler.Take();
            _time.Advance(TimeSpan.FromSeconds(1));
            // 1 a second for ten seconds, then 5.
            _service.Accepted += second < 10 ? 1 : 5;
            _upstream.Attempts[(int)AttemptOutcome.Refused]++;
        }

        Traffic traffic = _sampler.Latest;
        Assert.Equal((10, 5.0), (traffic.Process!.PerSecond!.OverSeconds, traffic.Process.PerSecond.Accepted));
        Assert.Equal(traffic.Process.PerSecond, traffic.Services["s"].PerSecond);
        Assert.Equal((20, 20, 1.0), (traffic.Upstreams[("s", "u")].Attempts, traffic.Upstreams[("s", "u")].AttemptsFailed,
            traffic.Upstreams[("s", "u")].AttemptsFailedPerSecond));
    }

    /// <summary>Of the last seconds, however long the process was punctual before, and of the slowest loop.</summary>
    [Fact]
    public void Take_LoopsThatAreLate_TellsTheSlowestOfThemOverTheLastTenSeconds()
    {
        _sampler.Take();
        Assert.Null(_sampler.Latest.LoopLag);
        for (int i = 0; i < 10_000; i++) _loops[0].Lag.Add(100);
        _sampler.Take();
        Assert.Equal(new QuantilesDocument(0.1, 0.1), _sampler.Latest.LoopLag);
        for (int second = 0; second < TrafficSampler.SamplesMax; second++) _sampler.Take();
        Assert.Null(_sampler.Latest.LoopLag);

        for (int i = 0; i < 100; i++)
        {
            _loops[0].Lag.Add(100);
            _loops[1].Lag.Add(i < 90 ? 100 : 200_000);
        }
        _sampler.Take();

        Assert.Equal(new QuantilesDocument(0.1, 250), _sampler.Latest.LoopLag);
    }

    /// <summary>The client left: that says nothing of the upstream.</summary>
    [Fact]
    public void Take_AbandonedAttempts_AreNotFailed()
    {
        _upstream.Attempts[(int)AttemptOutcome.Abandoned] = 3;
        _upstream.Attempts[(int)AttemptOutcome.Connected] = 4;
        _upstream.Attempts[(int)AttemptOutcome.TimedOut] = 2;

        _sampler.Take();

        Assert.Equal((9, 2), (_sampler.Latest.Process!.Attempts, _sampler.Latest.Process.AttemptsFailed));
    }

    [Fact]
    public void Take_CountsFall_NoRateIsNegative()
    {
        _service.Accepted = 100;
        _sampler.Begin();
        _time.Advance(TimeSpan.FromSeconds(1));
        _service.Accepted = 1;

        _sampler.Take();

        Assert.Equal(0, _sampler.Latest.Services["s"].PerSecond!.Accepted);
    }

    /// <summary>A month without trouble does not hide what failover costs now, nor the other way round.</summary>
    [Fact]
    public void FailoverCost_IsThatOfTheLastTenSecondsToo()
    {
        for (int i = 0; i < 1000; i++) _service.FailoverCost.Add(50);
        _sampler.Begin();
        _time.Advance(TimeSpan.FromSeconds(1));
        _service.FailoverCost.Add(2_900_000);
        _sampler.Take();

        Assert.Equal(new QuantilesDocument(0.1, 0.1), _sampler.Latest.Services["s"].FailoverCostMs);
        Assert.Equal(new QuantilesDocument(3000, 3000), _sampler.Latest.Services["s"].PerSecond!.FailoverCostMs);

        for (int second = 0; second < 10; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _sampler.Take();
        }
        Assert.Null(_sampler.Latest.Services["s"].PerSecond!.FailoverCostMs);
    }

    /// <summary>Traffic of a process begins with its start, and rates with its first second.</summary>
    [Fact]
    public void Take_AfterOneSecond_HasRates()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        _service.Accepted = 7;

        _sampler.Take();

        Assert.Equal((1, 7.0), (_sampler.Latest.Process!.PerSecond!.OverSeconds, _sampler.Latest.Process.PerSecond.Accepted));
    }

    [Fact]
    public void Begin_WhatEarlierProcessesCounted_IsNoTraffic()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        _service.Accepted = 1_000_000;
        _sampler.Begin();
        _time.Advance(TimeSpan.FromSeconds(2));
        _service.Accepted += 6;

        _sampler.Take();

        Assert.Equal((2, 3.0), (_sampler.Latest.Process!.PerSecond!.OverSeconds, _sampler.Latest.Process.PerSecond.Accepted));
    }

    [Fact]
    public void Take_NoOneAsks_TakesLittleMemory()
    {
        MetricsSnapshot snapshot = new(default, [], [new ServiceMetrics("s", in _service,
            [.. Enumerable.Range(0, 60).Select(i => new UpstreamMetrics($"u{i}", in _upstream, default))])],
            new ServiceMetrics("", default, []), 0);
        TrafficSampler sampler = new(() => snapshot, _time);
        for (int i = 0; i < 2; i++) sampler.Take();

        long before = GC.GetAllocatedBytesForCurrentThread();
        sampler.Take();

        // A number of each upstream was more.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500);
    }

    [Fact]
    public void Quantiles_AreTheBoundsOfTheirRanges()
    {
        for (int i = 0; i < 98; i++) _service.FailoverCost.Add(50);
        _service.FailoverCost.Add(2_900_000);
        _service.FailoverCost.Add(60_000_000);

        _sampler.Take();
        Assert.Equal(new QuantilesDocument(0.1, 3000), _sampler.Latest.Process!.FailoverCostMs);

        _service.FailoverCost.Add(60_000_000);
        _sampler.Take();
        Assert.Equal(new QuantilesDocument(0.1, null), _sampler.Latest.Process!.FailoverCostMs);
    }

    private MetricsSnapshot Read() => new(default, [.. _loops],
        [new ServiceMetrics("s", in _service, [new UpstreamMetrics("u", in _upstream, default)])],
        new ServiceMetrics("", default, []), 0);
}
