using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>What a connect that failed is called. Pure functions, any thread.</summary>
internal static class ConnectFailures
{
    /// <param name="error">What the address failed with.</param>
    /// <param name="target">The address: of several the last one, or the last one that this machine lacked something for.</param>
    /// <param name="tried">How many addresses there are.</param>
    public static ProbeOutcome Describe(SocketError error, EndPoint target, int tried, ProbeConnection connection)
    {
        ProbeFailure failure = Classify(error, target, connection.End);
        string where = target.ToString() ?? "";
        string text = failure switch
        {
            ProbeFailure.ConnectRefused => $"connect refused by {where}",
            ProbeFailure.ConnectTimeout when error == SocketError.WouldBlock => $"timed out in connect after {ProbeText.Span(connection.Elapsed)}: the queue of {where} is full",
            ProbeFailure.ConnectTimeout => $"timed out in connect after {ProbeText.Span(connection.Elapsed)}: {where} is silent",
            ProbeFailure.Unreachable => $"there is no way to {where} ({Word(error)})",
            ProbeFailure.Disconnected => $"connect reset by {where}",
            ProbeFailure.NoLocalPort => $"this machine has no local port left for {where}",
            ProbeFailure.NoDescriptor => $"this process has no descriptor left to connect to {where}",
            ProbeFailure.NoMemory => $"the kernel has no memory left to connect to {where}",
            _ => $"this machine cannot connect to {where} ({Word(error)})",
        };
        bool isOwnLack = ConnectErrors.IsOwnLack(Outcome(error, target));
        return new(failure, tried > 1 && !isOwnLack ? $"{text}, and so failed all {tried} addresses" : text);
    }

    /// <summary>Whether this machine lacked something for a connect that ended so.</summary>
    public static bool IsOwnLack(SocketError error, EndPoint target) => ConnectErrors.IsOwnLack(Outcome(error, target));

    /// <summary>What kind of failure it is, by the table that sessions go by too.</summary>
    internal static ProbeFailure Classify(SocketError error, EndPoint target, ProbeEnd end)
    {
        AttemptOutcome outcome = Outcome(error, target);
        if (end == ProbeEnd.Timeout && !ConnectErrors.IsOwnLack(outcome)) return ProbeFailure.ConnectTimeout;
        return outcome switch
        {
            // The same to a session; what a check says is more exact.
            _ when error is SocketError.ConnectionReset or SocketError.ConnectionAborted => ProbeFailure.Disconnected,
            AttemptOutcome.Refused => ProbeFailure.ConnectRefused,
            AttemptOutcome.TimedOut => ProbeFailure.ConnectTimeout,
            AttemptOutcome.Unreachable => ProbeFailure.Unreachable,
            AttemptOutcome.NoLocalPort => ProbeFailure.NoLocalPort,
            AttemptOutcome.NoDescriptor => ProbeFailure.NoDescriptor,
            AttemptOutcome.NoMemory => ProbeFailure.NoMemory,
            _ => ProbeFailure.Local,
        };
    }

    private static AttemptOutcome Outcome(SocketError error, EndPoint target) => ConnectErrors.Classify(error, target is UnixDomainSocketEndPoint);

    private static string Word(SocketError error) => error switch
    {
        SocketError.NetworkUnreachable => "network unreachable",
        SocketError.HostUnreachable => "host unreachable",
        SocketError.AccessDenied => "not permitted",
        _ => error.ToString(),
    };
}
