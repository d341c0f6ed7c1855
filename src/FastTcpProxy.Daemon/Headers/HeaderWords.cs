using System.Text;
using System.Text.Unicode;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Headers;

/// <summary>The words for the fields of a header, the same in text and in JSON. Pure, any thread.</summary>
internal static class HeaderWords
{
    public static string Command(ProxyCommand command) => command == ProxyCommand.Local ? "LOCAL" : "PROXY";

    public static string Family(ProxyAddressFamily family) => family switch
    {
        ProxyAddressFamily.InterNetwork => "IPv4",
        ProxyAddressFamily.InterNetworkV6 => "IPv6",
        ProxyAddressFamily.Unix => "UNIX",
        _ => "unspecified",
    };

    public static string Transport(ProxyTransport transport) => transport switch
    {
        ProxyTransport.Stream => "stream",
        ProxyTransport.Datagram => "datagram",
        _ => "unspecified",
    };

    /// <summary>Null when the header names none.</summary>
    public static string? Source(in ProxyHeader header) => End(header, header.Source, header.UnixSource);

    /// <summary>Null when the header names none.</summary>
    public static string? Destination(in ProxyHeader header) => End(header, header.Destination, header.UnixDestination);

    /// <summary>The bytes as text when they are printable UTF-8, and something.</summary>
    public static bool TryReadText(ReadOnlySpan<byte> bytes, out string text)
    {
        text = "";
        if (bytes.IsEmpty || !Utf8.IsValid(bytes)) return false;
        text = Encoding.UTF8.GetString(bytes);
        return OneLine.Escape(text).Length == text.Length;
    }

    private static string? End(in ProxyHeader header, InetEndPoint inet, ReadOnlySpan<byte> unix) =>
        header.AddressFamily == ProxyAddressFamily.Unix ? "unix:" + OneLine.Escape(Encoding.UTF8.GetString(unix))
        : header.HasInetAddresses ? inet.ToString()
        : null;
}
