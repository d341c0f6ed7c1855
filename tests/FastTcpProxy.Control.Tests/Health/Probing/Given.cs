using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>Configurations of checks with the defaults of the file, and probes made of them.</summary>
internal static class Given
{
    /// <summary>Of checks whose timeout no test is about, and of those on a clock that the test moves.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public static HealthCheckConfiguration Http(string url) => new()
    {
        Type = CheckType.Http,
        Url = new Uri(url),
        Method = "GET",
        Headers = [],
        Content = [],
        Timeout = Deadline.Patient,
        Interval = TimeSpan.FromSeconds(15),
        Probes = new ProbeRule(1, 1, TimeSpan.Zero),
        Expect = new CheckExpectation { FailStatus = [new StatusRange(500, 599)] },
        Tls = new CheckTls(),
        ProxyHeader = CheckProxyHeader.None,
        InitiallyServing = true,
        ResetOnDown = false,
    };

    /// <summary>Asks an origin by its address.</summary>
    public static HealthCheckConfiguration Http(Origin origin) => Http($"{origin.Scheme}://{origin.EndPoint}/health");

    public static HealthCheckConfiguration Tcp(IPEndPoint? endPoint = null) => Http("http://unused.test/") with
    {
        Type = CheckType.Tcp,
        Url = null,
        Address = endPoint is null ? null : Address(endPoint),
    };

    public static ConfiguredUpstreamAddress Address(IPEndPoint endPoint) =>
        new() { Kind = AddressKind.Ip, Text = endPoint.ToString(), EndPoint = endPoint, Port = endPoint.Port };

    public static ConfiguredUpstreamAddress UnixAddress(string path) =>
        new() { Kind = AddressKind.Unix, Text = "unix:" + path, Path = path };

    public static HealthCheckConfiguration Expecting(this HealthCheckConfiguration config, ContentPattern pattern) =>
        config with { Expect = config.Expect with { Body = pattern } };

    public static ContentPattern Text(string text) => new(text, [.. Encoding.UTF8.GetBytes(text)], null);

    public static ContentPattern Expression(string expression) =>
        new($"/{expression}/", [], new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));

    public static IProbe Probe(HealthCheckConfiguration config, IAddressBook? book = null, TimeProvider? time = null) =>
        ProbeFactory.Create(
        config,
        new UpstreamConfiguration
        {
            Name = "a", Address = Address(new IPEndPoint(IPAddress.Loopback, 1)), Mode = HeaderMode.Raw, Enabled = true,
            HealthCheck = config,
        },
        book ?? new FixedBook(),
        time ?? TimeProvider.System);

    /// <summary>
    /// Two probes one after the other by the same object, as a check makes them, which must see the same; the second result.
    /// </summary>
    public static async Task<ProbeResult> RunAsync(HealthCheckConfiguration config, IAddressBook? book = null)
    {
        using var probe = Probe(config, book);
        var first = await probe.RunAsync(CancellationToken.None);
        var second = await probe.RunAsync(CancellationToken.None);
        Assert.Equal(first.Failure, second.Failure);
        Assert.DoesNotMatch("[\u0000-\u001f\u007f]", second.Text);
        Assert.InRange(second.Text.Length, 1, ProbeResult.TextMax);
        return second;
    }
}

/// <summary>Names with addresses that stay as they are.</summary>
internal sealed class FixedBook(params (string Name, IPAddress[] Addresses)[] names) : IAddressBook
{
    private readonly Dictionary<string, ImmutableArray<IPAddress>> _names =
        names.ToDictionary(n => n.Name, n => n.Addresses.ToImmutableArray());

    public ImmutableArray<IPAddress> Find(string name, out string? error)
    {
        error = _names.ContainsKey(name) ? null : "no such name";
        return _names.GetValueOrDefault(name, []);
    }
}
