namespace FastTcpProxy.Engine.Guards;

/// <summary>The bounds on attempts beside a session's first one. Constants, any thread.</summary>
public static class SecondAttempts
{
    /// <summary>Descriptors of the process for second attempts and observers: what a busy process can use. Beyond it, and beyond a
    /// sixteenth of the session capacity, sessions wait alone.</summary>
    public const int DescriptorsMax = 1_024 + ObserversMax;

    /// <summary>Attempts of the process that are watched after their sessions have given them up.</summary>
    public const int ObserversMax = 64;
}
