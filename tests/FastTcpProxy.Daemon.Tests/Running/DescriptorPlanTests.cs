using System.Text;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Serving;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>How descriptors are shared out, for each limit from too few to plenty.</summary>
public sealed class DescriptorPlanTests
{
    private const int Open = 100;

    private static readonly ProxyConfiguration Configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(
        """
        { "services": [{ "name": "s", "mode": "raw", "listen": ["127.0.0.1:7000"], "upstreams": [
            { "name": "a", "address": "127.0.0.1:7001", "healthCheck": { "type": "tcp" } },
            { "name": "b", "address": "127.0.0.1:7002", "healthCheck": { "type": "tcp" } } ] }],
          "engine": { "threads": 2 }, "admin": { "socket": "/run/x/admin.sock" } }
        """), "proxy.json").Configuration!;

    [Fact]
    public void Make_EachLimit_FitsOrIsRefusedAndGrowsWithIt()
    {
        DescriptorPlan before = DescriptorPlan.Make(Configuration, 10, Open);
        Assert.NotNull(before.Fault);
        bool fits = false;
        for (int limit = 11; limit <= 2_000; limit++)
        {
            DescriptorPlan plan = DescriptorPlan.Make(Configuration, limit, Open);
            Assert.True(plan.Fault is null || !fits, $"{limit}: one that fits does not fit with more");
            if (plan.Fault is not null) continue;
            Assert.True(Open + plan.Reserved + 2 <= limit, $"{limit}: {plan.Reserved} kept, {Open} open");
            Assert.True(!fits || plan.Reserved >= before.Reserved, $"{limit}: less is kept than with less");
            Assert.All(plan.Parts, p => Assert.InRange(p.Granted, p.Least, p.Wanted));
            fits = true;
            before = plan;
        }
        Assert.True(fits);
        Assert.Equal((AdminLimits.ConnectionsMax, NameResolver.LookupsMax), (before.AdminConnections, before.Lookups));
    }

    [Fact]
    public void Make_TooFew_SaysHowManyItTakes()
    {
        DescriptorPlan refused = DescriptorPlan.Make(Configuration, Open, Open);
        int needed = int.Parse(refused.Fault!.Split("at least ")[1].Split(':')[0]);

        Assert.NotNull(DescriptorPlan.Make(Configuration, needed - 1, Open).Fault);
        Assert.Null(DescriptorPlan.Make(Configuration, needed, Open).Fault);
    }

    /// <summary>A process that takes over needs no more than the one before it.</summary>
    [Fact]
    public void Make_ListenersAreInherited_AreCountedOnce()
    {
        DescriptorPlan fresh = DescriptorPlan.Make(Configuration, 1_000, Open);
        DescriptorPlan next = DescriptorPlan.Make(Configuration, 1_000, Open + 3, inherited: 3);
        int needed = int.Parse(DescriptorPlan.Make(Configuration, Open, Open).Fault!.Split("at least ")[1].Split(':')[0]);

        Assert.Equal(fresh.Reserved, next.Reserved);
        Assert.Null(DescriptorPlan.Make(Configuration, needed, Open + 3, inherited: 3).Fault);
        Assert.NotNull(DescriptorPlan.Make(Configuration, needed, Open + 3).Fault);
    }

    /// <summary>What a check has opened before it asks does not change the answer.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void Make_FewAreOpen_CountsWhatAStartHasOpen(int open) => Assert.Equal(
        DescriptorPlan.Make(Configuration, 140, DescriptorPlan.OpenAtStart).Fault, DescriptorPlan.Make(Configuration, 140, open).Fault);

    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(65_536)]
    public void NeededFor_SoManySessions_IsEnoughForThemAndLittleMore(int sessions)
    {
        long needed = DescriptorPlan.Make(Configuration, 1_000, Open).NeededFor(sessions);

        Assert.InRange(DescriptorPlan.Make(Configuration, needed, Open).Sessions, sessions, sessions + 100);
        Assert.InRange(DescriptorPlan.Make(Configuration, Math.Max(needed - 400, 300), Open).Sessions, 1, Math.Max(sessions, 60));
    }

    /// <summary>Each loop may have a second attempt and watch one, however few the process may have.</summary>
    [Theory]
    [InlineData(2, 16)]
    [InlineData(64, 128)]
    public void Make_AnyNumberOfLoops_HasSecondAttemptsForEach(int threads, int most)
    {
        ProxyConfiguration configuration = Configuration with { Engine = Configuration.Engine with { Threads = threads } };
        int needed = int.Parse(DescriptorPlan.Make(configuration, Open, Open).Fault!.Split("at least ")[1].Split(':')[0]);

        Assert.Equal((2 * threads, most), (DescriptorPlan.Make(configuration, needed, Open).SecondAttempts,
            DescriptorPlan.Make(configuration, 1_000_000, Open).SecondAttempts));
    }

    [Fact]
    public void Make_ThousandsOfChecks_AreBounded()
    {
        ProxyConfiguration many = Configuration with { Services =
            [Configuration.Services[0] with { Upstreams = [.. Enumerable.Repeat(Configuration.Services[0].Upstreams[0], 5_000)] }] };

        Assert.Equal(HealthMonitor.ProbesMax, DescriptorPlan.Make(many, 1_000_000, Open).Probes);
    }
}
