using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Control.Tests.Activation;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Resolution;

/// <summary>
/// A resolver that hangs, and one whose answers meet a defect: the bound of look-ups holds over reloads, and names are asked for again.
/// </summary>
public sealed class LookUpPlacesTests
{
    private readonly CountingTimeProvider _time = new();

    [Fact]
    public async Task Reloads_ResolverHangs_NoMoreLookUpsThanMayBe()
    {
        FakeResolver dns = new() { Hangs = true };
        ServiceComposer composer = new(Given.Upstreams("first.example:25"));
        await using NameResolver resolver = new(composer, new RecordingObserver(), dns.LookUp, _time);
        for (int reload = 0; reload < 100; reload++)
        {
            var next = Given.Upstreams($"a{reload}.example:25", $"b{reload}.example:25", $"c{reload}.example:25");
            await resolver.ReconcileAsync(next.Services, TimeSpan.Zero);
            // Those that can ask do.
            int expected = Math.Min(3 * (reload + 1), NameResolver.LookupsMax);
            await Eventually.HoldsAsync(() => dns.UnderWay >= expected, "as many as may be are under way");
            composer.Apply(composer.Plan(next), OverrideSnapshot.Empty);
            await resolver.ForgetOthersAsync(next.Services);
        }
        Assert.Equal(NameResolver.LookupsMax, dns.UnderWayMax);

        dns["a99.example"] = ["192.0.2.1"];
        dns.Release();
        await Eventually.HoldsAsync(() => !resolver.Find("a99.example", out _).IsEmpty,
            "places are free again, and the names that are wanted have their turn");
        Assert.Equal(NameResolver.LookupsMax, dns.UnderWayMax);
    }

    [Fact]
    public async Task Observer_Throws_NameIsAskedForAgain()
    {
        FakeResolver dns = new() { ["mail.example"] = ["192.0.2.1"] };
        BackgroundWork background = new();
        ServiceComposer composer = new(Given.Upstreams("mail.example:25"));
        await using NameResolver resolver = new(composer, new ThrowingObserver(), dns.LookUp, _time, background);

        await resolver.ReconcileAsync(composer.Services.Select(s => s.Configuration), TimeSpan.FromSeconds(2)).WaitAsync(Deadline.Patient);
        Assert.Equal("192.0.2.1", Assert.Single(resolver.Find("mail.example", out _)).ToString());
        await Eventually.HoldsAsync(() => _time.Waits(TimeSpan.FromSeconds(30)) == 1, "the name sleeps");
        dns["mail.example"] = null;
        _time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(() => dns.Lookups == 2 && _time.Waits(TimeSpan.FromSeconds(30)) == 2,
            "it is asked for again, and sleeps again");

        Assert.Equal(2, Assert.Single(background.Faults).Count);
        await resolver.ForgetOthersAsync([]).WaitAsync(Deadline.Patient);
    }

    private sealed class ThrowingObserver : IResolutionObserver
    {
        public void Resolved(string name, ImmutableArray<IPAddress> addresses, int found) =>
            throw new InvalidOperationException("a defect");

        public void Failed(string name, string error, ImmutableArray<IPAddress> kept) => throw new InvalidOperationException("a defect");
    }
}
