namespace FastTcpProxy.Engine.Guards.Networks;

/// <summary>What an entry says of the addresses in its network.</summary>
public enum NetworkAction : byte
{
    /// <summary>They are refused, unless an entry allows them.</summary>
    Deny,

    /// <summary>They are served.</summary>
    Allow,
}

/// <summary>
/// One entry of a <see cref="NetworkTable"/>. Entries are the same when all but the expiry is: a file, an operator and a rule may each have
/// an entry for one network, for all services or for one, and each of these lives as long as it lives. A value, any thread.
/// </summary>
/// <param name="Network">Whom it means.</param>
/// <param name="Action">What it says of them.</param>
/// <param name="Number">Where its owner has what the table need not know: author, origin, comment. Entries may share one.</param>
/// <param name="Expires">From when on it says nothing, in the seconds of the clock by which the table is asked.</param>
/// <param name="Service">Of which service's clients it says it, by a number from 1 that the table's owner gives to services; or
/// <see cref="AllServices"/>.</param>
public readonly record struct NetworkEntry(Network Network, NetworkAction Action, uint Number, uint Expires = NetworkEntry.Never,
    ushort Service = NetworkEntry.AllServices)
{
    /// <summary>The <see cref="Service"/> of an entry that holds for the clients of every service.</summary>
    public const ushort AllServices = 0;

    /// <summary>The <see cref="Expires"/> of an entry that does not end by itself.</summary>
    public const uint Never = uint.MaxValue;

    /// <summary>Whether it says something at this second.</summary>
    public bool IsLive(uint now) => now < Expires;

    /// <summary>The order of entries in a table: by network, then by what tells those of one network apart.</summary>
    internal static int Compare(NetworkEntry left, NetworkEntry right)
    {
        int order = left.Network.CompareTo(right.Network);
        if (order != 0) return order;
        if (left.Number != right.Number) return left.Number.CompareTo(right.Number);
        return left.Service != right.Service
            ? left.Service.CompareTo(right.Service) : ((byte)left.Action).CompareTo((byte)right.Action);
    }
}
