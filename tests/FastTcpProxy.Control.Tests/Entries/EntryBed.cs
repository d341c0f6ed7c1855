using System.Net;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Entries;
using FastTcpProxy.Control.Tests.Overrides;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Time;

namespace FastTcpProxy.Control.Tests.Entries;

/// <summary>
/// Stores over one state directory, one life of a process after another, on a clock that the test moves. One test owns it.
/// </summary>
public abstract class EntryBed : IDisposable, IEntryObserver
{
    private readonly List<EntryStore> _stores = [];
    private int _sweeps;

    private protected TempFolder Folder { get; } = new("entries");

    private protected SettableTime Time { get; } = new(Overridden.At);

    /// <summary>Those of the store that was opened last.</summary>
    private protected GuardState Guards { get; private set; } = new();

    private protected List<string> Events { get; } = [];

    private protected int Sweeps => Volatile.Read(ref _sweeps);

    private protected string Journal => Folder[EntryFiles.JournalName];

    private protected string Snapshot => Folder[EntryFiles.SnapshotName];

    public void Dispose()
    {
        foreach (EntryStore store in _stores) store.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    void IEntryObserver.Restored(int count) => Events.Add($"restored {count}");

    void IEntryObserver.LinesLeftOut(string path, int lines, bool isTail) =>
        Events.Add($"left out {Path.GetFileName(path)} {lines}{(isTail ? " tail" : "")}");

    void IEntryObserver.NotRead(string why) => Events.Add($"not read: {why}");

    void IEntryObserver.NotStored(string why) => Events.Add($"not stored: {why}");

    private protected EntryStore Open(bool released = false, string? folder = null)
    {
        Guards = new GuardState();
        EntryStore store = new(new ServiceComposer(Overridden.Two), Guards, () =>
        {
            Interlocked.Increment(ref _sweeps);
            return Task.CompletedTask;
        }, folder ?? Folder.Path, this, Time);
        _stores.Add(store);
        if (released) store.Release();
        store.Restore();
        return store;
    }

    /// <summary>The timer of the writer fires.</summary>
    private protected void Tick() => Time.Advance(EntryLimits.WriteInterval);

    private protected static EntryKey Deny(string network, string? service = null) => Key(network, NetworkAction.Deny, service);

    private protected static EntryKey Key(string network, NetworkAction action, string? service = null)
    {
        IPNetwork parsed = IPNetwork.Parse(network.Contains('/') ? network : network + (network.Contains(':') ? "/128" : "/32"));
        InetEndPoint address = InetEndPoint.FromIPEndPoint(new IPEndPoint(parsed.BaseAddress, 0));
        return new EntryKey(Network.Of(address, parsed.PrefixLength, out _)!.Value, action, service);
    }

    private protected static EntryOutcome Set(EntryStore store, EntryKey key, DateTimeOffset? expires = null, string reason = "") =>
        store.Set(key, expires, reason, "root", EntryOrigin.Operator);

    /// <summary>What the table says of an address to clients of service s.</summary>
    private protected NetworkAction? Says(string address) => Guards.Entries.TryFind(
        InetEndPoint.FromIPEndPoint(new IPEndPoint(IPAddress.Parse(address), 0)), 1, GuardState.NowS(GuardState.NowUs(Time)),
        out NetworkEntry entry) ? entry.Action : null;

    private protected static string[] Listed(EntryStore store) =>
        [.. store.List(new EntryFilter(), 0, 10_000).Entries.Select(e => e.Key.ToString())];
}
