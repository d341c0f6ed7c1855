namespace FastTcpProxy.Control.Health.Model;

/// <summary>What an answer, or its absence, says about the PROXY header before it.</summary>
public enum HeaderSign : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A header was sent, and the server seems not to expect one.</summary>
    Unwanted,

    /// <summary>No header was sent, and the server seems to expect one.</summary>
    Missing,
}

/// <summary>
/// The sign that the last probes of an upstream gave, and how many of them in a row. One alone says little: a server that is about to end
/// closes connections too. A pure value.
/// </summary>
/// <param name="Sign">The same for all of them.</param>
/// <param name="Probes">How many; 0 without a sign.</param>
public readonly record struct HeaderSigns(HeaderSign Sign, int Probes)
{
    /// <summary>From so many on it is worth telling.</summary>
    public const int ProbesMin = 3;

    public bool IsTelling => Probes >= ProbesMin;

    /// <summary>With one more probe.</summary>
    public HeaderSigns With(HeaderSign sign)
    {
        if (sign == HeaderSign.None) return default;
        return new HeaderSigns(sign, sign == Sign ? Math.Min(Probes, int.MaxValue - 1) + 1 : 1);
    }
}
