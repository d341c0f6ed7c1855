namespace FastTcpProxy.Control.Entries;

/// <summary>
/// Is told what happens to entries without an operator. Called by the thread that makes the change; must not block or throw.
/// </summary>
public interface IEntryObserver
{
    /// <summary>Entries of an earlier run are in force again.</summary>
    void Restored(int count);

    /// <summary>A file has lines that cannot be used; they are left out.</summary>
    /// <param name="path">Which file.</param>
    /// <param name="lines">How many.</param>
    /// <param name="isTail">Whether it is the last line alone, as a kill in the middle of a write leaves it.</param>
    void LinesLeftOut(string path, int lines, bool isTail);

    /// <summary>The files could not be read: nothing of them is in force, and no change is taken until they can be.</summary>
    void NotRead(string why);

    /// <summary>Changes could not be written; they are in force.</summary>
    void NotStored(string why);
}
