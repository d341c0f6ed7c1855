using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Control.Tests.Activation;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Resolution;

/// <summary>The refresh of names, on a clock that the test moves and with answers that it gives. Nothing asks the network.</summary>
public sealed class NameResolverTests
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    private readonly CountingTimeProvider _time = new();
    private readonly RecordingObserver _observer = new();
    private FakeResolver _dns = new();

    [Fact]
    public async Task Start_NameResolves_AddressesArePublishedInOrder()
    {
        ServiceState service = await StartAsync("mail.example:25", ("mail.example", ["192.0.2.9", "2001:db8::1", "192.0.2.1"]));

        Assert.Equal("192.0.2.9:25 [2001:db8::1]:25 192.0.2.1:25", Addresses(service, 0));
        Assert.Equal(["mail.example = 192.0.2.9 2001:db8::1 192.0.2.1"], _observer.Events);
    }

    [Fact]
    public async Task Start_NameDoesNotResolve_GoesOnWithoutIt()
    {
        ServiceState service = await StartAsync("mail.example:25", ("mail.example", null));

        Assert.Equal("", Addresses(service, 0));
        Assert.Equal(["mail.example failed, kept "], _observer.Events);
    }

    [Fact]
    public async Task Start_ResolverHangs_WaitIsBoundedAndAnswerComesInLater()
    {
        _dns = new FakeResolver { Hangs = true, ["mail.example"] = ["192.0.2.1"] };
        ServiceComposer services = new(Given.Upstreams("mail.example:25"));
        await using NameResolver resolver = new(services, _observer, _dns.LookUp, _time);

        Task start = resolver.ReconcileAsync(services.Services.Select(s => s.Configuration), Wait);
        await Eventually.HoldsAsync(() => _time.Waits(Wait) == 1, "the start waits");
        Assert.False(start.IsCompleted);
        _time.Advance(Wait);
        await start.WaitAsync(Deadline.Patient);
        Assert.Equal("", Addresses(services.Services[0].State, 0));

        _dns.Release();
        await Eventually.EqualsAsync("192.0.2.1:25", () => Addresses(services.Services[0].State, 0), "the late answer is used");
    }

    [Fact]
    public async Task Refresh_AnswerChanged_IsPublishedAfterTheRefreshTimeOnly()
    {
        ServiceState service = await StartAsync("mail.example:25", ("mail.example", ["192.0.2.1"]));
        _dns["mail.example"] = ["192.0.2.2"];

        _time.Advance(Refresh - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _dns.Lookups);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        await Eventually.EqualsAsync("192.0.2.2:25", () => Addresses(service, 0), "the new address is used");
        Assert.Equal(2, _dns.Lookups);
    }

    [Fact]
    public async Task Refresh_SameAnswer_PublishesNothing()
    {
        ServiceState service = await StartAsync("mail.example:25", ("mail.example", ["192.0.2.1", "192.0.2.2"]));
        ServiceDefinition before = service.Definition;

        await RefreshOnceAsync();

        Assert.Same(before, service.Definition);
        Assert.Single(_observer.Events);
    }

    [Fact]
    public async Task Refresh_AnswerRotated_IsUsedWithoutAWord()
    {
        ServiceState service = await StartAsync("mail.example:25", ("mail.example", ["192.0.2.1", "192.0.2.2"]));
        _dns["mail.example"] = ["192.0.2.2", "192.0.2.1"];

        await RefreshOnceAsync();

        Assert.Equal("192.0.2.2:25 192.0.2.1:25", Addresses(service, 0));
        Assert.Single(_observer.Events);
    }

    [Fact]
    public async Task Refresh_FailsForAWhile_KeepsTheLastAddressesAndSaysEachChangeOnce()
    {
        ServiceState service = await StartAsync("mail.example:25", ("mail.example", ["192.0.2.1"]));

        _dns["mail.example"] = null;
        await RefreshOnceAsync();
        await RefreshOnceAsync();
        Assert.Equal("192.0.2.1:25", Addresses(service, 0));
        _dns["mail.example"] = [];
        await RefreshOnceAsync();
        Assert.Equal("192.0.2.1:25", Addresses(service, 0));
        _dns["mail.example"] = ["192.0.2.1"];
        await RefreshOnceAsync();

        Assert.Equal(["mail.example = 192.0.2.1", "mail.example failed, kept 192.0.2.1", "mail.example = 192.0.2.1"], _observer.Events);
    }

    [Fact]
    public async Task Answer_MoreAddressesThanMayBe_TheFirstAreUsed()
    {
        string[] many = [.. Enumerable.Range(1, UpstreamDefinition.AddressesMax + 3).Select(i => $"192.0.2.{i}")];

        ServiceState service = await StartAsync("mail.example:25", ("mail.example", many));

        Assert.Equal(many.Take(UpstreamDefinition.AddressesMax).Select(a => a + ":25"),
            service.Definition.Upstreams[0].Addresses.Select(a => a.Text));
        Assert.EndsWith($" of {many.Length}", Assert.Single(_observer.Events));
    }

    [Fact]
    public async Task OneNameOfSeveral_Changes_TheOthersStay()
    {
        _dns["a.example"] = ["192.0.2.1"];
        _dns["b.example"] = null;
        ServiceComposer services = new(Given.Upstreams("a.example:1", "198.51.100.7:2", "B.example:3", "a.example:4"));
        await using NameResolver resolver = new(services, _observer, (name, stop) => _dns.LookUp(name.ToLowerInvariant(), stop), _time);
        await resolver.ReconcileAsync(services.Services.Select(s => s.Configuration), Wait);
        Assert.Equal(2, resolver.NameCount);
        await Eventually.HoldsAsync(() => _time.Waits(Refresh) == 2, "both names sleep");
        Assert.Equal(["192.0.2.1:1", "198.51.100.7:2", "", "192.0.2.1:4"],
            Enumerable.Range(0, 4).Select(i => Addresses(services.Services[0].State, i)));

        _dns["b.example"] = ["192.0.2.3"];
        _time.Advance(Refresh);

        await Eventually.EqualsAsync("192.0.2.3:3", () => Addresses(services.Services[0].State, 2), "the second name is used");
        Assert.Equal("192.0.2.1:1", Addresses(services.Services[0].State, 0));
    }

    [Fact]
    public async Task ManyNames_HangingResolver_LookupsAreBounded()
    {
        _dns = new FakeResolver { Hangs = true };
        string[] addresses = [.. Enumerable.Range(0, 3 * NameResolver.LookupsMax).Select(i => $"n{i}.example:1")];
        ServiceComposer services = new(Given.Upstreams(addresses));
        await using NameResolver resolver = new(services, _observer, _dns.LookUp, _time);

        Task start = resolver.ReconcileAsync(services.Services.Select(s => s.Configuration), Wait);
        await Eventually.HoldsAsync(() => _dns.UnderWay == NameResolver.LookupsMax, "as many look-ups as may be");
        _dns.Release();
        await start.WaitAsync(Deadline.Patient);

        Assert.Equal(addresses.Length, _dns.Lookups);
        Assert.Equal(NameResolver.LookupsMax, _dns.UnderWayMax);
    }

    private static string Addresses(ServiceState service, int upstream) =>
        string.Join(' ', service.Definition.Upstreams[upstream].Addresses.Select(a => a.Text));

    /// <summary>A running resolver of one service, whose names have been looked up once and sleep.</summary>
    private async Task<ServiceState> StartAsync(string upstream, (string Name, string[]? Answer) given)
    {
        _dns[given.Name] = given.Answer;
        ServiceComposer services = new(Given.Upstreams(upstream));
        NameResolver resolver = new(services, _observer, _dns.LookUp, _time);
        await resolver.ReconcileAsync(services.Services.Select(s => s.Configuration), Wait);
        await Eventually.HoldsAsync(() => _time.Waits(Refresh) == 1, "the name was looked up and sleeps");
        return services.Services[0].State;
    }

    private async Task RefreshOnceAsync()
    {
        int sleeps = _time.Waits(Refresh);
        _time.Advance(Refresh);
        await Eventually.HoldsAsync(() => _time.Waits(Refresh) > sleeps, "the name was looked up again and sleeps");
    }
}
