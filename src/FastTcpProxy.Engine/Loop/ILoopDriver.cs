namespace FastTcpProxy.Engine.Loop;

/// <summary>
/// Gives loops their turns and their ticks, on threads of its choice. Completions need no driver: the thread that has one enters the loop
/// itself. One for all loops of an engine, which owns it. Any thread.
/// </summary>
internal interface ILoopDriver : IDisposable
{
    /// <summary>
    /// Has a thread call <see cref="EventLoop.TakeTurn"/> soon, after other work has had its turn. Never blocks, never allocates, and never
    /// calls it from within. The loop asks again only after that call has begun.
    /// </summary>
    void Post(EventLoop loop);

    /// <summary>Begins to let each loop tick every <see cref="TimerWheel.TickMs"/> milliseconds. Once.</summary>
    void Start(IReadOnlyList<EventLoop> loops);
}
