namespace FastTcpProxy.ProxyProtocol;

/// <summary>One type-length-value of a header (specification 2.2). It borrows the bytes of the header: valid while those are.</summary>
public readonly ref struct Tlv
{
    /// <summary>The bytes before the value: one of type, two of length.</summary>
    public const int HeaderLength = 3;

    internal Tlv(TlvType type, ReadOnlySpan<byte> value)
    {
        Type = type;
        Value = value;
    }

    /// <summary>What the value is. Any byte is possible: skip what you do not know.</summary>
    public TlvType Type { get; }

    /// <summary>The value, 0 to 65,532 bytes. What another machine wrote: escape it before it reaches a log.</summary>
    public ReadOnlySpan<byte> Value { get; }
}
