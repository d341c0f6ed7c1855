namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// Reads PROXY protocol headers, version 1 and 2, strictly and incrementally. Pure functions without state or allocation, any thread. The
/// caller must know whether to expect a header: never guess it from the bytes (specification 2).
/// </summary>
public static partial class ProxyHeaderDecoder
{
    /// <summary>The shortest possible header in bytes, <c>PROXY UNKNOWN</c> and CRLF.</summary>
    private const int MinLength = 15;

    /// <summary>Reads the header at the beginning of a connection.</summary>
    /// <param name="received">
    /// All bytes of the connection so far, from its first one on; at most <see cref="ProxyHeaderEncoder.MaxV2Length"/> of them matter. More
    /// than the header is fine.
    /// </param>
    /// <param name="header">The header when the result is <see cref="ProxyDecodeStatus.Complete"/>. It borrows from
    /// <paramref name="received"/>.</param>
    /// <param name="error">The fault when the result is <see cref="ProxyDecodeStatus.Invalid"/>.</param>
    /// <returns>
    /// <see cref="ProxyDecodeStatus.Invalid"/> as soon as no further bytes can make it valid; only TLVs are judged when the header is
    /// whole. The outcome and the fault do not depend on how the bytes were split.
    /// </returns>
    public static ProxyDecodeStatus Decode(ReadOnlySpan<byte> received, out ProxyHeader header, out ProxyDecodeError error)
    {
        header = default;
        error = ProxyDecodeError.None;
        if (received.IsEmpty) return ProxyDecodeStatus.NeedMore;
        error = received[0] == V2Format.Signature[0] ? DecodeV2(received, out header) : DecodeV1(received, out header);
        if (error != ProxyDecodeError.None)
        {
            header = default;
            return ProxyDecodeStatus.Invalid;
        }

        return header.Length > 0 ? ProxyDecodeStatus.Complete : ProxyDecodeStatus.NeedMore;
    }

    /// <summary>
    /// The least length in bytes that a valid header can have when it begins with these bytes. A caller that looks ahead (MSG_PEEK) may
    /// consume up to that, counted from the first byte of the connection, and takes no payload. It is the exact length once the 16 bytes of
    /// version 2, or the LF of version 1, are there.
    /// </summary>
    /// <param name="received">All bytes of the connection so far.</param>
    /// <returns>0 when these bytes cannot begin a header.</returns>
    public static int GetMinLength(ReadOnlySpan<byte> received)
    {
        if (Decode(received, out ProxyHeader header, out _) is ProxyDecodeStatus.Invalid) return 0;
        if (header.Length > 0) return header.Length;
        if (received.IsEmpty) return MinLength;
        if (received[0] == V2Format.Signature[0])
            return received.Length < V2Format.FixedLength ? V2Format.FixedLength : V2Format.TotalLength(received);
        // Not whole, so CRLF is still to come, or LF alone after a CR.
        return Math.Max(MinLength, received.Length + (received[^1] == '\r' ? 1 : 2));
    }

    /// <summary>
    /// Verifies the CRC32C of a whole header of version 2 (specification 2.2.3). <see cref="Decode"/> has done so already for a PROXY
    /// header; it skips the block of LOCAL.
    /// </summary>
    /// <param name="header">The header; bytes after it are ignored.</param>
    /// <returns><see cref="Crc32COutcome.Absent"/> for whatever is no whole header of version 2 with readable TLVs.</returns>
    public static Crc32COutcome VerifyCrc32C(ReadOnlySpan<byte> header)
    {
        if (header.Length < V2Format.FixedLength || !header.StartsWith(V2Format.Signature)) return Crc32COutcome.Absent;
        int length = V2Format.TotalLength(header);
        int tlvOffset = V2Format.FixedLength + V2Format.AddressLength((ProxyAddressFamily)(header[13] >> 4));
        if (header.Length < length || tlvOffset > length) return Crc32COutcome.Absent;
        return InspectTlvs(header[..length], tlvOffset, out bool hasCrc32C) switch
        {
            ProxyDecodeError.V2Crc32CMismatch => Crc32COutcome.Mismatch,
            ProxyDecodeError.V2Crc32CLength or ProxyDecodeError.V2Crc32CDuplicate => Crc32COutcome.Malformed,
            ProxyDecodeError.V2TlvBounds => Crc32COutcome.Absent,
            _ => hasCrc32C ? Crc32COutcome.Match : Crc32COutcome.Absent,
        };
    }
}
