namespace FastTcpProxy.Engine.Guards;

/// <summary>The session limits of the process, and how many sessions it has. The limits are fixed before the first client. Any thread.</summary>
internal sealed class SessionLimits
{
    /// <param name="sessionsMax">Beyond this the guard refuses; 0: no limit.</param>
    /// <param name="capacity">What descriptors allow: at this many sessions listeners wait.</param>
    public SessionLimits(int sessionsMax, int capacity)
    {
        SessionsMax = sessionsMax;
        Capacity = capacity;
    }

    public int SessionsMax { get; }

    /// <summary>Set again when the listeners are open, before the first client.</summary>
    public int Capacity { get; set; }

    public SessionCount Sessions { get; } = new();

    public bool HasRoom => Sessions.Current < Capacity;
}
