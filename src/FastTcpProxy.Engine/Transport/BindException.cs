using System.Collections.Immutable;
using System.Net.Sockets;

namespace FastTcpProxy.Engine.Transport;

/// <summary>It was not possible to listen on an address. The message names the address, the cause, and what to do.</summary>
public sealed class BindException : Exception
{
    public BindException(string message)
        : base(message)
    {
    }

    public BindException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public BindException()
    {
    }

    /// <summary>Several addresses; the message has a line for each.</summary>
    public BindException(ImmutableArray<BindFailure> failures)
        : base(string.Join(Environment.NewLine, failures.Select(f => f.Message))) => Failures = failures;

    /// <summary>Each address that could not be had; empty where the message says all.</summary>
    public ImmutableArray<BindFailure> Failures { get; } = [];

    /// <summary>What the system said of one address.</summary>
    public SocketError Error => (InnerException as SocketException)?.SocketErrorCode ?? SocketError.SocketError;
}
