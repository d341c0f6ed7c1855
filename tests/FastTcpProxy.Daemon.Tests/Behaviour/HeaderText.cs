using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// PROXY headers as a balancer or an upstream has them, written from the specification and not with the codec under test.
/// One character a byte. Pure; any thread.
/// </summary>
internal static class HeaderText
{
    public const string V2Signature = "\r\n\r\n\0\r\nQUIT\n";

    public const string V1Forwarded = "PROXY TCP4 192.0.2.1 198.51.100.1 1000 25\r\n";

    /// <summary>The same ends as <see cref="V1Forwarded"/>.</summary>
    public const string V2Forwarded = V2Signature + "\x21\x11\0\x0c" + V2Ends;

    public const string V2Ends = "\xc0\0\x02\x01\xc6\x33\x64\x01\x03\xe8\0\x19";

    public const string V2Local = V2Signature + "\x20\0\0\0";

    public static string V1(IPEndPoint source, IPEndPoint destination)
    {
        int family = source.AddressFamily == AddressFamily.InterNetwork ? 4 : 6;
        return $"PROXY TCP{family} {source.Address} {destination.Address} {source.Port} {destination.Port}\r\n";
    }

    public static string Of(byte[] bytes) => Encoding.Latin1.GetString(bytes);
}
