using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;

namespace FastTcpProxy.Control.Overrides;

/// <content>
/// Restores what an earlier run has left in the state directory. All of it under the store's lock. A file that cannot be read may be
/// intact. It is not overwritten, so operators can change nothing until it was read. Each change and each reload tries that again.
/// </content>
public sealed partial class OverrideStore
{
    private bool _restored;

    // Why the state file could not be read the last time, and what to do; null: it was, or there was none.
    // Written under the lock, read by any thread.
    private volatile string? _unread;

    /// <summary>
    /// Puts in force what an earlier run has left in the state directory, without what is over or overtaken by the configuration. Once,
    /// before the first change; where another process has the directory and hands it over, after it has stopped to write
    /// (<see cref="Release"/>).
    /// </summary>
    /// <exception cref="StateDirectoryInUseException">Another process has the directory, and hands nothing over.</exception>
    /// <exception cref="StateUnreadableException">
    /// The file cannot be read, and another process hands the directory over: it has what the file holds, and continues. Where no process
    /// serves yet, the proxy starts without it.
    /// </exception>
    public void Restore()
    {
        lock (_changing)
        {
            if (_restored) throw new InvalidOperationException("overrides are restored once");
            _restored = true;
            if (_file is null) return;
            if (!_released && Lock(OverrideLimits.LockWait) is { } holder) throw new StateDirectoryInUseException(InUse(holder));
            _ = _clock.TakeStep();
            Load(_file, _composer.Services.Select(s => s.Configuration));
            if (_released && _unread is { } why) throw new StateUnreadableException(why);
            _composer.SetOverrides(_snapshot);
        }
    }

    /// <summary>Whether it was read now, and not before.</summary>
    /// <param name="services">That what it holds is about.</param>
    private bool ReadAgain(IEnumerable<ServiceConfiguration> services)
    {
        if (_unread is null || _released || Lock(TimeSpan.Zero) is not null) return false;
        Load(_file!, services);
        return _unread is null;
    }

    private void Load(OverrideFile file, IEnumerable<ServiceConfiguration> services)
    {
        string? before = _unread;
        OverrideSnapshot? loaded = file.Load(_observer, out string? unread);
        _unread = unread;
        if (loaded is { } snapshot)
        {
            _snapshot = snapshot;
            Trim(_snapshot.NotSetAfter(_clock.Now).WithoutExpired(_clock.Now, _observer.Ended).For(services, _observer.Ended));
            if (_snapshot.Count > 0) _observer.Restored(_snapshot.Count);
        }
        else if (unread != before)
        {
            _observer.NotRead(unread!);
        }
    }
}
