using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Time;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>
/// Stores over one state directory, one life of a process after another, on a clock that the test moves. One test owns it.
/// </summary>
public abstract class StoreBed : IDisposable
{
    private readonly List<OverrideStore> _stores = [];

    private protected TempFolder Folder { get; } = new("state");

    private protected RecordingOverrideObserver Observer { get; } = new();

    private protected SettableTime Time { get; } = new(Overridden.At);

    /// <summary>That of the store which was opened last.</summary>
    private protected ServiceComposer Composer { get; private set; } = null!;

    /// <summary>The upstreams of the first service that get clients.</summary>
    private protected string Served => Serves(Composer);

    public void Dispose()
    {
        foreach (OverrideStore store in _stores) store.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static string Serves(ServiceComposer composer) =>
        string.Join(' ', composer.Services[0].State.Definition.Upstreams.Select(u => u.Name));

    /// <summary>As a process that takes over: it restores before the directory is its own.</summary>
    private protected OverrideStore OpenReleased() => Open(null, released: true);

    private protected OverrideStore Open(ProxyConfiguration? configuration = null, bool released = false)
    {
        Composer = new ServiceComposer(configuration ?? Overridden.Two);
        // The processes before have ended, as far as the directory is concerned.
        if (!released)
        {
            foreach (OverrideStore before in _stores) before.LetGo();
        }
        OverrideStore store = new(Composer, Folder.Path, Observer, Time);
        _stores.Add(store);
        if (released) store.Release();
        store.Restore();
        return store;
    }

    /// <summary>Without waiting for its end, as a kill does.</summary>
    private protected void StopAll()
    {
        foreach (OverrideStore store in _stores) store.Dispose();
    }

    private protected OverrideSnapshot OnDisk() => new OverrideFile(Folder.Path).Load(Observer, out _)!;
}
