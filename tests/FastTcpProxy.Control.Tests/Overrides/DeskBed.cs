using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>Desks over one state directory, one life of a process after another, on a clock that the test moves. One test owns it.</summary>
public abstract class DeskBed : IDisposable
{
    private readonly List<OverrideDesk> _desks = [];

    private protected TempFolder Folder { get; } = new("state");

    private protected RecordingOverrideObserver Observer { get; } = new();

    private protected SettableTime Time { get; } = new(Overridden.At);

    /// <summary>That of the desk which was opened last.</summary>
    private protected ServiceComposer Composer { get; private set; } = null!;

    /// <summary>The upstreams of the first service that get clients.</summary>
    private protected string Served => Serves(Composer);

    public void Dispose()
    {
        foreach (OverrideDesk desk in _desks) desk.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static string Serves(ServiceComposer composer) => string.Join(' ', composer.Services[0].State.Definition.Upstreams.Select(u => u.Name));

    /// <summary>As a process that takes over: it restores before the directory is its own.</summary>
    private protected OverrideDesk OpenReleased() => Open(null, released: true);

    private protected OverrideDesk Open(ProxyConfiguration? configuration = null, bool released = false)
    {
        Composer = new ServiceComposer(configuration ?? Overridden.Two);
        // The processes before have ended, as far as the directory is concerned.
        if (!released)
        {
            foreach (OverrideDesk before in _desks) before.LetGo();
        }
        OverrideDesk desk = new(Composer, Folder.Path, Observer, Time);
        _desks.Add(desk);
        if (released) desk.Release();
        desk.Restore();
        return desk;
    }

    /// <summary>Without waiting for its end, as a kill does.</summary>
    private protected void StopAll()
    {
        foreach (OverrideDesk desk in _desks) desk.Dispose();
    }

    private protected OverrideBook OnDisk() => new OverrideFile(Folder.Path).Load(Observer, out _)!;
}
