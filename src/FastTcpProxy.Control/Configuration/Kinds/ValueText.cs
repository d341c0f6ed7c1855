using System.Net;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// Values outside of a configuration, read as strictly as in one, so that a duration or an address is written the same everywhere. Each
/// gives null or what is wrong and what was expected. Pure functions, any thread.
/// </summary>
public static class ValueText
{
    /// <param name="min">Inclusive.</param>
    /// <param name="max">Inclusive.</param>
    public static string? ReadDuration(string text, TimeSpan min, TimeSpan max, out TimeSpan value) =>
        Read(new DurationKind(min, max), text, out value);

    /// <summary>The duration with the largest unit in which it is whole.</summary>
    public static string WriteDuration(TimeSpan value) => DurationText.Write(value);

    /// <summary>A network in CIDR notation; an address alone is the network of that address.</summary>
    public static string? ReadNetwork(string text, out IPNetwork value) => Read(new NetworkKind(), text, out value);

    /// <summary>An IPv4 or IPv6 address, without a port and without an interface.</summary>
    public static string? ReadAddress(string text, out IPAddress value)
    {
        ArgumentNullException.ThrowIfNull(text);
        string? why = AddressSyntax.ParseIp(text, out value, out _);
        if (why is null && text.Contains('%', StringComparison.Ordinal)) why = "a client names no interface";
        return why is null ? null : $"{Wording.Quote(text)}: {why}, expected an IPv4 or IPv6 address without a port";
    }

    private static string? Read<T>(TextKind<T> kind, string text, out T value)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (kind.TryParse(text, out value, out ValueFault fault)) return null;
        return $"{Wording.Quote(text)}{(fault.Why is { } why ? $": {why}" : "")}, expected {kind.Expected}";
    }
}
