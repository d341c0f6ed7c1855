using System.Buffers.Binary;

namespace FastTcpProxy.ProxyProtocol;

/// <summary>The constants of version 2 (specification 2.2), shared by encoder and decoder. Immutable, any thread.</summary>
internal static class V2Format
{
    /// <summary>The signature, the version and command, the family and transport, and the length.</summary>
    public const int FixedLength = 16;

    /// <summary>The length of <see cref="Signature"/>.</summary>
    public const int SignatureLength = 12;

    /// <summary>Two IPv4 addresses and two ports.</summary>
    public const int IPv4BlockLength = 12;

    /// <summary>Two IPv6 addresses and two ports.</summary>
    public const int IPv6BlockLength = 36;

    /// <summary>Each of the two paths of a UNIX block.</summary>
    public const int UnixPathLength = 108;

    /// <summary>Two UNIX paths.</summary>
    public const int UnixBlockLength = 2 * UnixPathLength;

    /// <summary>The version, in the high half of the 13th byte.</summary>
    public const byte Version = 0x20;

    /// <summary>The 12 bytes that begin every header of version 2.</summary>
    public static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>The length of the whole header, from its first 16 bytes: 16 to 65,551.</summary>
    public static int TotalLength(ReadOnlySpan<byte> header) => FixedLength + BinaryPrimitives.ReadUInt16BigEndian(header[14..]);

    /// <summary>The length of the two addresses of a family in bytes.</summary>
    public static int AddressLength(ProxyAddressFamily family) => family switch
    {
        ProxyAddressFamily.InterNetwork => IPv4BlockLength,
        ProxyAddressFamily.InterNetworkV6 => IPv6BlockLength,
        ProxyAddressFamily.Unix => UnixBlockLength,
        _ => 0,
    };
}
