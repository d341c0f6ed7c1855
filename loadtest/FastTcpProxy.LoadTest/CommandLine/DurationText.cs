using System.Globalization;
using System.Text.RegularExpressions;

namespace FastTcpProxy.LoadTest.CommandLine;

/// <summary>Durations as the configuration writes them: a whole number and a unit. Pure.</summary>
internal static partial class DurationText
{
    /// <summary>250ms, 10s, 5m, 1h; null: it is none, or above a day.</summary>
    public static TimeSpan? Parse(string text)
    {
        Match match = Form().Match(text);
        if (!match.Success || !long.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            || number is 0 or > 86_400_000)
            return null;
        TimeSpan duration = match.Groups[2].Value switch
        {
            "ms" => TimeSpan.FromMilliseconds(number),
            "s" => TimeSpan.FromSeconds(number),
            "m" => TimeSpan.FromMinutes(number),
            _ => TimeSpan.FromHours(number),
        };
        return duration <= TimeSpan.FromDays(1) ? duration : null;
    }

    /// <summary>The shortest text that <see cref="Parse"/> reads as this.</summary>
    public static string Format(TimeSpan duration) => duration.TotalSeconds % 1 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0}s")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0}ms");

    [GeneratedRegex("^([0-9]{1,9})(ms|s|m|h)$")]
    private static partial Regex Form();
}
