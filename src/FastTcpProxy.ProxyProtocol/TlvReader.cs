using System.Buffers.Binary;

namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// A block of TLVs, to be walked with <c>foreach</c> and without allocation. It borrows the bytes of the header: valid while those are.
/// A block from a decoded header is well formed; over any other bytes the walk stops before the first TLV that reaches past the end.
/// </summary>
public readonly ref struct TlvReader
{
    /// <summary>Reads any bytes as a block, such as the value of a nested TLV.</summary>
    public TlvReader(ReadOnlySpan<byte> block) => Bytes = block;

    /// <summary>The block as it stands in the header, ready to be passed on.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Whether the block is nothing but whole TLVs. An empty one is.</summary>
    public bool IsWellFormed
    {
        get
        {
            Enumerator enumerator = GetEnumerator();
            while (enumerator.MoveNext()) { }
            return enumerator.Position == Bytes.Length;
        }
    }

    /// <summary>Finds the first TLV of a type.</summary>
    /// <returns>False, with an empty value, when there is none.</returns>
    public bool TryFind(TlvType type, out ReadOnlySpan<byte> value)
    {
        foreach (Tlv tlv in this)
        {
            if (tlv.Type != type) continue;
            value = tlv.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Begins a walk from the first TLV.</summary>
    public Enumerator GetEnumerator() => new(Bytes);

    /// <summary>One walk over a block.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _block;
        private int _start;

        internal Enumerator(ReadOnlySpan<byte> block) => _block = block;

        /// <summary>The TLV at hand. Only valid after <see cref="MoveNext"/> gave true.</summary>
        public readonly Tlv Current => new((TlvType)_block[_start], _block[(_start + Tlv.HeaderLength)..Position]);

        /// <summary>The end of the TLV at hand, counted from the beginning of the block.</summary>
        internal int Position { get; private set; }

        /// <summary>Goes to the next TLV. False at the end, and before a TLV that reaches past it.</summary>
        public bool MoveNext()
        {
            ReadOnlySpan<byte> rest = _block[Position..];
            if (rest.Length < Tlv.HeaderLength) return false;
            int length = Tlv.HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
            if (rest.Length < length) return false;
            _start = Position;
            Position += length;
            return true;
        }
    }
}
