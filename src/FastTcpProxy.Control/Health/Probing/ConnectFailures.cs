using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>What a check says of a connect that failed: the words to <see cref="FailureTable"/>. Pure functions, any thread.</summary>
internal static class ConnectFailures
{
    /// <param name="error">What the address failed with.</param>
    /// <param name="target">The address: of several the last one, or the last one that this machine lacked something for.</param>
    /// <param name="tried">How many addresses there are.</param>
    public static ProbeOutcome Describe(SocketError error, EndPoint target, int tried, ProbeConnection connection)
    {
        Failure failure = Of(error, target);
        // When the time of the whole check is over, that is what it failed for.
        if (connection.End == ProbeEnd.Timeout && failure is { IsOwnLack: false, Kind: not FailureKind.QueueFull })
            failure = FailureTable.TimedOut;
        string text = Text(failure.Kind, error, target.ToString() ?? "");
        return new(Name(failure.Kind), tried > 1 && !failure.IsOwnLack ? $"{text}; all {tried} addresses have failed" : text);
    }

    public static Failure Of(SocketError error, EndPoint target) => FailureTable.OfConnect(error, target is UnixDomainSocketEndPoint);

    /// <summary>What status, metrics and logs call it.</summary>
    public static ProbeFailure Name(FailureKind kind) => kind switch
    {
        FailureKind.Refused => ProbeFailure.ConnectRefused,
        FailureKind.Reset => ProbeFailure.Disconnected,
        FailureKind.TimedOut or FailureKind.QueueFull => ProbeFailure.ConnectTimeout,
        FailureKind.Unreachable => ProbeFailure.Unreachable,
        FailureKind.NoLocalPort => ProbeFailure.NoLocalPort,
        FailureKind.NoDescriptor => ProbeFailure.NoDescriptor,
        FailureKind.NoMemory => ProbeFailure.NoMemory,
        _ => ProbeFailure.Local,
    };

    private static string Text(FailureKind kind, SocketError error, string where) => kind switch
    {
        // The framework's name for ENOENT, which it gives to the address of a UNIX socket only.
        FailureKind.Refused when error == SocketError.AddressNotAvailable => $"connect failed: the socket {where} does not exist",
        FailureKind.Refused => $"connect refused by {where}",
        FailureKind.Reset => $"connect reset by {where}",
        FailureKind.TimedOut => $"timed out in connect: {where} is silent",
        FailureKind.QueueFull => $"timed out in connect: the queue of {where} is full",
        FailureKind.Unreachable => $"there is no route to {where} ({Word(error)})",
        FailureKind.NoLocalPort => $"this machine has no local port left for {where}",
        FailureKind.NoDescriptor => $"this process has no descriptor left to connect to {where}",
        FailureKind.NoMemory => $"the kernel has no memory left to connect to {where}",
        _ => $"this machine cannot connect to {where} ({Word(error)})",
    };

    private static string Word(SocketError error) => error switch
    {
        SocketError.NetworkUnreachable => "network unreachable",
        SocketError.HostUnreachable => "host unreachable",
        SocketError.AccessDenied => "not permitted",
        _ => error.ToString(),
    };
}
