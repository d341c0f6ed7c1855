namespace FastTcpProxy.Control.Health.Model;

/// <summary>The result of one probe. Immutable.</summary>
/// <param name="Failure">Null: it was good.</param>
/// <param name="Text">
/// For people, one line, printable whatever the origin sent: what was seen ("status 200"), or what went wrong and in which step ("timed out
/// in TLS"). Without times: <see cref="Duration"/> has that. At most <see cref="TextMax"/> characters.
/// </param>
/// <param name="Duration">From its start to its result.</param>
public sealed record ProbeResult(ProbeFailure? Failure, string Text, TimeSpan Duration)
{
    public const int TextMax = 200;

    /// <summary>What it says about the PROXY header.</summary>
    public HeaderSign Sign { get; init; }

    public bool IsGood => Failure is null;

    /// <summary>Whether this machine lacked something for it: then it is neither good nor bad.</summary>
    public bool IsUnknown => Failure is ProbeFailure.NoLocalPort or ProbeFailure.NoDescriptor or ProbeFailure.NoMemory;
}

/// <summary>Why a probe was bad; the names are those of status, metrics and logs.</summary>
public enum ProbeFailure : byte
{
    /// <summary>The name has no address.</summary>
    Unresolved,

    /// <summary>No process listens there.</summary>
    ConnectRefused,

    /// <summary>There is no way to it.</summary>
    Unreachable,

    /// <summary>This machine could not connect for a lasting reason, such as missing permission.</summary>
    Local,

    /// <summary>No local port was left. Like the next two it says nothing about the upstream: the check has no result.</summary>
    NoLocalPort,

    /// <summary>No descriptor was left.</summary>
    NoDescriptor,

    /// <summary>The kernel had no memory for the socket.</summary>
    NoMemory,

    ConnectTimeout,
    TlsTimeout,

    /// <summary>The handshake failed for a reason other than the certificate.</summary>
    Tls,

    /// <summary>The certificate is not trusted; the text says why.</summary>
    Certificate,

    /// <summary>Sending, or waiting for the head of the answer, took too long.</summary>
    ResponseTimeout,

    /// <summary>The head came, the rest took too long.</summary>
    BodyTimeout,

    /// <summary>The connection was reset or ended too soon.</summary>
    Disconnected,

    /// <summary>What came is no HTTP.</summary>
    Protocol,

    /// <summary>The status code is one of those that fail.</summary>
    Status,

    /// <summary>The body, or the answer of a TCP server, does not contain what is expected.</summary>
    Content,

    /// <summary>More came than a probe reads.</summary>
    TooLarge,

    /// <summary>A defect of the check itself.</summary>
    Fault,
}
