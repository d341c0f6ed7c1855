using System.Globalization;
using System.Net;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Networks;

/// <summary>Addresses, networks and entries as tests write them. Pure functions.</summary>
internal static class Texts
{
    /// <summary>An address as it stands, mapped ones as well.</summary>
    public static InetEndPoint End(string text)
    {
        byte[] bytes = IPAddress.Parse(text).GetAddressBytes();
        return bytes.Length == 4
            ? InetEndPoint.FromIPv4(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes), 443)
            : InetEndPoint.FromIPv6(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes), 443);
    }

    public static Network Net(string text) => text.Split('/') is [var address, var length]
        ? Network.Of(End(address), int.Parse(length, CultureInfo.InvariantCulture), out _)!.Value
        : Network.Of(End(text));

    public static NetworkEntry Deny(string network, uint number = 1, uint expires = NetworkEntry.Never, ushort service = 0) =>
        new(Net(network), NetworkAction.Deny, number, expires, service);

    public static NetworkEntry Allow(string network, uint number = 1, uint expires = NetworkEntry.Never, ushort service = 0) =>
        new(Net(network), NetworkAction.Allow, number, expires, service);

    /// <summary>The entry that decides on an address, of all services.</summary>
    public static bool TryFind(this NetworkTable table, InetEndPoint address, uint now, out NetworkEntry entry) =>
        table.TryFind(address, NetworkEntry.AllServices, now, out entry);

    /// <summary>What decides on an address: "deny 10.0.0.0/8 1", or "nothing".</summary>
    public static string Decision(this NetworkTable table, string address, uint now = 0, ushort service = 0) =>
        table.TryFind(End(address), service, now, out NetworkEntry entry) ? Text(entry) : "nothing";

    public static string Text(NetworkEntry entry)
    {
        string action = entry.Action == NetworkAction.Allow ? "allow" : "deny";
        return string.Create(CultureInfo.InvariantCulture, $"{action} {entry.Network} {entry.Number}");
    }
}
