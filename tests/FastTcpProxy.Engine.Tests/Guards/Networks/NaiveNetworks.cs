using System.Net;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Networks;

/// <summary>
/// A table of networks that is plainly right: it looks at all entries, with the framework's networks and addresses. One thread.
/// </summary>
internal sealed class NaiveNetworks
{
    private readonly Dictionary<NetworkEntry, (uint Expires, IPNetwork Network)> _entries = [];

    public void Set(NetworkEntry entry)
    {
        IPAddress address = entry.Network.Address.ToIPEndPoint().Address;
        _entries[entry with { Expires = 0 }] = (entry.Expires, new IPNetwork(address, entry.Network.PrefixLength));
    }

    public bool Remove(NetworkEntry entry, uint now) =>
        _entries.Remove(entry with { Expires = 0 }, out (uint Expires, IPNetwork) removed) && removed.Expires > now;

    public void Replace(uint number, IEnumerable<NetworkEntry> entries)
    {
        foreach (NetworkEntry entry in _entries.Keys.Where(e => e.Number == number).ToArray()) _entries.Remove(entry);
        foreach (NetworkEntry entry in entries.OrderBy(e => e.Expires)) Set(entry);
    }

    public IEnumerable<NetworkEntry> Live(uint now) =>
        _entries.Where(e => e.Value.Expires > now).Select(e => e.Key with { Expires = e.Value.Expires });

    /// <summary>Those that contain the address.</summary>
    public IEnumerable<NetworkEntry> Covering(InetEndPoint end, uint now)
    {
        IPAddress address = end.ToIPEndPoint().Address;
        byte[] bytes = address.GetAddressBytes();
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        else if (IPNetwork.Parse("64:ff9b::/96").Contains(address)) address = new IPAddress(bytes[12..]);
        return _entries.Where(e => e.Value.Expires > now && e.Value.Network.BaseAddress.AddressFamily == address.AddressFamily
            && e.Value.Network.Contains(address)).Select(e => e.Key with { Expires = e.Value.Expires });
    }

    /// <summary>Those of which any may decide: of one network and one action, as several owners may have one.</summary>
    public NetworkEntry[] Deciding(InetEndPoint end, ushort service, uint now)
    {
        NetworkEntry[] covering = [.. Covering(end, now).Where(e => e.Service == 0 || e.Service == service)];
        NetworkAction action = covering.Any(e => e.Action == NetworkAction.Allow) ? NetworkAction.Allow : NetworkAction.Deny;
        NetworkEntry[] strongest = [.. covering.Where(e => e.Action == action)];
        return [.. strongest.Where(e => e.Network.PrefixLength == strongest.Max(s => s.Network.PrefixLength))];
    }
}
