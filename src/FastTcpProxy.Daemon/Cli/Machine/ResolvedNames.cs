using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Resolution;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>The addresses that the names of a configuration have now, each looked up once. Immutable, any thread.</summary>
internal sealed class ResolvedNames : IAddressBook
{
    /// <summary>Look-ups under way at once, each of which takes a thread.</summary>
    private const int AtOnce = 16;

    private readonly ImmutableDictionary<string, (ImmutableArray<IPAddress> Addresses, string? Fault)> _names;

    private ResolvedNames(ImmutableDictionary<string, (ImmutableArray<IPAddress> Addresses, string? Fault)> names) => _names = names;

    public static ResolvedNames None { get; } = new(ImmutableDictionary.Create<string, (ImmutableArray<IPAddress>, string?)>());

    /// <summary>Looks all of them up, and waits no longer than this, all in all.</summary>
    public static async Task<ResolvedNames> ResolveAsync(ProxyConfiguration configuration, TimeSpan wait)
    {
        string[] names = [.. configuration.Services.SelectMany(s => s.Upstreams.Items).SelectMany(Of)
            .Distinct(StringComparer.OrdinalIgnoreCase)];
        using CancellationTokenSource limit = new(wait);
        using SemaphoreSlim slots = new(AtOnce);
        (string Name, (ImmutableArray<IPAddress>, string?) Answer)[] answers = await Task.WhenAll(names.Select(async name =>
            (name, await ResolveAsync(name, slots, wait, limit.Token))));
        return new(answers.ToImmutableDictionary(a => a.Name, a => a.Answer, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The names that serving and checking an upstream takes.</summary>
    public static IEnumerable<string> Of(UpstreamConfiguration upstream)
    {
        if (upstream.Address.DnsName is { } name) yield return name;
        if (upstream.HealthCheck?.Url is { HostNameType: UriHostNameType.Dns } url) yield return url.IdnHost;
        if (upstream.HealthCheck?.Address?.DnsName is { } checkedName) yield return checkedName;
    }

    /// <summary>Why it has no address; null: it has, or was not looked up.</summary>
    public string? FaultOf(string name) => _names.TryGetValue(name, out var known) ? known.Fault : null;

    public ImmutableArray<IPAddress> Find(string name, out string? error)
    {
        (ImmutableArray<IPAddress> addresses, error) = _names.GetValueOrDefault(name, ([], "it was not looked up"));
        return addresses;
    }

    private static async Task<(ImmutableArray<IPAddress>, string?)> ResolveAsync(string name, SemaphoreSlim slots, TimeSpan wait,
        CancellationToken limit)
    {
        string late = $"no answer within {wait.TotalSeconds:0.#} s";
        try
        {
            await slots.WaitAsync(limit);
        }
        catch (OperationCanceledException)
        {
            return ([], late);
        }
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(name, limit).WaitAsync(limit);
            return found.Length > 0 ? ([.. found], null) : ([], "it has no address");
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return ([], e is OperationCanceledException ? late : e.Message);
        }
        finally
        {
            slots.Release();
        }
    }
}
