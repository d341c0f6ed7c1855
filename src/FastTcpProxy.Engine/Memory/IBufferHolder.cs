namespace FastTcpProxy.Engine.Memory;

/// <summary>An object that waits for a buffer, or has one whose bytes wait for a slow peer. Inside the loop.</summary>
internal interface IBufferHolder
{
    /// <summary>
    /// Changes when the object begins to serve another session, so that a call meant for the first does not hit the second.
    /// </summary>
    long Id { get; }

    /// <summary>There may be a buffer now; said once for each wait.</summary>
    void OnBufferAvailable();

    /// <summary>Others need what it has held longest: it must end. Its chunk comes back by itself.</summary>
    /// <param name="id">Whom it is meant for.</param>
    /// <returns>Whether it was that one; else the chunk is on its way back already.</returns>
    bool GiveUpBuffer(long id);

    /// <summary>It threw in a call of the above, which is a defect.</summary>
    void OnFault(Exception fault);
}
