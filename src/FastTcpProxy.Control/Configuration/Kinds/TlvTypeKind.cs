using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>The type of a TLV by its name or number (PROXY protocol, section 2.2). Immutable, any thread.</summary>
internal sealed class TlvTypeKind : TextKind<byte>
{
    private const byte Crc32c = 0x03;
    private const byte Noop = 0x04;

    private static readonly (string Name, byte Type)[] Names =
        [("alpn", 0x01), ("authority", 0x02), ("unique-id", 0x05), ("ssl", 0x20), ("netns", 0x30)];

    public override string Expected => $"{Wording.Choice([.. Names.Select(entry => entry.Name)])}, or a type such as \"0xEA\"";

    public override byte Fallback => 0;

    protected override string? Pattern => $"^({string.Join('|', Names.Select(entry => entry.Name))}|0x(?!0[34])[0-9A-Fa-f]{{2}})$";

    public override bool TryParse(string text, out byte value, out ValueFault fault)
    {
        int index = Array.FindIndex(Names, entry => entry.Name == text);
        value = index < 0 ? (byte)0 : Names[index].Type;
        string? nearest = Spelling.Nearest(text, Names.Select(entry => entry.Name));
        fault = ValueFault.Malformed(nearest is null ? null : $"did you mean \"{nearest}\"?");
        if (index >= 0)
            return true;
        bool number = text.Length == 4 && text.StartsWith("0x", StringComparison.Ordinal)
            && byte.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        if (text == "crc32c" || (number && value == Crc32c))
            fault = ValueFault.Malformed("a checksum of another header is wrong in this one, set \"crc32c\": true for a new one");
        else if (text == "noop" || (number && value == Noop))
            fault = ValueFault.Malformed("padding is never passed on");
        else
            return number;
        return false;
    }

    protected override string Format(byte value) =>
        Array.Find(Names, entry => entry.Type == value).Name ?? string.Create(CultureInfo.InvariantCulture, $"0x{value:X2}");
}
