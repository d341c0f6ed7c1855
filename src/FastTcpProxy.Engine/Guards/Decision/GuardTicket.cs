using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Guards.Decision;

/// <summary>Where the guards have counted a client, to be given back. The default value is nowhere. A value of its session.</summary>
internal struct GuardTicket
{
    /// <summary>At its source.</summary>
    public SourceHandle Source;

    /// <summary>Among those that wait for an upstream; null: not, or not any more.</summary>
    public TotalCount? Connecting;

    public readonly bool IsNowhere => Source.IsNowhere && Connecting is null;

    /// <summary>It waits for an upstream no longer.</summary>
    public void LeaveConnecting(int loop)
    {
        Connecting?.Connecting.Leave(loop);
        Connecting = null;
    }
}
