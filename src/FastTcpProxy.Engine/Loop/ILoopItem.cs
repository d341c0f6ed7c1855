namespace FastTcpProxy.Engine.Loop;

/// <summary>
/// A piece of work that runs inside one <see cref="EventLoop"/>: a completed operation, a tick, a command.
/// An item may be queued in at most one loop and at most once at a time; the code that dispatches it ensures that.
/// </summary>
internal interface ILoopItem
{
    /// <summary>
    /// The link of the mailbox and of the list of deferred items. Only the loop touches it; null while the item is in neither.
    /// </summary>
    ILoopItem? NextQueued { get; set; }

    /// <summary>Does the work. Runs with the loop entered: nothing else of the loop runs meanwhile. Must not block.</summary>
    void Run();

    /// <summary>Called when <see cref="Run"/> threw, which is a defect: end what the item belongs to, and continue.</summary>
    void OnFault(Exception fault);
}
