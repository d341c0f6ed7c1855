using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>What must hold of a client that was refused before anything was spent on it. Pure.</summary>
internal static class GuardReasons
{
    public static string? Check(ClientRun client, in SessionRecord record)
    {
        if (client.Tried.Count > 0 || record.Attempts.Total > 0) return "something was spent on a client that was refused";
        if (!client.Peer.HasVanished && !client.Peer.End.IsClosed && !client.Peer.End.IsBroken && !client.Peer.End.HasSentReset)
            return "a client that was refused was not told";
        return record.Reason.Cause switch
        {
            EndCause.NotTrusted => record.Service.AcceptProxy is { ServeOthers: false } ? null : "everybody is trusted",
            EndCause.LimitReached => null,
            _ => "not a reason of this phase",
        };
    }
}
