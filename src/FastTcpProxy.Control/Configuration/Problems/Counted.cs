using System.Globalization;

namespace FastTcpProxy.Control.Configuration.Problems;

/// <summary>A number with its noun, as messages write it. Pure, any thread.</summary>
public static class Counted
{
    /// <summary>"1 session", "2 sessions", "0 sessions".</summary>
    /// <param name="count">Not negative.</param>
    /// <param name="one">The noun for one of them.</param>
    /// <param name="many">The noun for any other number; null: <paramref name="one"/> with an s.</param>
    public static string Of(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many ?? one + "s")}");
}
