using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>What a connect that failed is called. Pure functions, any thread.</summary>
internal static class ConnectFailures
{
    /// <param name="error">What the last address failed with.</param>
    /// <param name="target">The last address.</param>
    /// <param name="tried">How many addresses there are.</param>
    public static ProbeOutcome Describe(SocketError error, EndPoint target, int tried, ProbeConnection connection)
    {
        ProbeFailure failure = Classify(error, target, connection.End);
        string where = target.ToString() ?? "";
        string text = failure switch
        {
            ProbeFailure.ConnectRefused => $"connect refused by {where}",
            ProbeFailure.ConnectTimeout => $"timed out in connect after {ProbeText.Span(connection.Elapsed)}: {where} is silent",
            ProbeFailure.Unreachable => $"there is no way to {where} ({Word(error)})",
            ProbeFailure.Disconnected => $"connect reset by {where}",
            _ => $"this machine cannot connect to {where} ({Word(error)})",
        };
        return new(failure, tried > 1 ? $"{text}, and so failed all {tried} addresses" : text);
    }

    /// <summary>What kind of failure it is.</summary>
    internal static ProbeFailure Classify(SocketError error, EndPoint target, ProbeEnd end)
    {
        if (end == ProbeEnd.Timeout) return ProbeFailure.ConnectTimeout;
        return error switch
        {
            SocketError.ConnectionRefused => ProbeFailure.ConnectRefused,
            // ENOENT has the same name in the framework as "no local address is left".
            SocketError.AddressNotAvailable when target is UnixDomainSocketEndPoint => ProbeFailure.ConnectRefused,
            SocketError.TimedOut => ProbeFailure.ConnectTimeout,
            SocketError.ConnectionReset => ProbeFailure.Disconnected,
            SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.NetworkDown or SocketError.HostDown
                or SocketError.AddressFamilyNotSupported => ProbeFailure.Unreachable,
            _ => ProbeFailure.Local,
        };
    }

    private static string Word(SocketError error) => error switch
    {
        SocketError.NetworkUnreachable => "network unreachable",
        SocketError.HostUnreachable => "host unreachable",
        SocketError.TooManyOpenSockets => "no descriptor is left",
        SocketError.AddressNotAvailable => "no local address or port is left",
        SocketError.AccessDenied => "not permitted",
        _ => error.ToString(),
    };
}
