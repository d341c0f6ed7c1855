namespace FastTcpProxy.LoadTest.Stage;

/// <summary>How an upstream treats a new connection.</summary>
internal enum BackendMode
{
    /// <summary>Serves it.</summary>
    Up,

    /// <summary>Nobody listens: the kernel answers with a reset.</summary>
    Refused,

    /// <summary>Accepts, and resets at once.</summary>
    Reset,

    /// <summary>No answer at all.</summary>
    Silent,

    /// <summary>Serves ten a second from a queue that holds one: the others' SYN packets are dropped, and come again after a second.</summary>
    Slow,
}
