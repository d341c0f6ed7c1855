namespace FastTcpProxy.Testing.Simulation;

/// <summary>What a simulated address answers to a connect.</summary>
internal enum ConnectBehavior
{
    /// <summary>Accepts, after its delay.</summary>
    Accept,

    /// <summary>Answers with a reset.</summary>
    Refuse,

    /// <summary>Never answers.</summary>
    Silent,

    /// <summary>A router says that it cannot be reached.</summary>
    Unreachable,

    /// <summary>The kernel gives up by itself.</summary>
    KernelTimeout,

    /// <summary>The connect is reset when it is nearly there.</summary>
    Reset,

    /// <summary>An error that has no name of its own.</summary>
    Strange,

    /// <summary>The call fails at once for want of a local port.</summary>
    NoLocalPort,

    /// <summary>The call fails at once for want of a descriptor.</summary>
    NoDescriptor,

    /// <summary>The kernel has no memory for it.</summary>
    NoMemory,

    /// <summary>A UNIX socket whose queue is full: the call fails at once, and nothing tells when there is room.</summary>
    FullQueue,
}
