namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The limits of a client of the administrative interface: a slow, careless or hostile client does not harm the others.
/// Immutable.</summary>
internal sealed record AdminLimits
{
    /// <summary>
    /// At once on the UNIX socket. One that comes beyond takes the place of the one that has been idle for longest, and is closed where
    /// none is. People and collectors are a few, and each connection holds some 20 KB.
    /// </summary>
    public const int ConnectionsMax = 64;

    /// <summary>
    /// At once on all TCP listeners together, those in their TLS handshake too: clients of the ports, with a token or without, leave the
    /// UNIX socket its own.
    /// </summary>
    public const int TcpConnectionsMax = 32;

    /// <summary>
    /// Streams of events at once, on all listeners together: a quarter of the connections of the UNIX socket, so that those who follow
    /// leave room for those who ask.
    /// </summary>
    public const int StreamsMax = 16;

    /// <summary>Bytes of a request's body, unless its route has another bound.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>Entries made at run time that one answer lists at most, some 300 bytes each.</summary>
    public const int EntriesListedMax = 10_000;

    /// <summary>The same where the request does not say.</summary>
    public const int EntriesListedDefault = 1_000;

    /// <summary>Bytes of a request's first line: longer than the longest path with names in it.</summary>
    public const int RequestLineBytesMax = 4 * 1024;

    /// <summary>Bytes of a request's header fields, all together.</summary>
    public const int HeaderBytesMax = 16 * 1024;

    /// <summary>Header fields of a request.</summary>
    public const int HeadersMax = 50;

    /// <summary>Bytes a second that a body must come with, after <see cref="RateGrace"/>.</summary>
    public const int BodyBytesPerSecondMin = 4 * 1024;

    /// <summary>
    /// Bytes a second that an answer must be read with. Kestrel gives a reader the time that all it has written may take, and what a socket
    /// and a pipe hold is written at once: some 300 KB, and so 5 s.
    /// </summary>
    public const int AnswerBytesPerSecondMin = 64 * 1024;

    /// <summary>Bytes of an answer that are written at once, so that what was not taken yet is not counted as written.</summary>
    public const int PieceBytes = 16 * 1024;

    /// <summary>
    /// Bytes that are sent by one system call at most. A page of metrics has megabytes; an answer that has been sent leaves no memory
    /// behind.
    /// </summary>
    public const int SendBytes = 32 * 1024;

    /// <summary>How long a connection must have been idle before it gives up its place: a client that is about to ask keeps it.</summary>
    public static readonly TimeSpan IdleMin = TimeSpan.FromSeconds(1);

    /// <summary>How long a new connection waits for the end of the one whose place it takes.</summary>
    public static readonly TimeSpan PlaceWait = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan RateGrace = TimeSpan.FromSeconds(5);

    public static AdminLimits Default { get; } = new();

    /// <summary>At once on the UNIX socket; less than <see cref="ConnectionsMax"/> where there are few descriptors.</summary>
    public int Connections { get; init; } = ConnectionsMax;

    /// <summary>At once on all TCP listeners together; less than <see cref="TcpConnectionsMax"/> where there are few descriptors.</summary>
    public int TcpConnections { get; init; } = TcpConnectionsMax;

    /// <summary>From the first byte of a request to the end of its header fields. The server checks once a second.</summary>
    public TimeSpan HeaderTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From the accept of a connection to the end of its TLS handshake.</summary>
    public TimeSpan HandshakeTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may stay without a request.</summary>
    public TimeSpan KeepAliveTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a reader of a stream may take nothing before the stream is closed.</summary>
    public TimeSpan StreamStallTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the end waits for requests in progress, before their connections are closed.</summary>
    public TimeSpan StopWait { get; init; } = TimeSpan.FromSeconds(1);
}
