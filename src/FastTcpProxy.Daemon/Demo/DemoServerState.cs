namespace FastTcpProxy.Daemon.Demo;

/// <summary>How a server of the demo behaves.</summary>
internal enum DemoServerState
{
    /// <summary>It accepts and answers.</summary>
    Started,

    /// <summary>Nothing listens: connects are refused.</summary>
    Stopped,

    /// <summary>Connects get no answer, as from a machine that is gone.</summary>
    Silent,
}
