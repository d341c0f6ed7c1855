namespace FastTcpProxy.Compare.Contestants;

/// <summary>How a contestant is configured and what it can do.</summary>
public enum ContestantKind
{
    /// <summary>A build of fasttcpproxy.</summary>
    FastTcpProxy,
    HAProxy,

    /// <summary>HAProxy told to splice all it relays, through large pipes; for streams.</summary>
    HAProxySplice,

    /// <summary>nginx with its stream module.</summary>
    Nginx,

    /// <summary>bench/naive: async/await and Stream.CopyToAsync.</summary>
    Naive,
}
