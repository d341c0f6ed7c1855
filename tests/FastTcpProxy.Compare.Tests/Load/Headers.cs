using System.Globalization;
using System.Text;
using FastTcpProxy.Compare.Load;

namespace FastTcpProxy.Compare.Tests.Load;

/// <summary>Right PROXY headers of a client on loopback, from port 40,000.</summary>
internal static class Headers
{
    public static byte[] Of(HeaderKind kind, int port) => kind == HeaderKind.V1 ? V1(port) : V2(port);

    public static byte[] V1(int port) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"PROXY TCP4 127.0.0.1 127.0.0.1 40000 {port}\r\n"));

    public static byte[] V2(int port) =>
        [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0, 12, 127, 0, 0, 1, 127, 0, 0, 1, 0x9C, 0x40, (byte)(port >> 8), (byte)port];
}
