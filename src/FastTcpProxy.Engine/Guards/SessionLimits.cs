namespace FastTcpProxy.Engine.Guards;

/// <summary>
/// The session limits of the process, and how many sessions it has. The limits can be changed; a change holds from the next client on. Any
/// thread.
/// </summary>
internal sealed class SessionLimits
{
    private volatile int _capacity;

    /// <param name="sessionsMax">Beyond this clients are refused; 0: no limit.</param>
    /// <param name="capacity">What descriptors allow: at this many sessions listeners wait.</param>
    public SessionLimits(int sessionsMax, int capacity)
    {
        SessionsMax = sessionsMax;
        Capacity = capacity;
    }

    /// <summary>0: no limit.</summary>
    public int SessionsMax
    {
        get => Sessions.Max;
        set => Sessions.Max = value;
    }

    /// <summary>Set again when listeners were opened or closed.</summary>
    public int Capacity
    {
        get => _capacity;
        set => _capacity = value;
    }

    public SessionCount Sessions { get; } = new();

    public bool HasRoom => Sessions.IsBelow(Capacity);
}
