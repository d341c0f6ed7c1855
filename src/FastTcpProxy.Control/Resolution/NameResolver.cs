using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Resolution;

/// <summary>
/// Keeps the addresses of the upstreams' DNS names fresh, off the loops: one task for each name on the thread pool, which looks it up,
/// passes the answer on when it changed, and sleeps. A failed look-up keeps the last good addresses. Driven by one task at a time;
/// <see cref="Find"/> is for any thread.
/// </summary>
public sealed class NameResolver : IAddressBook, IAsyncDisposable
{
    /// <summary>
    /// Look-ups under way at once. Each holds its own thread until the system's resolver gives up (resolv.conf(5), by default 10 s), also
    /// when a reload has made its answer useless meanwhile: its place is free when its thread is.
    /// </summary>
    public const int LookupsMax = 8;

    /// <summary>The name of this work.</summary>
    private const string Work = "name look-ups";

    private readonly ServiceComposer _composer;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookup;
    private readonly IResolutionObserver _observer;
    private readonly TimeProvider _time;
    private readonly BackgroundWork _background;
    private readonly SemaphoreSlim _lookups;
    private ImmutableDictionary<string, ResolvedName> _names =
        ImmutableDictionary.Create<string, ResolvedName>(StringComparer.OrdinalIgnoreCase);

    /// <param name="composer">Is given the addresses.</param>
    /// <param name="observer">Is told of each change.</param>
    /// <param name="lookup">Its task ends when nothing of the look-up is left, also when its result is not awaited any more. The system's
    /// resolver when null.</param>
    /// <param name="time">The system's clock when null.</param>
    /// <param name="background">Runs the look-ups, and counts the defects of observers.</param>
    /// <param name="lookupsMax">Look-ups under way at once; less than <see cref="LookupsMax"/> where there are few descriptors.</param>
    public NameResolver(
        ServiceComposer composer,
        IResolutionObserver observer,
        Func<string, CancellationToken, Task<IPAddress[]>>? lookup = null,
        TimeProvider? time = null,
        BackgroundWork? background = null,
        int lookupsMax = LookupsMax)
    {
        ArgumentNullException.ThrowIfNull(composer);
        ArgumentNullException.ThrowIfNull(observer);
        _observer = observer;
        _lookup = lookup ?? LookUpOnAThreadOfItsOwn;
        _time = time ?? TimeProvider.System;
        _composer = composer;
        _lookups = new SemaphoreSlim(lookupsMax);
        _background = background ?? new BackgroundWork();
    }

    /// <summary>How many names there are to resolve.</summary>
    public int NameCount => _names.Count;

    /// <inheritdoc/>
    public ImmutableArray<IPAddress> Find(string name, out string? error)
    {
        ResolvedAnswer answer = Volatile.Read(ref _names).TryGetValue(name, out ResolvedName? known) ? known.Answer : ResolvedAnswer.None;
        error = answer.Error;
        return answer.Addresses;
    }

    /// <summary>
    /// Keeps the names of these services fresh: those of their upstreams, and those that checks go to. Returns when every name that is new
    /// was looked up once, or after <paramref name="wait"/>: names that are late, or do not resolve, come in when they can. The names that
    /// only others had are forgotten by <see cref="ForgetOthersAsync"/>.
    /// </summary>
    public async Task ReconcileAsync(IEnumerable<ServiceConfiguration> services, TimeSpan wait)
    {
        List<ResolvedName> added = [];
        ImmutableDictionary<string, ResolvedName> names = _names;
        foreach ((string name, TimeSpan refresh) in NamesOf(services))
        {
            if (!names.TryGetValue(name, out ResolvedName? known))
            {
                names = names.Add(name, known = new ResolvedName(name));
                added.Add(known);
            }
            known.Refresh = refresh;
        }
        Volatile.Write(ref _names, names);
        if (added.Count == 0) return;
        foreach (ResolvedName name in added) name.Running = _background.Run(Work, () => RefreshAsync(name), name.Stop.Token);
        try
        {
            await Task.WhenAll(added.Select(n => n.LookedUp.Task)).WaitAsync(wait, _time);
        }
        catch (TimeoutException)
        {
            // Bounded by design: neither the start nor a reload depends on a resolver.
        }
    }

    /// <summary>Forgets all names but those of these services.</summary>
    public async Task ForgetOthersAsync(IEnumerable<ServiceConfiguration> services)
    {
        HashSet<string> wanted = new(NamesOf(services).Select(n => n.Name), StringComparer.OrdinalIgnoreCase);
        ResolvedName[] others = [.. _names.Values.Where(n => !wanted.Contains(n.Name))];
        Volatile.Write(ref _names, _names.RemoveRange(others.Select(n => n.Name)));
        await StopAsync(others);
        foreach (ResolvedName name in others) _composer.ForgetAddresses(name.Name);
    }

