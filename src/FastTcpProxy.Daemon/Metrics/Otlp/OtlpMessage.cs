using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace FastTcpProxy.Daemon.Metrics.Otlp;

/// <summary>
/// Writes the encoding of Protocol Buffers into a buffer of the array pool. The length of a message within another is written when it
/// ends, into room of a fixed width that was left for it, which the encoding allows. One thread at a time; it owns the buffer.
/// </summary>
internal sealed class OtlpMessage : IDisposable
{
    /// <summary>A variable-width number in four bytes holds 28 bits.</summary>
    private const int LengthBytes = 4;

    private const int VarintBytesMax = 10, BytesAtFirst = 64 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BytesAtFirst);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Takes back what was written from a place on.</summary>
    public void CutTo(int length) => Length = length;

    /// <summary>Begins a message within this one.</summary>
    /// <returns>Its place, for <see cref="End"/>.</returns>
    public int Begin(int field)
    {
        Key(field, WireType.Bytes);
        Reserve(LengthBytes);
        Length += LengthBytes;
        return Length;
    }

    public void End(int begin)
    {
        uint length = (uint)(Length - begin);
        Span<byte> room = _buffer.AsSpan(begin - LengthBytes, LengthBytes);
        for (int i = 0; i < LengthBytes; i++) room[i] = (byte)((length >> (7 * i)) & 0x7F | (i < LengthBytes - 1 ? 0x80u : 0));
    }

    public void Text(int field, string text)
    {
        int bytes = Encoding.UTF8.GetByteCount(text);
        Key(field, WireType.Bytes);
        Varint((ulong)bytes);
        Reserve(bytes);
        Length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(Length));
    }

    public void Number(int field, int value)
    {
        Key(field, WireType.Varint);
        Varint((ulong)value);
    }

    public void Fixed(int field, long value)
    {
        Key(field, WireType.Fixed64);
        Fixed(value);
    }

    public void Fixed(int field, double value) => Fixed(field, BitConverter.DoubleToInt64Bits(value));

    /// <summary>Begins a list of so many values, each by <see cref="Fixed(long)"/>.</summary>
    public void Packed(int field, int count)
    {
        Key(field, WireType.Bytes);
        Varint((ulong)count * sizeof(long));
    }

    public void Fixed(long value)
    {
        Reserve(sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(Length), value);
        Length += sizeof(long);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void Key(int field, WireType type) => Varint((uint)(field << 3) | (uint)type);

    private void Varint(ulong value)
    {
        Reserve(VarintBytesMax);
        for (; value >= 0x80; value >>= 7) _buffer[Length++] = (byte)(value | 0x80);
        _buffer[Length++] = (byte)value;
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - Length >= bytes) return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, Length + bytes));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
    }
}
