using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>
/// Is told what happens to overrides without an operator. Called by the thread that makes the change, one at a time; must not block or
/// throw.
/// </summary>
public interface IOverrideObserver
{
    /// <summary>An override has ended.</summary>
    void Ended(Override set, OverrideEnd why);

    /// <summary>Overrides of an earlier run are in force again.</summary>
    void Restored(int count);

    /// <summary>
    /// The state file could not be read: it stays where it is, nothing of it is in force, and no change is taken until it can be read.
    /// </summary>
    void NotRead(string why);

    /// <summary>The content of the state file could not be used; where it could be moved to, if it could.</summary>
    void FileSetAside(string path, string why, string? movedTo);

    /// <summary>
    /// Nothing keeps another process from the state directory: its file system knows no locks, or the lock's file cannot be written.
    /// </summary>
    void NotLocked(string why);

    /// <summary>What ended by itself, or came by other than an operator, could not be written; it is still in force.</summary>
    void NotStored(string why);
}