    /// <summary>Stops refreshing. A look-up that is under way cannot be interrupted; its answer is not used.</summary>
    public async ValueTask DisposeAsync() => await StopAsync([.. _names.Values]);

    /// <summary>
    /// Says for people why a look-up failed. The platform's text for EAI_AGAIN is that of EAGAIN, "Resource temporarily unavailable", which
    /// sounds as if this machine lacked something.
    /// </summary>
    internal static string Explain(Exception error) => error is SocketException { SocketErrorCode: SocketError.TryAgain }
        ? "no name server gave an answer; see /etc/resolv.conf"
        : error.Message;

    private static async Task StopAsync(ResolvedName[] names)
    {
        await Task.WhenAll(names.Select(n => n.Stop.CancelAsync()));
        // Those that are inside the system's resolver may take many seconds, and hold nothing of ours.
        await Task.WhenAll(names.Select(n => n.Running).Where(r => r.IsCompleted));
    }

    private async Task RefreshAsync(ResolvedName name)
    {
        while (!name.Stop.IsCancellationRequested)
        {
            try
            {
                await LookUpAsync(name);
            }
            catch (Exception e) when (e is not OperationCanceledException || !name.Stop.IsCancellationRequested)
            {
                // A defect of an observer, say. The name is asked for again when it is time.
                _background.Note(Work, e);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            name.LookedUp.TrySetResult();
            await Task.Delay(name.Refresh, _time, name.Stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// The platform's call blocks its thread, for seconds when name servers are silent. On the thread pool that would hold up the turns
    /// that sessions gave up and the operations that were cancelled, so each look-up has a thread, of which there are few at once.
    /// </summary>
    private static Task<IPAddress[]> LookUpOnAThreadOfItsOwn(string name, CancellationToken stop) =>
        Task.Factory.StartNew(() => Dns.GetHostAddresses(name), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    private async Task LookUpAsync(ResolvedName name)
    {
        IPAddress[] found;
        await _lookups.WaitAsync(name.Stop.Token);
        try
        {
            found = await AskAsync(name).WaitAsync(name.Stop.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException || !name.Stop.IsCancellationRequested)
        {
            // Whatever the platform's resolver throws: the name keeps its last addresses and is asked for again.
            Fail(name, Explain(e));
            return;
        }
        if (name.Stop.IsCancellationRequested) return;
        if (found.Length == 0) Fail(name, "it has no address");
        else Succeed(name, [.. found.Distinct().Take(UpstreamDefinition.AddressesMax)], found.Length);
    }

    /// <summary>Asks, and gives the place back when the look-up has returned, whether its result is still awaited or not.</summary>
    private async Task<IPAddress[]> AskAsync(ResolvedName name)
    {
        try
        {
            return await _lookup(name.Name, name.Stop.Token);
        }
        finally
        {
            _lookups.Release();
        }
    }

    private void Succeed(ResolvedName name, ImmutableArray<IPAddress> addresses, int found)
    {
        ResolvedAnswer before = name.Answer;
        name.Answer = new ResolvedAnswer(addresses, Error: null);
        if (!addresses.SequenceEqual(before.Addresses)) _composer.SetAddresses(name.Name, addresses);
        // A resolver that rotates its answer changes the order each time: that is used, and not worth a word.
        if (!before.IsGood || !new HashSet<IPAddress>(before.Addresses).SetEquals(addresses))
            _observer.Resolved(name.Name, addresses, found);
    }

    private void Fail(ResolvedName name, string error)
    {
        ResolvedAnswer before = name.Answer;
        name.Answer = before with { Error = error };
        if (before.IsGood || ReferenceEquals(before, ResolvedAnswer.None)) _observer.Failed(name.Name, error, before.Addresses);
    }

    /// <summary>Each name once, with the shortest refresh of those who use it.</summary>
    private static IEnumerable<(string Name, TimeSpan Refresh)> NamesOf(IEnumerable<ServiceConfiguration> services) => services
        .SelectMany(s => NamesOf(s).Select(name => (Name: name, Refresh: s.DnsRefresh)))
        .GroupBy(use => use.Name, StringComparer.OrdinalIgnoreCase)
        .Select(g => (g.Key, g.Min(use => use.Refresh)));

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

/// <summary>The addresses of DNS names as they are known now; never blocks. Any thread.</summary>
public interface IAddressBook
{
    /// <summary>In the order in which they are tried; empty when the name has none, and then why not.</summary>
    ImmutableArray<IPAddress> Find(string name, out string? error);
}
