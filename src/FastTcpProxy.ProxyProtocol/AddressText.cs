namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// Addresses and ports from and to ASCII text, strictly, without allocation and without culture. Pure functions, any thread.
/// The framework's parser takes octal, hexadecimal and short forms of IPv4, zone ids and brackets: here these are errors.
/// </summary>
internal static class AddressText
{
    /// <summary>ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff.</summary>
    public const int MaxIPv6Length = 39;

    /// <summary>ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255, which is only ever read.</summary>
    public const int MaxIPv6InputLength = 45;

    /// <summary>255.255.255.255.</summary>
    public const int MaxIPv4Length = 15;

    /// <summary>65535.</summary>
    public const int MaxPortLength = 5;

    /// <summary>Reads four decimal numbers of 0 to 255 without leading zeros and exactly one dot between them.</summary>
    public static bool TryParseIPv4(ReadOnlySpan<byte> text, out uint address)
    {
        address = 0;
        if (text.Length is < 7 or > MaxIPv4Length) return false;
        int position = 0;
        uint result = 0;
        for (int part = 0; part < 4; part++)
        {
            if (part > 0)
            {
                if (position == text.Length || text[position] != '.') return false;
                position++;
            }

            int start = position;
            uint value = 0;
            while (position < text.Length && position - start < 3 && char.IsAsciiDigit((char)text[position]))
                value = value * 10 + text[position++] - '0';
            int digits = position - start;
            if (digits == 0 || value > 255 || (digits > 1 && text[start] == '0')) return false;
            result = result << 8 | value;
        }

        if (position != text.Length) return false;
        address = result;
        return true;
    }

    /// <summary>
    /// Reads the text forms of RFC 4291, section 2.2: groups of one to four hexadecimal digits, one <c>::</c> at most, a dotted tail.
    /// </summary>
    public static bool TryParseIPv6(ReadOnlySpan<byte> text, out ulong high, out ulong low)
    {
        high = low = 0;
        if (text.Length is < 2 or > MaxIPv6InputLength) return false;
        Span<ushort> groups = stackalloc ushort[8];
        int count = 0, gap = -1, position = 0;
        if (text[0] == ':')
        {
            if (text[1] != ':') return false;
            gap = 0;
            position = 2;
        }

        while (position < text.Length)
        {
            if (count == 8) return false;
            int start = position;
            int value = 0;
            while (position < text.Length && position - start < 4 && char.IsAsciiHexDigit((char)text[position]))
                value = value << 4 | HexValue(text[position++]);
            if (position == start) return false;
            if (position < text.Length && text[position] == '.')
            {
                if (count > 6 || !TryParseIPv4(text[start..], out uint tail)) return false;
                groups[count++] = (ushort)(tail >> 16);
                groups[count++] = (ushort)tail;
                break;
            }

            groups[count++] = (ushort)value;
            if (position == text.Length) break;
            if (text[position++] != ':' || position == text.Length) return false;
            if (text[position] != ':') continue;
            if (gap >= 0) return false;
            gap = count;
            position++;
        }

        // "::" stands for at least one group (RFC 4291, 2.2): eight written groups leave it no room.
        if (gap < 0 ? count != 8 : count > 7) return false;
        int zeros = 8 - count;
        for (int i = 0; i < 8; i++)
        {
            ushort group = gap < 0 || i < gap ? groups[i] : i < gap + zeros ? (ushort)0 : groups[i - zeros];
            if (i < 4) high = high << 16 | group;
            else low = low << 16 | group;
        }

        return true;
    }

    /// <summary>Reads a decimal number of 0 to 65535 without leading zeros.</summary>
    public static bool TryParsePort(ReadOnlySpan<byte> text, out ushort port)
    {
        port = 0;
        if (text.Length is 0 or > MaxPortLength || (text.Length > 1 && text[0] == '0')) return false;
        uint value = 0;
        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            value = value * 10 + digit - '0';
        }

        if (value > ushort.MaxValue) return false;
        port = (ushort)value;
        return true;
    }

    /// <summary>Writes at most <see cref="MaxIPv4Length"/> bytes; the destination must have them. Returns how many.</summary>
    public static int WriteIPv4(Span<byte> destination, uint address)
    {
        int length = WriteNumber(destination, address >> 24);
        destination[length++] = (byte)'.';
        length += WriteNumber(destination[length..], address >> 16 & 0xFF);
        destination[length++] = (byte)'.';
        length += WriteNumber(destination[length..], address >> 8 & 0xFF);
        destination[length++] = (byte)'.';
        return length + WriteNumber(destination[length..], address & 0xFF);
    }

    /// <summary>
    /// Writes at most <see cref="MaxIPv6Length"/> bytes; the destination must have them. Returns how many. The form is that of RFC 5952,
    /// section 4. All groups are hexadecimal, in mapped addresses too: version 1 of the header allows nothing else (specification 2.1).
    /// </summary>
    public static int WriteIPv6(Span<byte> destination, ulong high, ulong low)
    {
        (int gap, int gapLength) = LongestZeroRun(high, low);
        int length = 0;
        for (int i = 0; i < 8; i++)
        {
            if (i == gap)
            {
                destination[length++] = (byte)':';
                destination[length++] = (byte)':';
                i += gapLength - 1;
                continue;
            }

            if (i > 0 && i != gap + gapLength) destination[length++] = (byte)':';
            length += WriteHex(destination[length..], Group(high, low, i));
        }

        return length;
    }

    /// <summary>Writes at most five digits; the destination must have them. Returns how many.</summary>
    public static int WriteNumber(Span<byte> destination, uint value)
    {
        int length = value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 10000 ? 4 : 5;
        for (int i = length - 1; i >= 0; i--)
        {
            (value, uint digit) = Math.DivRem(value, 10);
            destination[i] = (byte)('0' + digit);
        }

        return length;
    }

    private static uint Group(ulong high, ulong low, int index) => (ushort)((index < 4 ? high : low) >> (3 - (index & 3)) * 16);

    // The first longest run of two or more zero groups (RFC 5952, 4.2). Without one the start is 8 and the length 1, so that neither
    // matches an index.
    private static (int Start, int Length) LongestZeroRun(ulong high, ulong low)
    {
        int best = 8, bestLength = 1, run = 0;
        for (int i = 0; i < 8; i++)
        {
            run = Group(high, low, i) == 0 ? run + 1 : 0;
            if (run <= bestLength) continue;
            bestLength = run;
            best = i - run + 1;
        }

        return (best, bestLength);
    }

    private static int WriteHex(Span<byte> destination, uint value)
    {
        int length = value < 0x10 ? 1 : value < 0x100 ? 2 : value < 0x1000 ? 3 : 4;
        for (int i = length - 1; i >= 0; i--, value >>= 4)
            destination[i] = "0123456789abcdef"u8[(int)(value & 0xF)];
        return length;
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
