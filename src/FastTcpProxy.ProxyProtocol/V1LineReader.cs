using System.Buffers;

namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// Goes once over a line of version 1, from left to right, and stops at the first byte that cannot be right or at the end of the bytes. So
/// the reported fault does not depend on how much of the line had arrived. On the stack of one decode. A read that gives false has set
/// <see cref="Error"/>, or needs more bytes.
/// </summary>
internal ref struct V1LineReader
{
    private static readonly SearchValues<byte> IPv4Characters = SearchValues.Create("0123456789."u8);
    private static readonly SearchValues<byte> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:."u8);
    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    private readonly ReadOnlySpan<byte> _line;

    public V1LineReader(ReadOnlySpan<byte> line, int position)
    {
        _line = line;
        Position = position;
    }

    /// <summary>The next byte to be read; the length of the header when all has been.</summary>
    public int Position { get; private set; }

    /// <summary>The first fault.</summary>
    public ProxyDecodeError Error { get; private set; }

    private readonly ReadOnlySpan<byte> Rest => _line[Position..];

    /// <summary>Reads the protocol and the space after it; after UNKNOWN the line may also end.</summary>
    public bool TryReadProtocol(out V1Protocol protocol)
    {
        protocol = V1Protocol.None;
        ReadOnlySpan<byte> rest = Rest;
        if (rest.IsEmpty) return false;
        if (rest[0] == ' ') return Fail(ProxyDecodeError.V1EmptyField);
        if (Begins(rest, "TCP4"u8)) protocol = V1Protocol.Tcp4;
        else if (Begins(rest, "TCP6"u8)) protocol = V1Protocol.Tcp6;
        else if (Begins(rest, "UNKNOWN"u8)) protocol = V1Protocol.Unknown;
        else return Fail(ProxyDecodeError.V1UnknownProtocol);

        int length = protocol == V1Protocol.Unknown ? "UNKNOWN"u8.Length : "TCP4"u8.Length;
        if (rest.Length <= length) return false;
        if (rest[length] is not ((byte)' ' or (byte)'\r' or (byte)'\n')) return Fail(ProxyDecodeError.V1UnknownProtocol);
        Position += length;
        return protocol == V1Protocol.Unknown || TryReadSpace();
    }

    /// <summary>Skips whatever UNKNOWN is followed by, up to and over CRLF.</summary>
    public bool TrySkipToEnd()
    {
        int end = Rest.IndexOfAny((byte)'\r', (byte)'\n');
        if (end < 0) return false;
        Position += end;
        return TryReadEnd();
    }

    /// <summary>Reads an address and the space after it. An IPv4 address comes in the low half.</summary>
    public bool TryReadAddress(bool ipv4, ProxyDecodeError fault, out ulong high, out ulong low)
    {
        high = low = 0;
        int length = FindEnd(
            ipv4 ? IPv4Characters : IPv6Characters, ipv4 ? AddressText.MaxIPv4Length : AddressText.MaxIPv6InputLength, fault);
        if (length < 0) return false;
        ReadOnlySpan<byte> text = Rest[..length];
        bool valid;
        if (ipv4)
        {
            valid = AddressText.TryParseIPv4(text, out uint address);
            low = address;
        }
        else
        {
            valid = AddressText.TryParseIPv6(text, out high, out low);
        }

        if (!valid) return Fail(fault);
        Position += length;
        return TryReadSpace();
    }

    /// <summary>Reads a port, and the space after it or the end of the line.</summary>
    public bool TryReadPort(ProxyDecodeError fault, bool last, out ushort port)
    {
        port = 0;
        int length = FindEnd(Digits, AddressText.MaxPortLength, fault);
        if (length < 0) return false;
        if (!AddressText.TryParsePort(Rest[..length], out port)) return Fail(fault);
        Position += length;
        return last ? TryReadEnd() : TryReadSpace();
    }

    // Whether the text begins with the word, as far as the text goes.
    private static bool Begins(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        int length = Math.Min(text.Length, word.Length);
        return text[..length].SequenceEqual(word[..length]);
    }

    // The length of the field that begins here and is ended by a space, CR or LF; negative when that is still to come or there is a fault.
    private int FindEnd(SearchValues<byte> allowed, int maxLength, ProxyDecodeError fault)
    {
        ReadOnlySpan<byte> rest = Rest;
        int length = rest.IndexOfAnyExcept(allowed);
        if ((length < 0 ? rest.Length : length) > maxLength)
        {
            Error = fault;
            return -1;
        }

        if (length < 0) return -1;
        if (rest[length] is not ((byte)' ' or (byte)'\r' or (byte)'\n')) Error = fault;
        else if (length == 0) Error = EmptyField(rest[0]);
        return Error == ProxyDecodeError.None ? length : -1;
    }

    private static ProxyDecodeError EmptyField(byte end) => end switch
    {
        (byte)' ' => ProxyDecodeError.V1EmptyField,
        (byte)'\r' => ProxyDecodeError.V1MissingField,
        _ => ProxyDecodeError.V1LoneLineFeed,
    };

    // Only called where a space, CR or LF has been seen.
    private bool TryReadSpace()
    {
        switch (_line[Position])
        {
            case (byte)' ':
                Position++;
                return true;
            case (byte)'\r':
                return Fail(ProxyDecodeError.V1MissingField);
            default:
                return Fail(ProxyDecodeError.V1LoneLineFeed);
        }
    }

    // Only called where a space, CR or LF has been seen.
    private bool TryReadEnd()
    {
        ReadOnlySpan<byte> rest = Rest;
        if (rest[0] == ' ') return Fail(ProxyDecodeError.V1TrailingData);
        if (rest[0] == '\n') return Fail(ProxyDecodeError.V1LoneLineFeed);
        if (rest.Length == 1) return false;
        if (rest[1] != '\n') return Fail(ProxyDecodeError.V1LoneCarriageReturn);
        Position += 2;
        return true;
    }

    private bool Fail(ProxyDecodeError error)
    {
        Error = error;
        return false;
    }
}
