using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Resolution;

/// <summary>
/// Keeps the addresses of the upstreams' DNS names fresh, off the loops: one task for each name on the thread pool, which looks it up, hands the
/// answer on when it changed, and sleeps. A failed look-up keeps the last good addresses. Started once and stopped once, by one thread;
/// <see cref="Find"/> is for any thread.
/// </summary>
public sealed class NameResolver : IAddressBook, IAsyncDisposable
{
    /// <summary>
    /// Look-ups under way at once. Each holds a thread of its own until the system's resolver gives up (resolv.conf(5), by default 10 s).
    /// </summary>
    public const int LookupsMax = 8;

    private readonly ServiceComposer _composer;
    private readonly ImmutableDictionary<string, ResolvedName> _names;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookup;
    private readonly IResolutionObserver _observer;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _lookups = new(LookupsMax);
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <param name="composer">The services that run, which are given the addresses. Their upstreams' names are looked up, and those that checks go to.</param>
    /// <param name="observer">Is told of each change.</param>
    /// <param name="lookup">The system's resolver when null.</param>
    /// <param name="time">The system's clock when null.</param>
    public NameResolver(
        ServiceComposer composer,
        IResolutionObserver observer,
        Func<string, CancellationToken, Task<IPAddress[]>>? lookup = null,
        TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(composer);
        ArgumentNullException.ThrowIfNull(observer);
        _observer = observer;
        _lookup = lookup ?? LookUpOnAThreadOfItsOwn;
        _time = time ?? TimeProvider.System;
        _composer = composer;
        _names = composer.Services
            .SelectMany(s => NamesOf(s.Configuration).Select(name => (Name: name, Refresh: s.Configuration.DnsRefresh)))
            .GroupBy(use => use.Name, StringComparer.OrdinalIgnoreCase)
            .ToImmutableDictionary(g => g.Key, g => new ResolvedName(g.Key, g.Min(use => use.Refresh)), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>How many names there are to resolve.</summary>
    public int NameCount => _names.Count;

    /// <inheritdoc/>
    public ImmutableArray<IPAddress> Find(string name, out string? error)
    {
        ResolvedAnswer answer = _names.TryGetValue(name, out ResolvedName? known) ? known.Answer : ResolvedAnswer.None;
        error = answer.Error;
        return answer.Addresses;
    }

    /// <summary>
    /// Begins to resolve, and returns when every name was looked up once, or after <paramref name="wait"/>: names that are late, or do not
    /// resolve, come in when they can.
    /// </summary>
    public async Task StartAsync(TimeSpan wait)
    {
        if (_names.IsEmpty) return;
        List<Task> first = [];
        List<Task> running = [];
        foreach (ResolvedName name in _names.Values)
        {
            TaskCompletionSource looked = new(TaskCreationOptions.RunContinuationsAsynchronously);
            first.Add(looked.Task);
            running.Add(Task.Run(() => RefreshAsync(name, looked)));
        }
        _running = Task.WhenAll(running);
        try
        {
            await Task.WhenAll(first).WaitAsync(wait, _time);
        }
        catch (TimeoutException)
        {
            // Bounded by design: the start does not depend on a resolver.
        }
    }

    /// <summary>Stops refreshing. A look-up that is under way cannot be interrupted; its answer is not used.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // Not for _running as a whole: a thread that waits inside the system's resolver may take many seconds, and holds nothing of ours.
        if (_running.IsCompleted) await _running;
    }

    private async Task RefreshAsync(ResolvedName name, TaskCompletionSource looked)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await LookUpAsync(name);
                looked.TrySetResult();
                await Task.Delay(name.Refresh, _time, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>
    /// The platform's call blocks its thread, for seconds when name servers are silent. On the thread pool that would hold up the turns that
    /// sessions gave up and the operations that were cancelled, so each look-up has a thread, of which there are few at once.
    /// </summary>
    private static Task<IPAddress[]> LookUpOnAThreadOfItsOwn(string name, CancellationToken stop) =>
        Task.Factory.StartNew(() => Dns.GetHostAddresses(name), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .WaitAsync(stop);

    private async Task LookUpAsync(ResolvedName name)
    {
        IPAddress[] found;
        await _lookups.WaitAsync(_stop.Token);
        try
        {
            found = await _lookup(name.Name, _stop.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException || !_stop.IsCancellationRequested)
        {
            // Whatever the platform's resolver throws: the name keeps its last addresses and is asked for again.
            Fail(name, e.Message);
            return;
        }
        finally
        {
            _lookups.Release();
        }
        if (_stop.IsCancellationRequested) return;
        if (found.Length == 0) Fail(name, "it has no address");
        else Succeed(name, [.. found.Distinct().Take(UpstreamDefinition.AddressesMax)], found.Length);
    }

    private void Succeed(ResolvedName name, ImmutableArray<IPAddress> addresses, int found)
    {
        ResolvedAnswer before = name.Answer;
        name.Answer = new ResolvedAnswer(addresses, Error: null);
        if (!addresses.SequenceEqual(before.Addresses)) _composer.SetAddresses(name.Name, addresses);
        // A resolver that rotates its answer changes the order each time: that is used, and not worth a word.
        if (!before.IsGood || !new HashSet<IPAddress>(before.Addresses).SetEquals(addresses)) _observer.Resolved(name.Name, addresses, found);
    }

    private void Fail(ResolvedName name, string error)
    {
        ResolvedAnswer before = name.Answer;
        name.Answer = before with { Error = error };
        if (before.IsGood || ReferenceEquals(before, ResolvedAnswer.None)) _observer.Failed(name.Name, error, before.Addresses);
    }

    private static IEnumerable<string> NamesOf(ServiceConfiguration service)
    {
        foreach (UpstreamConfiguration upstream in service.Upstreams)
        {
            if (upstream.Address.DnsName is { } own) yield return own;
            if (upstream.HealthCheck is not { } check) continue;
            if (check.Address?.DnsName is { } asked) yield return asked;
            if (check.Url is { HostNameType: UriHostNameType.Dns } url) yield return url.IdnHost;
        }
    }
}
