namespace FastTcpProxy.Testing.Simulation;

/// <summary>What a stream had in flight when its session closed it. A value; any thread.</summary>
[Flags]
internal enum Unheard
{
    None = 0,

    /// <summary>A connect that was decided, and of which the session had not heard.</summary>
    Connect = 1,

    /// <summary>A wait for something to read, which was there.</summary>
    Input = 2,

    /// <summary>A send for which there was room.</summary>
    Room = 4,

    /// <summary>A send for which there was none: nothing is read from the other side meanwhile.</summary>
    Blocked = 8,
}
