using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>A network in CIDR notation; an address alone is the network of that address. Immutable, any thread.</summary>
internal sealed class NetworkKind : TextKind<IPNetwork>
{
    public override string Expected => "a network such as \"10.0.0.0/8\" or \"2001:db8::/32\", or one address";

    public override IPNetwork Fallback => default;

    protected override string? Pattern =>
        $"^({Patterns.Ipv4}(/{Patterns.WholeNumber(0, 32)})?|{Patterns.Ipv6}(/{Patterns.WholeNumber(0, 128)})?)$";

    public override bool TryParse(string text, out IPNetwork value, out ValueFault fault)
    {
        value = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? text : text[..slash];
        string? why = AddressSyntax.ParseIp(host, out IPAddress address, out _);
        if (why is null && host.Contains('%', StringComparison.Ordinal))
            why = "a network names no interface";
        fault = ValueFault.Malformed(why);
        if (why is not null)
            return false;
        int width = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        int length = width;
        ReadOnlySpan<char> digits = text.AsSpan(slash + 1);
        if (slash >= 0 && (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0')
            || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out length)))
            fault = ValueFault.Malformed("the length of the prefix must follow the slash");
        else if (length > width)
            fault = ValueFault.OutOfRange($"the prefix has at most {width} bits");
        else if (ClearHostBits(address, length) is var cleared && !cleared.Equals(address))
            fault = ValueFault.Malformed($"the address has bits beyond the prefix, did you mean \"{cleared}/{length}\"?");
        else
            return Accept(new IPNetwork(address, length), out value);
        return false;
    }

    private static bool Accept(IPNetwork network, out IPNetwork value)
    {
        value = network;
        return true;
    }

    private static IPAddress ClearHostBits(IPAddress address, int length)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = length; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }
}
