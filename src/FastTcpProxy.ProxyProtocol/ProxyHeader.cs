namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// A decoded header. A value on the stack that borrows the received bytes: valid while those are.
/// What it says is what its sender says: believe it only when the sender is trusted (specification 5).
/// </summary>
public readonly ref struct ProxyHeader
{
    /// <summary>1 for the line of text, 2 for the binary form.</summary>
    public byte Version { get; internal init; }

    /// <summary>PROXY, always so in version 1, or LOCAL.</summary>
    public ProxyCommand Command { get; internal init; }

    /// <summary>
    /// The family of the addresses that the header says; <see cref="ProxyAddressFamily.Unspecified"/> for LOCAL and UNKNOWN, whatever else
    /// they hold, and when the transport is unspecified, so that the addresses are to be ignored.
    /// </summary>
    public ProxyAddressFamily AddressFamily { get; internal init; }

    /// <summary>
    /// The transport that the header names; <see cref="ProxyTransport.Unspecified"/> for LOCAL and UNKNOWN, whatever else they hold.
    /// </summary>
    public ProxyTransport Transport { get; internal init; }

    /// <summary>
    /// The client. <see cref="EndPointFamily.Unspecified"/> unless <see cref="HasInetAddresses"/>. A mapped address is kept as it came.
    /// </summary>
    public InetEndPoint Source { get; internal init; }

    /// <summary>
    /// What the client connected to. <see cref="EndPointFamily.Unspecified"/> unless <see cref="HasInetAddresses"/>. A mapped address is
    /// kept as it came.
    /// </summary>
    public InetEndPoint Destination { get; internal init; }

    /// <summary>
    /// The client's UNIX path, up to its first NUL, at most 108 bytes. Empty for other families, for an unnamed and for an abstract socket.
    /// </summary>
    public ReadOnlySpan<byte> UnixSource { get; internal init; }

    /// <summary>The UNIX path that the client connected to, up to its first NUL. Empty where <see cref="UnixSource"/> would be.</summary>
    public ReadOnlySpan<byte> UnixDestination { get; internal init; }

    /// <summary>
    /// The TLVs. Empty in version 1, for LOCAL, whose block means nothing, and for an UNSPEC family whose block is no sequence of TLVs.
    /// </summary>
    public TlvReader Tlvs { get; internal init; }

    /// <summary>All that follows the first 16 bytes in version 2, addresses and TLVs, unread. Empty in version 1.</summary>
    public ReadOnlySpan<byte> Block { get; internal init; }

    /// <summary>The length of the whole header in bytes: payload begins there.</summary>
    public int Length { get; internal init; }

    /// <summary>
    /// Whether <see cref="Source"/> and <see cref="Destination"/> are said, that is, whether <see cref="AddressFamily"/> is IPv4 or IPv6.
    /// If not, the connection's own ends hold (LOCAL, UNKNOWN, UNSPEC), or the addresses are UNIX paths.
    /// </summary>
    public bool HasInetAddresses => Source.Family != EndPointFamily.Unspecified;
}
