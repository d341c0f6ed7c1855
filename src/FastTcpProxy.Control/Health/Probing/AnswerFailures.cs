using System.Net.Sockets;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>The names of failures on a connection that was open but gave no answer. Pure functions, any thread.</summary>
internal static class AnswerFailures
{
    /// <summary>By what its connection has seen; for the phases after the connect.</summary>
    public static ProbeOutcome Describe(ProbeConnection connection) => connection.End switch
    {
        ProbeEnd.Timeout => TimedOut(connection),
        ProbeEnd.TooLarge => new(ProbeFailure.TooLarge, $"the answer exceeds the {ByteText.Of(connection.ReceivedMax)} that a probe reads"),
        _ => Disconnected(connection.Error, connection.Phase, connection.Received),
    };

    /// <summary>Whether the connection failed, and not the content of the answer.</summary>
    public static bool Explain(ProbeConnection connection) =>
        connection.End != ProbeEnd.None || connection.IsEnded || connection.Error != SocketError.Success;

    /// <summary>Without the time, which is shown beside the text.</summary>
    private static ProbeOutcome TimedOut(ProbeConnection connection) => connection.Phase switch
    {
        ProbePhase.Connect => new(ProbeFailure.ConnectTimeout, "timed out in connect"),
        ProbePhase.Tls => new(ProbeFailure.TlsTimeout, "timed out in TLS"),
        ProbePhase.Body => new(ProbeFailure.BodyTimeout, "timed out in the body of the answer"),
        _ => new(ProbeFailure.ResponseTimeout, "timed out waiting for the answer"),
    };

    internal static ProbeOutcome Disconnected(SocketError error, ProbePhase phase, int received)
    {
        Failure failure = FailureTable.OfStream(error);
        if (failure.IsOwnLack) return new(ConnectFailures.Name(failure.Kind), "the kernel has no memory left for the connection");
        string how = error switch
        {
            SocketError.Success => "closed",
            SocketError.ConnectionReset => "reset",
            _ => $"lost ({error})",
        };
        string when = phase switch
        {
            ProbePhase.Tls => "in TLS",
            ProbePhase.Body => "in the body of the answer",
            _ => received == 0 ? "before any answer" : "in the middle of the answer",
        };
        return new(ProbeFailure.Disconnected, $"the connection was {how} {when}");
    }
}
