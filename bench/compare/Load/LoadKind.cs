namespace FastTcpProxy.Compare.Load;

/// <summary>What the connections of a load do.</summary>
public enum LoadKind
{
    /// <summary>A request, an answer, and the backend closes; then the next connection.</summary>
    Connections,

    /// <summary>Request and answer in turn on connections that stay open.</summary>
    PingPong,

    /// <summary>Streams from the backend to the client.</summary>
    Bulk,

    /// <summary>Streams from the client to the backend.</summary>
    Upload,

    /// <summary>One request and its answer, then silence on the open connection.</summary>
    Idle,

    /// <summary>A request, and no answer is expected: the upstream is silent, and it is none of the load's.</summary>
    Waiting,
}
