using System.Buffers.Binary;

namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// Builds a block of TLVs in a buffer of the caller, without allocation, for the encoder's <c>tlvs</c>. One thread at a time.
/// Each <c>Try</c> either adds the whole TLV or leaves the block as it was.
/// </summary>
public ref struct TlvWriter
{
    /// <summary>
    /// The most that a block can hold, in bytes: all that the header's length field can say. Addresses come off it (specification 2.2).
    /// </summary>
    public const int MaxBlockLength = ushort.MaxValue;

    /// <summary>The most that a <see cref="TlvType.UniqueId"/> can hold, in bytes (specification 2.2.5).</summary>
    public const int MaxUniqueIdLength = 128;

    private readonly Span<byte> _buffer;

    /// <summary>
    /// Begins an empty block. The buffer stays the caller's; of a longer one than <see cref="MaxBlockLength"/> only that much is used.
    /// </summary>
    public TlvWriter(Span<byte> buffer) => _buffer = buffer.Length > MaxBlockLength ? buffer[..MaxBlockLength] : buffer;

    /// <summary>The bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>The block so far.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _buffer[..Length];

    /// <summary>Adds one TLV.</summary>
    /// <returns>
    /// False when it does not fit, when a UNIQUE_ID is over <see cref="MaxUniqueIdLength"/>, and for a CRC32C:
    /// that one is made by the encoder, over the finished header (<see cref="ProxyHeaderEncoder.TryAppendCrc32C"/>).
    /// </returns>
    public bool TryAdd(TlvType type, scoped ReadOnlySpan<byte> value)
    {
        if (type == TlvType.Crc32C || (type == TlvType.UniqueId && value.Length > MaxUniqueIdLength)) return false;
        if (!TryReserve(type, value.Length, out Span<byte> destination)) return false;
        value.CopyTo(destination);
        return true;
    }

    /// <summary>Adds the SSL TLV (specification 2.2.6).</summary>
    /// <param name="client">What the client did.</param>
    /// <param name="verify">0 when the client's certificate was verified, anything else otherwise.</param>
    /// <param name="subTlvs">The nested TLVs, built with their own writer.</param>
    /// <returns>False when it does not fit, or when the nested block is no block of TLVs.</returns>
    public bool TryAddSsl(SslClientFlags client, uint verify, scoped ReadOnlySpan<byte> subTlvs)
    {
        if (!new TlvReader(subTlvs).IsWellFormed) return false;
        if (!TryReserve(TlvType.Ssl, SslTlv.FixedLength + subTlvs.Length, out Span<byte> destination)) return false;
        destination[0] = (byte)client;
        BinaryPrimitives.WriteUInt32BigEndian(destination[1..], verify);
        subTlvs.CopyTo(destination[SslTlv.FixedLength..]);
        return true;
    }

    /// <summary>Adds a NOOP of zero bytes (specification 2.2.4).</summary>
    /// <param name="valueLength">The zero bytes after the three of type and length, 0 or more.</param>
    /// <returns>False when it does not fit, or when the length is negative.</returns>
    public bool TryAddNoop(int valueLength)
    {
        if (valueLength < 0 || !TryReserve(TlvType.Noop, valueLength, out Span<byte> destination)) return false;
        destination.Clear();
        return true;
    }

    /// <summary>Pads the block with one NOOP to an exact length in bytes.</summary>
    /// <returns>False when the block is longer already, when 1 or 2 bytes are missing (no TLV is that small), or when the buffer is too
    /// short.</returns>
    public bool TryPadTo(int blockLength) => blockLength == Length || TryAddNoop(blockLength - Length - Tlv.HeaderLength);

    private bool TryReserve(TlvType type, int valueLength, out Span<byte> value)
    {
        Span<byte> rest = _buffer[Length..];
        // The buffer ends at 65,535, so what fits it fits the TLV's own length field too.
        if (rest.Length - Tlv.HeaderLength < valueLength)
        {
            value = default;
            return false;
        }

        rest[0] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(rest[1..], (ushort)valueLength);
        value = rest.Slice(Tlv.HeaderLength, valueLength);
        Length += Tlv.HeaderLength + valueLength;
        return true;
    }
}
