using System.Net.Sockets;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>What it is called when a connection that was open gave no answer. Pure functions, any thread.</summary>
internal static class AnswerFailures
{
    /// <summary>By what its connection has seen; for the phases after the connect.</summary>
    public static ProbeOutcome Describe(ProbeConnection connection) => connection.End switch
    {
        ProbeEnd.Timeout => TimedOut(connection),
        ProbeEnd.TooLarge => new(ProbeFailure.TooLarge, $"more came than the {ProbeText.Size(connection.ReceivedMax)} that a probe reads"),
        _ => Disconnected(connection),
    };

    /// <summary>Whether its connection, and nothing that was said on it, is what failed.</summary>
    public static bool Explain(ProbeConnection connection) =>
        connection.End != ProbeEnd.None || connection.IsEnded || connection.Error != SocketError.Success;

    private static ProbeOutcome TimedOut(ProbeConnection connection)
    {
        string after = ProbeText.Span(connection.Elapsed);
        return connection.Phase switch
        {
            ProbePhase.Connect => new(ProbeFailure.ConnectTimeout, $"timed out in connect after {after}"),
            ProbePhase.Tls => new(ProbeFailure.TlsTimeout, $"timed out in TLS after {after}"),
            ProbePhase.Body => new(ProbeFailure.BodyTimeout, $"timed out in the body of the answer after {after}"),
            _ => new(ProbeFailure.ResponseTimeout, $"timed out waiting for the answer after {after}"),
        };
    }

    private static ProbeOutcome Disconnected(ProbeConnection connection)
    {
        string how = connection.Error switch
        {
            SocketError.Success => "closed",
            SocketError.ConnectionReset => "reset",
            SocketError error => $"lost ({error})",
        };
        string when = connection.Phase switch
        {
            ProbePhase.Tls => "in TLS",
            ProbePhase.Body => "in the body of the answer",
            _ => connection.Received == 0 ? "before any answer" : "in the middle of the answer",
        };
        return new(ProbeFailure.Disconnected, $"the connection was {how} {when}");
    }
}
