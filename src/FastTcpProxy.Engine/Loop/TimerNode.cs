namespace FastTcpProxy.Engine.Loop;

/// <summary>
/// The one timer of a session or a listener: the link by which a <see cref="TimerWheel"/> holds it. Belongs to one loop.
/// </summary>
internal abstract class TimerNode
{
    internal TimerNode? Previous;
    internal TimerNode? Next;
    internal long DueTick;

    /// <summary>Whether the node waits in a wheel.</summary>
    public bool IsScheduled => Next is not null;

    /// <summary>The timer fires. Runs inside the loop; the node is no longer scheduled, and may be scheduled again.</summary>
    public abstract void OnTimer();

    /// <summary>Called when <see cref="OnTimer"/> threw, which is a defect: end what the timer belongs to.</summary>
    public abstract void OnFault(Exception fault);
}
