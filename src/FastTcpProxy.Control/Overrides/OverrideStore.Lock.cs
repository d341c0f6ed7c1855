using System.Diagnostics;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;

namespace FastTcpProxy.Control.Overrides;

/// <content>The lock on the state directory, which belongs to this process alone. All of it under the store's lock.</content>
public sealed partial class OverrideStore
{
    private readonly string? _directory;

    // Not while the directory is another process's, nor where there can be none.
    private StateLock? _lock;
    private bool _hasToldNotLocked;

    /// <summary>After <see cref="Release"/>: the other process may have the directory's lock.</summary>
    public void LetGo()
    {
        lock (_changing)
        {
            _lock?.Dispose();
            _lock = null;
        }
    }

    /// <summary>Takes the directory's lock, unless this process has it.</summary>
    /// <returns>Who has it; null: this process, or there can be no lock.</returns>
    private string? Lock(TimeSpan wait)
    {
        long began = Stopwatch.GetTimestamp();
        if (_lock is { IsInPlace: false } && Directory.Exists(_directory))
        {
            // Its file was removed: another process can have made a new one, and have locked that. One that went with its directory is left
            // to the error of the write.
            _lock.Dispose();
            _lock = null;
        }
        while (_lock is null)
        {
            try
            {
                _lock = StateLock.TryTake(_directory!, out string? holder);
                if (holder is null) break;
                if (Stopwatch.GetElapsedTime(began) >= wait) return holder;
                Thread.Sleep(OverrideLimits.LockRetry);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Tried again with the next change: it may have been for want of a descriptor. Told once.
                if (!_hasToldNotLocked) _observer.NotLocked(StateDirectory.Explain(_directory!, e) ?? e.Message);
                _hasToldNotLocked = true;
                break;
            }
        }
        return null;
    }

    private string InUse(string holder) =>
        $"admin.stateDirectory {_directory} is in use by {holder}, expected a separate state directory for each proxy: "
        + "give this proxy another one, stop that proxy, or take over from it (run --take-over)";
}
