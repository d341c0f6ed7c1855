namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>Hears of what happens to overrides without an operator. Called by whoever makes the change, one at a time; must not block or throw.</summary>
public interface IOverrideObserver
{
    /// <summary>An override has ended.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="upstream">The upstream's name; null when it was the service's order.</param>
    /// <param name="what">What was set: "disabled", "order b, a".</param>
    /// <param name="author">Who had set it.</param>
    /// <param name="why">Why it ended.</param>
    void Ended(string service, string? upstream, string what, string author, OverrideEnd why);

    /// <summary>Overrides of an earlier run are in force again.</summary>
    void Restored(int count);

    /// <summary>The state file could not be read: it stays where it is, nothing of it is in force, and no change is taken until it can be read.</summary>
    void NotRead(string why);

    /// <summary>The content of the state file could not be used; where it could be moved to, if it could.</summary>
    void FileSetAside(string path, string why, string? movedTo);

    /// <summary>Nothing keeps another process from the state directory: its file system knows no locks, or the lock's file cannot be written.</summary>
    void NotLocked(string why);

    /// <summary>What ended by itself, or came by other than an operator, could not be written; it holds all the same.</summary>
    void NotStored(string why);
}

/// <summary>Why an override ended without an operator.</summary>
public enum OverrideEnd : byte
{
    /// <summary>Its time was over.</summary>
    Expired,

    /// <summary>The configuration has changed what it was about.</summary>
    ConfigurationChanged,

    /// <summary>The configuration has no such service or upstream any more.</summary>
    Gone,
}
