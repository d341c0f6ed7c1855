using System.Text;

namespace FastTcpProxy.ProxyProtocol.Fuzz;

/// <summary>Valid headers of each form, for mutation to start from. Built once, then read only.</summary>
public static class Corpus
{
    /// <summary>Makes the headers anew, each followed by a few bytes of payload.</summary>
    public static List<byte[]> Create()
    {
        InetEndPoint ipv4 = InetEndPoint.FromIPv4(0xC0000201, 56324);
        InetEndPoint ipv6 = InetEndPoint.FromIPv6(UInt128.Parse("42540766411282592856903984951653826561"), 443);
        TlvWriter nested = new(new byte[64]);
        nested.TryAdd(TlvType.SslVersion, "TLSv1.3"u8);
        TlvWriter tlvs = new(new byte[256]);
        tlvs.TryAdd(TlvType.Authority, "mail.example"u8);
        tlvs.TryAdd(TlvType.UniqueId, "0123456789abcdef"u8);
        tlvs.TryAddSsl(SslClientFlags.Ssl, 0, nested.Bytes);
        tlvs.TryPadTo(128);

        List<byte[]> headers = [.. LinesV1().Select(line => Encoding.ASCII.GetBytes(line))];
        byte[] buffer = new byte[512];
        foreach (InetEndPoint target in new[] { ipv4, ipv6, default })
        {
            ProxyHeaderEncoder.TryWriteV2(buffer, ipv4, target, default, out int length);
            headers.Add(buffer[..length]);
            ProxyHeaderEncoder.TryWriteV2(buffer, ipv6, target, tlvs.Bytes, out length, ProxyTransport.Datagram);
            headers.Add(buffer[..length]);
            ProxyHeaderEncoder.TryWriteV2WithCrc32C(buffer, ipv4, target, tlvs.Bytes, out length);
            headers.Add(buffer[..length]);
        }

        ProxyHeaderEncoder.TryWriteV2Local(buffer, tlvs.Bytes, out int written);
        headers.Add(buffer[..written]);
        ProxyHeaderEncoder.TryWriteV2Unix(buffer, "/run/client"u8, "/run/server"u8, tlvs.Bytes, out written);
        headers.Add(buffer[..written]);
        return [.. headers.Select(header => (byte[])[.. header, .. "GET /"u8])];
    }

    private static string[] LinesV1() =>
    [
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n",
        "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
        "PROXY TCP6 2001:db8::1 ::ffff:198.51.100.2 1 0\r\n",
        "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
        "PROXY UNKNOWN\r\n",
        "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
    ];
}
