namespace FastTcpProxy.Engine.Loop;

/// <content>Turns that the loop asks its driver for: for items that were left, and for items that gave up their own turn.</content>
internal sealed partial class EventLoop : IThreadPoolWorkItem
{
    // Ends the list of deferred items, so that each item in it has a link.
    private static readonly ILoopItem Last = new VacantMark();

    // Newest first. Pushed inside the loop, taken by the thread that gives the turn.
    private ILoopItem _deferred = Last;
    private int _turnRequested;

    /// <summary>
    /// Runs the item again soon, after other work has had its turn. A step that has used up its budget asks for it. Inside the loop;
    /// allocates nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">The item is deferred already, which is a defect.</exception>
    public void Defer(ILoopItem item)
    {
        if (item.NextQueued is not null) throw new InvalidOperationException("an item was deferred twice at once");
        Metrics.Counts.Turns++;
        ILoopItem before;
        do item.NextQueued = before = Volatile.Read(ref _deferred);
        while (!ReferenceEquals(Interlocked.CompareExchange(ref _deferred, item, before), before));
        RequestTurn();
    }

    /// <summary>Takes the turn that the driver was asked for. Any thread that is not inside.</summary>
    public void TakeTurn()
    {
        // Fenced, before the lists are read: a thread that adds to them later asks for another turn, and what was added before is seen
        // here.
        Interlocked.Exchange(ref _turnRequested, 0);
        ILoopItem item = TakeDeferred();
        while (!ReferenceEquals(item, Last))
        {
            ILoopItem next = item.NextQueued!;
            item.NextQueued = null;
            Dispatch(item);
            item = next;
        }
        // Items that were left run even if nothing was deferred. A thread that is inside runs them itself.
        if (ReferenceEquals(Interlocked.CompareExchange(ref _mailbox, null, Vacant), Vacant)) Leave();
    }

    void IThreadPoolWorkItem.Execute() => TakeTurn();

    private void RequestTurn()
    {
        if (Interlocked.Exchange(ref _turnRequested, 1) == 0) _driver.Post(this);
    }

    /// <summary>Oldest first.</summary>
    private ILoopItem TakeDeferred()
    {
        ILoopItem newest = Interlocked.Exchange(ref _deferred, Last);
        ILoopItem oldest = Last;
        while (!ReferenceEquals(newest, Last))
        {
            ILoopItem next = newest.NextQueued!;
            newest.NextQueued = oldest;
            oldest = newest;
            newest = next;
        }
        return oldest;
    }
}
