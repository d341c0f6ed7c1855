using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Control.Tests.Activation;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Resolution;

/// <summary>Names that come and go with reloads, on a clock that the test moves.</summary>
public sealed class NameReconcileTests : IAsyncDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    private readonly CountingTimeProvider _time = new();
    private readonly FakeResolver _dns = new() { ["a.example"] = ["192.0.2.1"], ["b.example"] = ["192.0.2.2"] };
    private readonly ServiceComposer _composer = new(Named("a.example:25"));
    private readonly NameResolver _resolver;

    public NameReconcileTests() => _resolver = new NameResolver(_composer, new RecordingObserver(), _dns.LookUp, _time);

    private string Served => string.Join(' ', _composer.Services[0].State.Definition.Upstreams.Select(u => string.Join(',', u.Addresses)));

    public ValueTask DisposeAsync() => _resolver.DisposeAsync();

    [Fact]
    public async Task Reload_NameComesAndGoes_IsLookedUpOnceAndForgotten()
    {
        await ReloadAsync(Named("a.example:25"));
        await ReloadAsync(Named("a.example:25", "b.example:25"));
        Assert.Equal("192.0.2.1:25 192.0.2.2:25", Served);
        Assert.Equal((2, 2), (_resolver.NameCount, _dns.Lookups));

        await ReloadAsync(Named("B.example:25"));
        Assert.Equal("192.0.2.2:25", Served);
        Assert.Equal((1, 2), (_resolver.NameCount, _dns.Lookups));
        Assert.Empty(_resolver.Find("a.example", out _));
        await Eventually.HoldsAsync(() => _time.Waits(TimeSpan.FromSeconds(30)) == 2, "both names have slept");
        _time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(() => _dns.Lookups == 3 && _time.Waits(TimeSpan.FromSeconds(30)) == 3,
            "the one that is left is refreshed");

        // Back again: it is looked up anew, and its old address is not used meanwhile.
        _dns["a.example"] = ["192.0.2.7"];
        await ReloadAsync(Named("a.example:25"));
        Assert.Equal("192.0.2.7:25", Served);
    }

    [Fact]
    public async Task Reload_OtherRefresh_CountsFromTheNextLookUpOn()
    {
        await ReloadAsync(Named("a.example:25"));
        await Eventually.HoldsAsync(() => _time.Waits(TimeSpan.FromSeconds(30)) == 1, "the name sleeps");

        await ReloadAsync(Refreshed(TimeSpan.FromMinutes(5)));
        _time.Advance(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(() => _time.Waits(TimeSpan.FromMinutes(5)) == 1,
            "the longer time counts, although the shorter one was in force before");

        await ReloadAsync(Refreshed(TimeSpan.FromSeconds(1)));
        _time.Advance(TimeSpan.FromMinutes(5));
        await Eventually.HoldsAsync(() => _time.Waits(TimeSpan.FromSeconds(1)) == 1, "the shorter time counts");
        Assert.Equal(3, _dns.Lookups);
    }

    /// <summary>In the order of a reload: look-ups of what is new, then the configuration, then what no one has any more.</summary>
    private async Task ReloadAsync(ProxyConfiguration next)
    {
        var plan = _composer.Plan(next);
        await _resolver.ReconcileAsync(next.Services, Wait);
        _composer.Apply(plan, OverrideSnapshot.Empty);
        await _resolver.ForgetOthersAsync(next.Services);
    }

    private static ProxyConfiguration Named(params string[] upstreams) => Given.Upstreams(upstreams);

    private static ProxyConfiguration Refreshed(TimeSpan refresh)
    {
        ProxyConfiguration configuration = Named("a.example:25");
        return configuration with { Services = [configuration.Services[0] with { DnsRefresh = refresh }] };
    }
}
