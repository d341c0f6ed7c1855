using System.Diagnostics.CodeAnalysis;

namespace FastTcpProxy.Control.Configuration;

/// <summary>Durations as the configuration writes them (<c>30s</c>, <c>5m</c>), for those who take them elsewhere. Pure, any thread.</summary>
public static class DurationText
{
    /// <summary>The duration of a text, or what was expected in place of it.</summary>
    /// <param name="text">A whole number and its unit: ms, s, m, h or d.</param>
    /// <param name="min">The shortest, inclusive.</param>
    /// <param name="max">The longest, inclusive.</param>
    /// <param name="value">The duration.</param>
    /// <param name="error">What is wrong with it and what was expected; null when it is right.</param>
    public static bool TryParse(string text, TimeSpan min, TimeSpan max, out TimeSpan value, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (new DurationKind(min, max).TryParse(text, out value, out ValueFault fault)) return true;
        string why = fault.Why is null ? "" : $" ({fault.Why})";
        error = $"{text}{why}: expected a duration from {Write(min)} to {Write(max)}, a whole number with its unit ms, s, m, h or d";
        return false;
    }

    /// <summary>The duration with the largest unit in which it is whole.</summary>
    public static string Write(TimeSpan value) => DurationKind.Write(value);
}
