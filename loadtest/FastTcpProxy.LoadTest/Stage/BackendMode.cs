namespace FastTcpProxy.LoadTest.Stage;

/// <summary>How an upstream treats a new connection.</summary>
internal enum BackendMode
{
    /// <summary>Serves it.</summary>
    Up,

    /// <summary>The connect is answered with a reset, as where no one listens.</summary>
    Refused,

    /// <summary>Accepts, and resets at once.</summary>
    Reset,

    /// <summary>No answer at all.</summary>
    Silent,

    /// <summary>Accepts, and never reads. The connections are closed when the mode changes.</summary>
    Deaf,

    /// <summary>
    /// Serves ten a second from a queue that holds one: the others' SYN packets are dropped, and come again after a second.
    /// </summary>
    Slow,

    /// <summary>Serves it, and answers its connect after a second. Needs nftables.</summary>
    Late,

    /// <summary>Serves it; of a hundred packets that begin a connection one is lost. Needs nftables.</summary>
    Lossy,
}
