using System.Globalization;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>How a duration is written, in a file and in messages: a whole number and a unit. Pure functions, any thread.</summary>
internal static class DurationText
{
    /// <summary>No time at all.</summary>
    public const string Zero = "0s";

    /// <summary>Each is a whole multiple of those before it.</summary>
    public static (string Name, long Milliseconds)[] Units { get; } = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
        ("d", 86_400_000)];

    /// <summary>The duration with the largest unit in which it is whole.</summary>
    public static string Write(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
            return Zero;
        long milliseconds = (long)value.TotalMilliseconds;
        (string name, long size) = Units.Last(entry => milliseconds % entry.Milliseconds == 0);
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / size}{name}");
    }
}
