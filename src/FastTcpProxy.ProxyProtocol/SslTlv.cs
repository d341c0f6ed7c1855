using System.Buffers.Binary;

namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// The value of a <see cref="TlvType.Ssl"/> TLV (specification 2.2.6). It borrows the bytes of the header: valid while those are.
/// </summary>
public readonly ref struct SslTlv
{
    /// <summary>The bytes before the nested TLVs: one of flags, four of the result of the verification.</summary>
    public const int FixedLength = 5;

    private SslTlv(SslClientFlags client, uint verify, TlvReader subTlvs)
    {
        Client = client;
        Verify = verify;
        SubTlvs = subTlvs;
    }

    /// <summary>What the client did. Bits that are not defined are kept.</summary>
    public SslClientFlags Client { get; }

    /// <summary>0 when the client showed a certificate and it was verified.</summary>
    public uint Verify { get; }

    /// <summary>The nested TLVs: version, common name, cipher, algorithms.</summary>
    public TlvReader SubTlvs { get; }

    /// <summary>Reads the value of the TLV.</summary>
    /// <returns>False when it is shorter than 5 bytes, or when the nested TLVs do not end where it does. The decoder does not parse it, so
    /// this happens.</returns>
    public static bool TryParse(ReadOnlySpan<byte> value, out SslTlv ssl)
    {
        ssl = default;
        if (value.Length < FixedLength) return false;
        TlvReader subTlvs = new(value[FixedLength..]);
        if (!subTlvs.IsWellFormed) return false;
        ssl = new((SslClientFlags)value[0], BinaryPrimitives.ReadUInt32BigEndian(value[1..]), subTlvs);
        return true;
    }
}
