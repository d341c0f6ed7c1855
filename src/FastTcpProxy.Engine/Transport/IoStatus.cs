namespace FastTcpProxy.Engine.Transport;

/// <summary>How a submitted operation stands when the call returns.</summary>
internal enum IoStatus : byte
{
    /// <summary>It completes later, by a call to the owner.</summary>
    Pending,

    /// <summary>It is done; there will be no call.</summary>
    Done,

    /// <summary>It failed; there will be no call. The stream's <see cref="StreamSocket.LastError"/> says why.</summary>
    Failed,
}
